"""Hair over a side of the face. Batches [N,3,H,W], values 0..255."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

CHOICES = 12
"""Random numbers that a veil's place, edge and colour take."""
STRANDS = 48


def veil(images: Tensor, generator: torch.Generator, chance: float = 0.3) -> Tensor:
    """
    Streaks of the picture's own colour near its upper border, or of any, with a wavy edge, over some of the pictures. Without
    it a network takes a face whose far eye is hidden for a profile.
    """
    count, device = len(images), images.device
    random = torch.rand(count, CHOICES, generator=generator, device=device)
    strands = torch.rand(count, 1, 1, STRANDS, generator=generator, device=device) * 2 - 1
    chosen = torch.rand(count, generator=generator, device=device) < chance
    tilt, side, swing, pace, phase, reach, edge, bend = random.T[:8, :, None, None]
    across, along = _frame(tilt, side, images)
    wave = (0.01 + 0.04 * swing) * torch.sin(along * (4 + 10 * pace) + 6.28 * phase)
    depth = across - 0.08 - 0.3 * reach + wave
    opacity = (depth * (20 + 120 * edge) + 0.5).clamp(0, 1)
    streaks = _streaks(strands, across + wave + 0.1 * (bend - 0.5) * along)
    hair = _colour(images, random[:, 8:])[:, :, None, None] * (1 + 0.5 * streaks)
    return torch.where(chosen[:, None, None, None], images + (hair - images) * opacity[:, None], images)


def _frame(tilt: Tensor, side: Tensor, images: Tensor) -> tuple[Tensor, Tensor]:
    """
    For each pixel its distance across the edge, into the hair, from the middle of the picture, and its place along the edge;
    both [N,H,W] as parts of the picture's side. Edges are mostly upright.
    """
    rows, columns = ((torch.arange(size, device=images.device) + 0.5) / size - 0.5 for size in images.shape[2:])
    angle = (tilt - 0.5) * 1.4 + math.pi * (side < 0.5)
    cos, sin = angle.cos(), angle.sin()
    return cos * columns + sin * rows[:, None], cos * rows[:, None] - sin * columns


def _streaks(strands: Tensor, place: Tensor) -> Tensor:
    """[N,1,H,W], -1..1: the strands [N,1,1,STRANDS] at places [N,H,W] across them."""
    grid = torch.stack([place * 1.4, torch.zeros_like(place)], 3)
    return F.grid_sample(strands, grid, padding_mode="reflection", align_corners=False)


def _colour(images: Tensor, random: Tensor) -> Tensor:
    """[N,3]: that of the uppermost eighth, darkened, or any that is not short of red. `random` [N,4]."""
    own = images[:, :, : images.shape[2] // 8].mean((2, 3)) * (0.3 + 0.7 * random[:, :1])
    return torch.where(random[:, 1:2] < 0.6, own, random[:, 1:] * 200)
