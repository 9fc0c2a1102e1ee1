"""From each kind of training material to a cache."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from ..face_model import FaceModel
from ..params import SIZE, decode, transform, with_image_camera
from .cache import write_cache
from .crop import CROP, MARGIN, OFFSET, SCALE, cut, roi_from_points, widen
from .lp300w import LabelledImage, read_300w_lp
from .refine import refine
from .shared_crops import SharedCrops, read_shared_crops

PULL = 5.0
"""How hard refined labels are held to the teacher's: at 5, true points' NME falls from 3.9 to 1.8."""


def prepare_shared(source: Path, folder: Path, model: FaceModel) -> int:
    """`shared/training`: the teacher's parameters, refined to its mirrored mean and, where known, to the true points."""
    crops = read_shared_crops(source)
    write_cache(folder, crops.images(), _refined_labels(crops, model).numpy())
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


def prepare_300w_lp(source: Path, folder: Path, model: FaceModel, seed: int = 0) -> int:
    """300W-LP's layout: the labelled parameters, cut to the model's number of components; shuffled, but one photograph's side by side."""
    labels = list(read_300w_lp(source))
    if not labels:
        raise FileNotFoundError(f"Expected NAME.jpg beside NAME.mat under {source} but found none.")
    random = np.random.default_rng(seed)
    names, photos = np.unique([label.photo for label in labels], return_inverse=True)
    photos = random.permutation(len(names))[photos]
    order = np.lexsort([random.random(len(labels)), photos])
    labels = [labels[index] for index in order]
    rois = [roi_from_points(label.points.T - 1) for label in labels]
    params = np.stack([label_params(label, roi, model) for label, roi in zip(labels, rois)])

    def images() -> Iterator[np.ndarray]:
        return (cut(label.image(), widen(roi, MARGIN), CROP) for label, roi in zip(labels, rois))

    write_cache(folder, images(), params, photos[order])
    return len(labels)


def label_params(label: LabelledImage, roi: tuple[float, float, float, float], model: FaceModel) -> np.ndarray:
    """Parameters [12+K+E] of a 300W-LP label for `roi` seen at 120x120."""
    scale = SIZE / (roi[2] - roi[0])
    affine = torch.tensor([[[scale, 0, -roi[0] * scale], [0, scale, -roi[1] * scale]]], dtype=torch.float64)
    camera = transform(torch.from_numpy(label.camera[None]), affine)
    shape, expression = label.shape[: model.shape.shape[2]], label.expression[: model.expression.shape[2]]
    flat = torch.from_numpy(np.concatenate([np.zeros(12), shape, expression])[None])
    return with_image_camera(flat, camera)[0].numpy()
