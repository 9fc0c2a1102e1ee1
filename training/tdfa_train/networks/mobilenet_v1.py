"""MobileNetV1 (Howard et al., 2017) with a width factor; the network of 3DDFA and 3DDFA_V2 (factor 1 and 0.5)."""

from torch import Tensor, nn

from .blocks import ConvBlock, PooledHead, initialise

# (outputs at width 1, stride) of the 13 depthwise separable blocks.
BLOCKS = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1)]


class MobileNetV1(nn.Module):
    def __init__(self, width: float = 1.0, outputs: int = 62):
        super().__init__()
        channels = int(32 * width)
        layers: list[nn.Module] = [ConvBlock(3, channels, 3, stride=2)]
        for base, stride in BLOCKS:
            wide = int(base * width)
            layers += [ConvBlock(channels, channels, 3, stride, groups=channels), ConvBlock(channels, wide)]
            channels = wide
        self.features = nn.Sequential(*layers)
        self.head = PooledHead(channels, outputs)
        initialise(self)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.features(x))
