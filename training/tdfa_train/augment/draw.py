"""The random choices of a batch, made apart from their execution so that a clip's frames can share and vary them."""

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from .settings import AugmentSettings


@dataclass(frozen=True)
class Draw:
    """One entry a sample. Angles in radians."""

    mirror: Tensor  # [N] bool
    fill: Tensor  # [N] bool: put something into the black surround
    yaw: Tensor  # [N] turn of the head about its own vertical axis, away from the front
    pitch: Tensor  # [N] and about its horizontal axis
    turned: int  # how many are turned at all: the first ones. Not a mask, which the device would have to be asked for
    blink: Tensor  # [N,2] how far the left and the right eye are closed, 0..1
    roll: Tensor  # [N] in-plane rotation
    scale: Tensor  # [N] factor of the region's side
    shift: Tensor  # [N,2] of the region's centre as a part of its side

    def repeat(self, times: int) -> "Draw":
        tensors = {name: value.repeat_interleave(times, 0) for name, value in vars(self).items() if isinstance(value, Tensor)}
        return replace(self, turned=self.turned * times, **tensors)


def draw_stills(yaw: Tensor, settings: AugmentSettings, generator: torch.Generator) -> Draw:
    """`yaw` [N]: signed yaw of the pictures as they are, radians."""
    count, device = len(yaw), yaw.device

    def uniform(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=generator, device=device)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, device=device)

    turned = round(settings.profile * count)
    room = (math.radians(settings.largest_yaw) - yaw.abs()).clamp_min(0)
    # Away from the front only: the far side of a turned head is not in the picture.
    side = torch.where(yaw.abs() > math.radians(8), yaw.sign(), (uniform(count) < 0.5).float() * 2 - 1)
    wide = 1 + (uniform(count) < 0.125).float()
    return Draw(
        mirror=uniform(count) < settings.mirror,
        fill=uniform(count) < settings.background,
        yaw=side * room * uniform(count),
        pitch=math.radians(settings.pitch) * normal(count),
        turned=turned,
        blink=_blinks(_first(turned, yaw), settings.blink, generator) if settings.blink else torch.zeros(count, 2, device=device),
        roll=math.radians(settings.roll) * normal(count) * wide,
        scale=(settings.scale * normal(count)).exp(),
        shift=settings.shift * normal(count, 2),
    )


def _first(count: int, values: Tensor) -> Tensor:
    """[N] bool: which of the `values` [N] are the first `count`."""
    return torch.arange(len(values), device=values.device) < count


def _blinks(turned: Tensor, part: float, generator: torch.Generator) -> Tensor:
    """[N,2]: most often both eyes, one in five times a single one; half of them wholly closed."""
    random = torch.rand(4, len(turned), generator=generator, device=turned.device)
    closed = (0.4 + 1.2 * random[0]).clamp_max(1) * (turned & (random[1] < part))
    single = random[2] < 0.2
    left = closed * ~(single & (random[3] < 0.5))
    return torch.stack([left, closed * ~(single & (random[3] >= 0.5))], 1)


def draw_clips(yaw: Tensor, settings: AugmentSettings, generator: torch.Generator) -> Draw:
    """Each still becomes `clip_frames` consecutive entries that drift steadily: in the plane, in depth and out of the plane."""
    frames, count = settings.clip_frames, len(yaw)
    still = draw_stills(yaw, settings, generator).repeat(frames)
    turned = _first(still.turned, still.yaw)

    def drift(size: float, *shape: int) -> Tensor:
        """A constant velocity a clip, times the frame's number."""
        speed = torch.randn(count, *shape, generator=generator, device=yaw.device) * size
        time = torch.arange(frames, device=yaw.device, dtype=speed.dtype).reshape(1, frames, *[1] * len(shape))
        return (speed[:, None] * time).flatten(0, 1)

    return replace(
        still,
        yaw=torch.where(turned, still.yaw, 0) + drift(math.radians(1.5)),
        pitch=torch.where(turned, still.pitch, 0) + drift(math.radians(1.0)),
        turned=count * frames,
        roll=still.roll + drift(math.radians(1.5)),
        scale=still.scale * drift(0.01).exp(),
        shift=still.shift + drift(0.01, 2),
    )
