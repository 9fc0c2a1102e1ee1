"""Figures on held-out pictures while training."""

import numpy as np
import torch
from torch import nn

from .boxes import iou
from .data import Picture, Pictures
from .deploy import Deployed, torch_finder
from .find import Find
from .trainer import Score

THRESHOLD = 0.5
"""At which a run is watched. The product's is chosen at the end."""


def best_overlaps(found: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """For each true box its overlap with the best found one, [n]."""
    if not len(found) or not len(boxes):
        return np.zeros(len(boxes))
    pairs = iou(torch.from_numpy(np.float32(boxes))[:, None], torch.from_numpy(np.float32(found[:, :4]))[None])
    return pairs.amax(1).double().numpy()


def mean_overlap(find: Find, frames: list[Picture], threshold: float, least: float = 0.4) -> tuple[float, float]:
    """Part of the labelled faces that are found (with at least `least`), and the mean overlap of those."""
    overlaps = np.concatenate([best_overlaps(find(frame.pixels, threshold), frame.boxes) for frame in frames])
    hit = overlaps >= least
    return float(hit.mean()), float(overlaps[hit].mean()) if hit.any() else 0.0


def watch(held_out: Pictures, device: str | torch.device = "cpu") -> Score:
    """`device`: where the network is."""

    def score(network: nn.Module) -> dict[str, float]:
        find = torch_finder(Deployed(network).eval(), device=device)
        recall, overlap = mean_overlap(find, held_out.frames, THRESHOLD)
        false = sum(len(find(picture.pixels, THRESHOLD)) for picture in held_out.empty)
        return {"recall": round(recall, 4), "iou": round(overlap, 4), "false": false}

    return score
