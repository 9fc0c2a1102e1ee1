"""The network: depthwise separable units, three scales joined top-down, a small head on each. After YuNet (Wu, Peng, Yu 2023)."""

import torch.nn.functional as F
from torch import Tensor, cat, nn

STRIDES = (8, 16, 32)
OUTPUTS = tuple(f"{name}_{stride}" for name in ("cls", "obj", "bbox") for stride in STRIDES)
"""Of a deployed network, YuNet's as ours."""
FACE, OVERLAP = 0, 1
"""Channels of a head's output before its four box numbers."""


class Unit(nn.Sequential):
    """Pointwise, then depthwise 3x3. The last unit of a head has neither normalisation nor activation."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1, last: bool = False):
        super().__init__(
            nn.Conv2d(inputs, outputs, 1, bias=last),
            nn.Conv2d(outputs, outputs, 3, stride, 1, groups=outputs, bias=last),
            *([] if last else [nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)]),
        )


class Detector(nn.Module):
    """
    [N,3,H,W], sides multiples of 32, values about -1..1, to one [N,6,H/S,W/S] for each stride S: logits that the cell sees a
    face and of its box's overlap with the true one, then the box (see `boxes.decode`).
    """

    def __init__(self, channels: int = 64):
        super().__init__()
        half = channels // 2
        self.stem = nn.Sequential(nn.Conv2d(3, 16, 3, 2, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(inplace=True))
        self.early = nn.Sequential(Unit(16, half, 2), Unit(half, half))
        self.stages = nn.ModuleList(
            nn.Sequential(Unit(inputs, channels, 2), Unit(channels, channels), Unit(channels, channels))
            for inputs in (half, channels, channels)
        )
        self.joins = nn.ModuleList(Unit(channels, channels) for _ in STRIDES)
        self.heads = nn.ModuleList(nn.Sequential(Unit(channels, channels), Unit(channels, 6, last=True)) for _ in STRIDES)
        self._start_rare()

    def _start_rare(self) -> None:
        """Faces are rare among cells: start near a probability of 1 %, or the first steps only unlearn the half."""
        for head in self.heads:
            nn.init.constant_(head[-1][1].bias[FACE : FACE + 1], -4.6)

    def forward(self, pictures: Tensor) -> list[Tensor]:
        x = self.early(self.stem(pictures))
        levels = []
        for stage in self.stages:
            x = stage(x)
            levels.append(x)
        above = self.joins[2](levels[2])
        joined = [above]
        for index in (1, 0):
            above = self.joins[index](levels[index] + F.interpolate(above, scale_factor=2.0, mode="nearest"))
            joined.insert(0, above)
        return [head(level) for head, level in zip(self.heads, joined)]


def flatten(maps: list[Tensor]) -> Tensor:
    """The maps of all strides as [N, cells, 6], stride by stride, row by row."""
    return cat([level.flatten(2).transpose(1, 2) for level in maps], 1)
