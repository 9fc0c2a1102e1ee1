"""What cameras, compressors and light do to a picture. Batches [N,3,S,S], values 0..255."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from .veil import veil


def recolour(images: Tensor, generator: torch.Generator) -> Tensor:
    """Brightness, contrast, gain of each channel, saturation down to grey, gamma."""
    count = len(images)

    def factor(spread: float, channels: int = 1) -> Tensor:
        shape = (count, channels, 1, 1)
        return (torch.randn(shape, generator=generator, device=images.device) * spread).exp()

    mean = images.mean((1, 2, 3), keepdim=True)
    images = (images - mean) * factor(0.2) + mean * factor(0.2)
    images = images * factor(0.06, 3)
    grey = images.mean(1, keepdim=True)
    saturation = torch.rand((count, 1, 1, 1), generator=generator, device=images.device) * 1.6
    # One in six is grey.
    saturation = torch.where(saturation < 1.6 / 6, 0, saturation.clamp_max(1.4))
    images = (grey + (images - grey) * saturation).clamp(0, 255)
    return (images / 255).clamp_min(1e-4) ** factor(0.2) * 255


def occlude(images: Tensor, generator: torch.Generator, chance: float = 0.4) -> Tensor:
    """A rectangle of a plain random colour, or of the neighbour's picture, over some: hair, hands and glasses hide as much."""
    count, _, height, width = images.shape
    random = torch.rand(count, 8, generator=generator, device=images.device)
    half = 0.05 + 0.2 * random[:, :2]
    centre = random[:, 2:4]
    rows = (torch.arange(height, device=images.device) + 0.5) / height
    columns = (torch.arange(width, device=images.device) + 0.5) / width
    inside_x = (columns - centre[:, :1]).abs() < half[:, :1]
    inside_y = (rows - centre[:, 1:]).abs() < half[:, 1:]
    mask = (inside_y[:, :, None] & inside_x[:, None, :] & (random[:, 7] < chance)[:, None, None])[:, None]
    plain = (random[:, 4:7] * 255)[:, :, None, None].expand_as(images)
    other = torch.where((random[:, 7] < chance / 2)[:, None, None, None], plain, images.roll(1, 0))
    return torch.where(mask, other, images)


def coarsen(images: Tensor, host: torch.Generator, part: float = 0.25) -> Tensor:
    """A part of the batch loses resolution, as a small face enlarged. `host`: of the CPU."""
    count = max(1, round(part * len(images)))
    size = images.shape[-1]
    side = int(size * (0.25 + 0.5 * torch.rand((), generator=host).item()))
    small = F.interpolate(images[-count:], (side, side), mode="area")
    return torch.cat([images[:-count], F.interpolate(small, (size, size), mode="bilinear", align_corners=False)])


def motion_blur(images: Tensor, generator: torch.Generator, part: float = 0.125, taps: int = 9) -> Tensor:
    """A part of the batch is smeared along a random direction by up to `taps` pixels."""
    count = max(1, round(part * len(images)))
    random = torch.rand(2, count, generator=generator, device=images.device)
    angle, length = random[0] * math.pi, 1 + random[1] * (taps - 1)
    line = torch.linspace(-0.5, 0.5, taps * 2 + 1, device=images.device)
    x, y = (length * angle.cos())[:, None] * line, (length * angle.sin())[:, None] * line
    grid = torch.arange(taps, device=images.device) - taps // 2
    # Each point of the line adds a bilinear dot to the kernel.
    weight_x = (1 - (x[:, :, None] - grid).abs()).clamp_min(0)
    weight_y = (1 - (y[:, :, None] - grid).abs()).clamp_min(0)
    kernel = torch.einsum("npy,npx->nyx", weight_y, weight_x)
    kernel = (kernel / kernel.sum((1, 2), keepdim=True)).repeat_interleave(3, 0)[:, None]
    smeared = F.conv2d(images[:count].reshape(1, -1, *images.shape[2:]), kernel, padding=taps // 2, groups=3 * count)
    return torch.cat([smeared.reshape(count, *images.shape[1:]), images[count:]])


def add_noise(images: Tensor, generator: torch.Generator, part: float = 0.375, largest: float = 14.0) -> Tensor:
    """Gaussian noise of a random strength on a part of the batch."""
    first = len(images) // 4
    chosen = slice(first, first + max(1, round(part * len(images))))
    sigma = torch.rand(len(images[chosen]), 1, 1, 1, generator=generator, device=images.device) * largest
    noisy = images.clone()
    noisy[chosen] += sigma * torch.randn(images[chosen].shape, generator=generator, device=images.device)
    return noisy


def degrade(images: Tensor, generator: torch.Generator, host: torch.Generator) -> Tensor:
    """
    All of the above and veils, rounded and clamped as an 8-bit picture is. The batch is shuffled inside: parts are slices.
    `generator`: of the pictures' device; `host`: of the CPU.
    """
    order = torch.randperm(len(images), generator=generator, device=images.device)
    shuffled = motion_blur(coarsen(images[order], host), generator)
    shuffled = occlude(veil(shuffled, generator), generator)
    shuffled = add_noise(recolour(shuffled, generator), generator)
    restored = torch.empty_like(shuffled)
    restored[order] = shuffled
    return restored.clamp(0, 255).round()
