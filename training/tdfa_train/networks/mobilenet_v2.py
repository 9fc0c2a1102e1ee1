"""MobileNetV2 (Sandler et al., 2018), the baseline of the Mobile-FRNet paper."""

from torch import Tensor, nn

from .blocks import ConvBlock, PooledHead, initialise

STEM = 32
LAST = 1280
# (expansion t, outputs c, blocks n, stride s of the first) of the seven layers; Mobile-FRNet has the same.
LAYERS = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]


class InvertedResidual(nn.Module):
    """1x1 expansion (none where t = 1), 3x3 depthwise, linear 1x1 projection; residual where the shape stays."""

    def __init__(self, inputs: int, outputs: int, stride: int, expansion: int):
        super().__init__()
        wide = inputs * expansion
        self.residual = stride == 1 and inputs == outputs
        self.expand = ConvBlock(inputs, wide) if expansion > 1 else nn.Identity()
        self.spatial = self.make_spatial(wide, stride)
        self.project = ConvBlock(wide, outputs, activate=False)

    def make_spatial(self, channels: int, stride: int) -> nn.Module:
        return ConvBlock(channels, channels, 3, stride, groups=channels)

    def forward(self, x: Tensor) -> Tensor:
        y = self.project(self.spatial(self.expand(x)))
        return x + y if self.residual else y


class MobileNetV2(nn.Module):
    def __init__(self, outputs: int = 62):
        super().__init__()
        channels = STEM
        layers: list[nn.Module] = [ConvBlock(3, STEM, 3, stride=2)]
        for expansion, wide, blocks, stride in LAYERS:
            for block in range(blocks):
                layers.append(self.make_block(channels, wide, stride if block == 0 else 1, expansion))
                channels = wide
            layers.append(self.after_layer(wide))
        layers += [ConvBlock(channels, LAST), self.after_layer(LAST)]
        self.features = nn.Sequential(*layers)
        self.head = PooledHead(LAST, outputs)
        initialise(self)

    def make_block(self, inputs: int, outputs: int, stride: int, expansion: int) -> nn.Module:
        return InvertedResidual(inputs, outputs, stride, expansion)

    def after_layer(self, channels: int) -> nn.Module:
        return nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.features(x))
