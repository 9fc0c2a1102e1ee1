"""From ICT-FaceKit and labelled crops to our face model and to labels for it."""

import os
import shutil
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..data.cache import IMAGES, LABELS, open_cache, write_labels
from ..face_model import FaceModel
from ..files import replacing
from ..params import decode, with_image_camera
from .chart import chart
from .fit import fit
from .grid import grid_triangles, make_grid
from .ict import read_ict
from .learn import LEARNED, learn
from .shapes import EXPRESSIONS, make_shapes

LEARN_FROM = 3000
NEUTRAL = 1 / 3
"""Part of the crops, those of least expression by their old labels, that teach the mean face."""


def build(cache: Path, old: FaceModel, output: Path) -> Path:
    """
    Writes `output` (.npz as `load_face_model` reads it, with triangles and names) and returns it. `cache` has labels for `old`.
    :raises ValueError: when it has too few, or of one expression.
    """
    targets, params = landmark_targets(cache, old)
    moved = params[:, 12 + old.shape.shape[2] :]
    strength = (moved / params[:, 12 + old.shape.shape[2] :].std(0, correction=0)).norm(dim=1)[:LEARN_FROM]
    neutral = strength < strength.quantile(NEUTRAL)
    if len(targets) <= LEARNED or not neutral.any():
        raise ValueError(f"Expected more than {LEARNED} crops of different expressions in {cache} to learn a face model from.")
    face = read_ict()
    grid = make_grid(chart(face), face.triangles, face.landmarks)
    shapes = learn(make_shapes(face, grid), targets[:LEARN_FROM], neutral)
    with replacing(output) as temporary, temporary.open("wb") as file:
        np.savez(
            file, mean=shapes.mean.astype(np.float32), shape=shapes.identity.transpose(1, 2, 0).astype(np.float32),
            expression=shapes.expression.transpose(1, 2, 0).astype(np.float32), landmarks=shapes.landmarks,
            triangles=grid_triangles().astype(np.uint32), expression_names=np.array(EXPRESSIONS),
        )  # fmt: skip
    return output


def landmark_targets(cache: Path, old: FaceModel) -> tuple[Tensor, Tensor]:
    """Landmarks [n,68,3] of the old labels, pixels of the 120x120 crop, y up, float64; and those labels."""
    params = torch.from_numpy(open_cache(cache).params)
    points = decode(old.pick(old.landmarks), params).double()
    points[..., 1] *= -1
    return points, params


def relabel(cache: Path, old: FaceModel, new: FaceModel, folder: Path) -> Tensor:
    """A cache of the same crops with parameters of the new model. Returns each crop's mean error at the landmarks, pixels."""
    targets, _ = landmark_targets(cache, old)
    mean, basis = new.mean[new.landmarks].double(), new.basis[new.landmarks].permute(2, 0, 1).double()
    identities = new.shape.shape[2]
    params, errors = [], []
    for part in targets.split(1024):
        found = fit(mean, basis, identities, part)
        errors.append((found.points(mean, basis) - part)[..., :2].norm(dim=2).mean(1))
        linear = found.scale[:, None, None] * found.rotation
        camera = torch.cat([linear, found.translation[:, :, None]], 2)
        # Our fit counts y upwards from the picture's upper edge; image cameras count it downwards.
        camera[:, 1] *= -1
        empty = torch.zeros(len(part), 12, dtype=torch.float64)
        params.append(with_image_camera(torch.cat([empty, found.coefficients], 1), camera).float())
    labelled = open_cache(cache)
    with replacing(folder / IMAGES) as temporary:
        try:
            os.link(cache / IMAGES, temporary)
        except OSError:  # Another file system.
            shutil.copyfile(cache / IMAGES, temporary)
        (folder / LABELS).unlink(missing_ok=True)
    write_labels(folder, torch.cat(params).numpy(), labelled.content, labelled.photos, labelled.ratios, new.fingerprint())
    return torch.cat(errors)
