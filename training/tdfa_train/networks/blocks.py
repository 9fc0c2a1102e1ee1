"""Pieces that the networks share."""

from torch import Tensor, nn


class ConvBlock(nn.Sequential):
    """Convolution with 'same' padding, batch norm and, unless `activate` is false, ReLU6."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 1, stride: int = 1, groups: int = 1, activate: bool = True):
        layers: list[nn.Module] = [
            nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
            nn.BatchNorm2d(outputs),
        ]
        if activate:
            layers.append(nn.ReLU6(inplace=True))
        super().__init__(*layers)


class PooledHead(nn.Module):
    """Average pool, then a 1x1 convolution: [N,C,H,W] to [N,outputs]."""

    def __init__(self, channels: int, outputs: int):
        super().__init__()
        self.conv = nn.Conv2d(channels, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x.mean((2, 3), keepdim=True)).flatten(1)


def initialise(network: nn.Module) -> None:
    """He initialisation; the head starts near zero, which is the mean face where outputs are normalised."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    for module in network.modules():
        if isinstance(module, PooledHead):
            nn.init.normal_(module.conv.weight, std=0.01)
