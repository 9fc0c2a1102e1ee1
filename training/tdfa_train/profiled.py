"""Held-out crops with their heads turned in 3D: the only pictures with known points at every yaw, though only geometry judges them."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from .augment.draw import draw_stills
from .augment.pipeline import Augmenter
from .augment.settings import AugmentSettings
from .data.cache import Cache, open_cache, split
from .deploy import Regressor
from .evaluate import by_yaw
from .face_model import FaceModel
from .params import SIZE, decode, yaw


HELD_OUT = 512
"""Crops at the cache's end, which training never sees."""


@dataclass(frozen=True)
class Profiled:
    crops: np.ndarray  # [n,120,120,3] uint8
    truth: np.ndarray  # [n,68,2] pixels of the crop
    yaw: np.ndarray  # [n] degrees, absolute


def open_profiled(cache: Path, held_out: int = HELD_OUT) -> Cache:
    """
    The crops, of a cache, that a training which held out `held_out` never saw; HELD_OUT at most.
    :raises ValueError: when there are none.
    """
    if held_out == 0:
        raise ValueError("Expected a run that held crops out for --profiled but this one trains on all: leave --profiled out.")
    return split(open_cache(cache), min(held_out, HELD_OUT))[1]


def make_profiled(kept: Cache, model: FaceModel) -> Profiled:
    """From crops that training never sees (`open_profiled`); `model` is that of their labels."""
    model.check_fingerprint(kept.face, "the cache's labels")
    settings = AugmentSettings(profile=1, roll=0, scale=0, shift=0, background=0, mirror=0)
    augmenter = Augmenter(model, settings)
    points = model.pick(model.landmarks)
    crops, truth, angles = [], [], []
    for start in range(0, len(kept), 64):
        part = slice(start, start + 64)
        params, ratios = torch.from_numpy(kept.params[part]), torch.from_numpy(kept.ratios[part])
        pixels = torch.from_numpy(kept.images[part]).permute(0, 3, 1, 2).float()
        generator = torch.Generator().manual_seed(start)
        draw = draw_stills(yaw(params), settings, generator)
        pictures, labels = augmenter.move(pixels, params, ratios, replace(draw, pitch=torch.zeros_like(draw.pitch)), generator, SIZE)
        crops.append(pictures.round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).numpy())
        truth.append(decode(points, labels)[:, :, :2].numpy())
        angles.append(np.rad2deg(yaw(labels).abs().numpy()))
    return Profiled(np.concatenate(crops), np.concatenate(truth), np.concatenate(angles))


def profiled_errors(regress: Regressor, model: FaceModel, profiled: Profiled) -> dict[str, float]:
    """NME in percent by |yaw|; `model` is the regressor's."""
    found = decode(model.pick(model.landmarks), torch.from_numpy(regress(profiled.crops)))[:, :, :2].numpy()
    size = np.sqrt((profiled.truth.max(1) - profiled.truth.min(1)).prod(1))
    errors = 100 * np.linalg.norm(found - profiled.truth, axis=2).mean(1) / size
    return by_yaw(errors, profiled.yaw)
