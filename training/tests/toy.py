"""A face model and pictures made here, small enough to check by hand and to train on in seconds."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from tdfa_train.augment.pipeline import crop_camera
from tdfa_train.data.cache import write_cache
from tdfa_train.data.crop import CROP
from tdfa_train.data.lp300w import rotation
from tdfa_train.face_model import FaceModel
from tdfa_train.params import faces, project
from tdfa_train.shared import shared

COLUMNS, ROWS = 41, 41


def needs_shared(path: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shared(path) is None, reason=f"{path} is not in the shared folder (TDFA_SHARED)")


def toy_model() -> FaceModel:
    """A symmetric bump of 41 x 41 vertices, about 100 units wide; two shape and one expression component, mirror-symmetric."""
    x, y = torch.meshgrid(torch.linspace(-50, 50, COLUMNS), torch.linspace(-50, 50, ROWS), indexing="xy")
    z = 50 * torch.exp(-(x**2 + y**2) / 1800)
    mean = torch.stack([x, y, z], 2).reshape(-1, 3)
    zero = torch.zeros_like(mean[:, 0])
    wider = torch.stack([mean[:, 0] / 50, zero, zero], 1)
    longer = torch.stack([zero, mean[:, 1] / 50, zero], 1)
    deeper = torch.stack([zero, zero, mean[:, 2] / 50], 1)
    chosen = torch.linspace(0, len(mean) - 1, 68).long()
    return FaceModel(mean, torch.stack([wider, longer], 2), deeper[:, :, None], chosen)


def toy_params(count: int, seed: int = 0, size: float = 0.75) -> Tensor:
    """[n,15]: faces of about the size of the region, slightly turned."""
    generator = torch.Generator().manual_seed(seed)
    angles = torch.randn(count, 3, generator=generator) * 0.15
    camera = torch.zeros(count, 3, 4)
    for index, (pitch, yaw, roll) in enumerate(angles.double().numpy()):
        camera[index, :, :3] = torch.from_numpy(size * rotation(pitch, yaw, roll)).float()
    camera[:, :2, 3] = 60 + 3 * torch.randn(count, 2, generator=generator)
    return torch.cat([camera.reshape(count, 12), 3 * torch.randn(count, 3, generator=generator)], 1)


def toy_pictures(model: FaceModel, params: Tensor) -> np.ndarray:
    """[n,144,144,3] uint8: a dot of its own colour at each landmark, on grey."""
    points = project(crop_camera(params, torch.ones(len(params))), faces(model.pick(model.landmarks), params))[:, :, :2]
    line = torch.arange(CROP)
    near_x = torch.exp(-((line - points[:, :, :1]) ** 2) / 8)
    near_y = torch.exp(-((line - points[:, :, 1:]) ** 2) / 8)
    colour = torch.rand(points.shape[1], 3, generator=torch.Generator().manual_seed(1)) * 400 - 200
    pictures = 100 + torch.einsum("nly,nlx,lc->nyxc", near_y, near_x, colour)
    return pictures.clamp(0, 255).to(torch.uint8).numpy()


def toy_cache(folder: Path, count: int) -> Path:
    """A cache, and the model beside it as model.npz."""
    model, params = toy_model(), toy_params(count)
    write_cache(folder, toy_pictures(model, params), params.numpy())
    parts = {key: getattr(model, key).numpy() for key in ("mean", "shape", "expression", "landmarks")}
    np.savez(folder / "model.npz", **parts)
    return folder
