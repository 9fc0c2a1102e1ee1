"""Batches for training. A batch depends on its number alone, so a run that was killed goes on as if it had not been."""

from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor

from ..pixels import to_planes
from .compose import compose, empty
from .config import DetectorConfig
from .data import Pictures
from .degrade import degrade


@dataclass(frozen=True)
class Batch:
    pictures: Tensor  # [N,3,S,S], -1..1
    boxes: Tensor  # [N,m,4]
    real: Tensor  # [N,m] bool; the rest is padding
    ignored: Tensor  # [N,k,4]

    def to(self, device: torch.device) -> "Batch":
        return Batch(*(getattr(self, entry.name).to(device) for entry in fields(self)))


def pad(lists: list[list[np.ndarray]]) -> tuple[Tensor, Tensor]:
    """Boxes of each picture as [N,m,4] with at least one place, and which of them are real."""
    longest = max(1, *(len(boxes) for boxes in lists))
    boxes, real = torch.zeros(len(lists), longest, 4), torch.zeros(len(lists), longest, dtype=torch.bool)
    for row, mine in enumerate(lists):
        if mine:
            boxes[row, : len(mine)] = torch.from_numpy(np.stack(mine))
            real[row, : len(mine)] = True
    return boxes, real


def is_large(config: DetectorConfig, number: int) -> bool:
    return config.large_every > 0 and number % config.large_every == config.large_every - 1


def make_batch(pictures: Pictures, config: DetectorConfig, number: int) -> Batch:
    random = np.random.default_rng((config.seed, number))
    side = config.large_side if is_large(config, number) else config.side
    count = max(2, round(config.batch * (config.side / side) ** 2))
    scenes = [compose(random, pictures, side) for _ in range(count)]
    pixels = np.stack([degrade(random, scene.pixels, scene.boxes) for scene in scenes])
    boxes, real = pad([scene.boxes for scene in scenes])
    ignored, _ = pad([scene.ignored for scene in scenes])
    return Batch(to_planes(torch.from_numpy(pixels)), boxes, real, ignored)


def make_candidates(pictures: Pictures, config: DetectorConfig, number: int) -> Tensor:
    """Pictures without a face [mined_from,3,S,S], for the network to choose from."""
    random = np.random.default_rng((config.seed, number, 1))
    scenes = [empty(random, pictures, config.side) for _ in range(config.mined_from)]
    return to_planes(torch.from_numpy(np.stack([degrade(random, scene.pixels, []) for scene in scenes])))


def add_empty(batch: Batch, extra: Tensor) -> Batch:
    """The batch and pictures [k,3,S,S] without a face."""

    def longer(values: Tensor) -> Tensor:
        return torch.cat([values, values.new_zeros(len(extra), *values.shape[1:])])

    return Batch(torch.cat([batch.pictures, extra]), longer(batch.boxes), longer(batch.real), longer(batch.ignored))
