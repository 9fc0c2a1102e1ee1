"""
Mobile-FRNet (Li et al., "Joint Face Alignment and 3D Face Reconstruction with Efficient Convolution Neural Networks",
ICPR 2020): MobileNetV2 whose blocks see several scales at once and carry SGE, with an SE module after each layer.
"""

import torch
from torch import Tensor, nn

from .attention import SpatialGroupEnhance, SqueezeExcitation
from .blocks import ConvBlock
from .mobilenet_v2 import InvertedResidual, MobileNetV2

SCALES = 4


class MultiScaleDepthwise(nn.Module):
    """
    Depthwise 3x3 over `SCALES` groups of channels in hierarchical residual connection (Res2Net, Gao et al., 2019): each
    group after the first also receives the result of the one before, so its field of view is larger by one convolution. With a
    stride there is one depthwise 3x3 over all channels instead.
    """

    def __init__(self, channels: int, stride: int):
        super().__init__()
        width = channels // SCALES
        # With a stride a group is larger than the result that it would receive.
        self.first = ConvBlock(channels, channels, 3, stride, groups=channels) if stride > 1 else None
        self.convs = nn.ModuleList(
            [] if stride > 1 else [ConvBlock(width, width, 3, groups=width) for _ in range(SCALES)]
        )

    def forward(self, x: Tensor) -> Tensor:
        if self.first is not None:
            return self.first(x)
        results: list[Tensor] = []
        for conv, group in zip(self.convs, x.chunk(SCALES, 1)):
            results.append(conv(group + results[-1] if results else group))
        return torch.cat(results, 1)


class MobileBlock(InvertedResidual):
    """Inverted residual with multi-scale depthwise convolution and, with attention, SGE before the projection."""

    def __init__(self, inputs: int, outputs: int, stride: int, expansion: int, attention: bool):
        self.attention = attention
        super().__init__(inputs, outputs, stride, expansion)

    def make_spatial(self, channels: int, stride: int) -> nn.Module:
        multi_scale = MultiScaleDepthwise(channels, stride)
        return nn.Sequential(multi_scale, SpatialGroupEnhance()) if self.attention else multi_scale


class MobileFRNet(MobileNetV2):
    def __init__(self, outputs: int = 62, attention: bool = True):
        self.attention = attention
        super().__init__(outputs)

    def make_block(self, inputs: int, outputs: int, stride: int, expansion: int) -> nn.Module:
        return MobileBlock(inputs, outputs, stride, expansion, self.attention)

    def after_layer(self, channels: int) -> nn.Module:
        return SqueezeExcitation(channels) if self.attention else nn.Identity()
