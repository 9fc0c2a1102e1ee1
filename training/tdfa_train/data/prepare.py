"""From each kind of training material to a cache."""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from ..face_model import FaceModel
from ..params import SIZE, decode, transform, with_image_camera
from .cache import write_cache
from .crop import CROP, MARGIN, OFFSET, SCALE, Roi, cut, roi_from_points, widen
from .lp300w import LabelledImage, label_files, read_300w_lp
from .refine import refine
from .shared_crops import SharedCrops, read_shared_crops

PULL = 5.0
"""How hard refined labels are held to the teacher's: at 5, true points' NME falls from 3.9 to 1.8."""


def prepare_shared(source: Path, folder: Path, model: FaceModel) -> int:
    """`shared/training`: the teacher's parameters, refined to its mirrored mean and, where known, to the true points."""
    crops = read_shared_crops(source)
    write_cache(folder, crops.images(), _refined_labels(crops, model).numpy(), face=model.fingerprint())
    return len(crops)


def _refined_labels(crops: SharedCrops, model: FaceModel) -> torch.Tensor:
    teacher = torch.from_numpy(crops.params)
    landmarks = decode(model.pick(model.landmarks), teacher)
    points = torch.from_numpy(crops.points).transpose(1, 2).clone()
    weights = torch.ones_like(points)
    known = torch.from_numpy(crops.true_index.astype(np.int64))
    points[known, :, :2] = torch.from_numpy(crops.true_points).transpose(1, 2)
    # Depth of the teacher beside true x and y: a hint, no more.
    weights[known, :, 2] = 0.3
    points = (points - points.new_tensor([OFFSET, OFFSET, 0])) / SCALE
    points[..., 2] += (landmarks[..., 2] - points[..., 2]).mean(1, keepdim=True)
    parts = [
        refine(model, *batch, teacher.std(0), PULL)
        for batch in zip(teacher.split(1024), points.split(1024), weights.split(1024))
    ]
    return torch.cat(parts)


FARTHEST = 0.3 * SIZE / np.sqrt(2)
"""
Mean distance between the labelled points and those of the labelled parameters beyond which a label is senseless, pixels of the 120x120
crop: 0.3 of the face.
"""


def prepare_300w_lp(source: Path, folder: Path, model: FaceModel, seed: int = 0) -> int:
    """
    300W-LP's layout: the labelled parameters, cut to the model's number of components; shuffled, but one photograph's side by side.
    Senseless labels, of which one would spoil a training, and labels without a picture are passed by, and told on stderr.
    """
    made, passed = [], [f"{mat} has no picture {mat.stem}.jpg beside it" for mat in label_files(source) if not mat.with_suffix(".jpg").exists()]
    for label in read_300w_lp(source):
        try:
            made.append((label, *region_and_params(label, model)))
        except ValueError as problem:
            passed.append(f"{label.path.with_suffix('.mat')}: {problem}")
    if passed:
        print(f"{len(passed)} labels passed by, the first: {passed[0]}.", file=sys.stderr)
    if not made:
        raise FileNotFoundError(f"Expected NAME.jpg beside NAME.mat under {source} but found none that can be used.")
    random = np.random.default_rng(seed)
    names, photos = np.unique([label.photo for label, _, _ in made], return_inverse=True)
    photos = random.permutation(len(names))[photos]
    order = np.lexsort([random.random(len(made)), photos])
    made = [made[index] for index in order]

    def images() -> Iterator[np.ndarray]:
        return (cut(label.image(), widen(roi, MARGIN), CROP) for label, roi, _ in made)

    # What lies between pixels' middles and edges, which mirroring and rotation turn over, is of the photograph's pixels.
    ratios = np.array([CROP / MARGIN / (roi[2] - roi[0]) for _, roi, _ in made])
    write_cache(folder, images(), np.stack([params for _, _, params in made]), photos[order], ratios, model.fingerprint())
    return len(made)


def region_and_params(label: LabelledImage, model: FaceModel) -> tuple[Roi, np.ndarray]:
    """What the network sees of a labelled picture, and the parameters [12+K+E] there. :raises ValueError: when the label is senseless."""
    low, high, size = label.points.min(1), label.points.max(1), np.array(label.size)
    side = (high - low).max()
    if not (4 <= side <= 4 * size.max() and (high >= 1).all() and (low <= size).all()):
        raise ValueError(f"its points, from {low} to {high}, are those of no face in a picture of {size[0]} x {size[1]} pixels")
    roi = roi_from_points(label.points.T - 1)
    params = label_params(label, roi, model)
    found = decode(model.pick(model.landmarks), torch.from_numpy(params[None]).float())[0, :, :2].numpy()
    points = (label.points.T - 1 - roi[:2]) * SIZE / (roi[2] - roi[0])
    # Not "beyond": of what is no number either way.
    if not np.linalg.norm(found - points, axis=1).mean() <= FARTHEST:
        raise ValueError("its parameters do not give its points")
    return roi, params


def label_params(label: LabelledImage, roi: Roi, model: FaceModel) -> np.ndarray:
    """Parameters [12+K+E] of a 300W-LP label for `roi` seen at 120x120."""
    scale = SIZE / (roi[2] - roi[0])
    affine = torch.tensor([[[scale, 0, -roi[0] * scale], [0, scale, -roi[1] * scale]]], dtype=torch.float64)
    camera = transform(torch.from_numpy(label.camera[None]), affine)
    shape, expression = label.shape[: model.shape.shape[2]], label.expression[: model.expression.shape[2]]
    flat = torch.from_numpy(np.concatenate([np.zeros(12), shape, expression])[None])
    return with_image_camera(flat, camera)[0].numpy()
