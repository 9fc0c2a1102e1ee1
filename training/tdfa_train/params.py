"""
Parameters [N,12+K+E] = camera 3x4 row-major, shape, expression, de-normalised, for a crop of 120x120 in the convention
of 3DDFA_V2: y up from the lower edge, x and z counted from 1. Everything here works in image coordinates instead (y down,
counted from 0, z towards the viewer), through `image_camera` and its inverse.
"""

import torch
from torch import Tensor

from .face_model import FaceModel

SIZE = 120
"""Side of the crop that parameters refer to, whatever size a network sees."""


def image_camera(params: Tensor) -> Tensor:
    """[N,3,4]: model to pixels of the 120x120 crop (x right, y down, z towards the viewer)."""
    # In place, number by number: a tensor made of numbers is a copy to the device, which is waited for.
    camera = params[:, :12].reshape(-1, 3, 4).clone()
    camera[:, 1] *= -1
    camera[:, 0, 3] -= 1
    camera[:, 1, 3] += SIZE
    return camera


def with_image_camera(params: Tensor, camera: Tensor) -> Tensor:
    """`params` with its camera replaced; inverse of `image_camera`."""
    camera = camera.clone()
    camera[:, 0, 3] += 1
    camera[:, 1, 3] -= SIZE
    camera[:, 1] *= -1
    return torch.cat([camera.reshape(-1, 12), params[:, 12:]], 1)


def faces(model: FaceModel, params: Tensor) -> Tensor:
    """[N,V,3] in model units, before the camera."""
    model.check(params)
    flat = model.basis.reshape(-1, params.shape[1] - 12)
    return model.mean + (params[:, 12:] @ flat.T).reshape(len(params), -1, 3)


def project(camera: Tensor, points: Tensor) -> Tensor:
    """[N,V,3] through cameras [N,3,4]."""
    return points @ camera[:, :, :3].transpose(1, 2) + camera[:, None, :, 3]


def decode(model: FaceModel, params: Tensor) -> Tensor:
    """Vertices [N,V,3] in pixels of the 120x120 crop."""
    return project(image_camera(params), faces(model, params))


def transform(camera: Tensor, affine: Tensor) -> Tensor:
    """Cameras after the picture was moved by similarities [N,2,3]; z scales along."""
    linear = torch.zeros(len(camera), 3, 3, dtype=camera.dtype, device=camera.device)
    linear[:, :2, :2] = affine[:, :, :2]
    linear[:, 2, 2] = torch.linalg.det(affine[:, :, :2].float()).abs().sqrt().to(camera.dtype)
    moved = linear @ camera
    moved[:, :2, 3] += affine[:, :, 2]
    return moved


def centre_depth(model: FaceModel, params: Tensor) -> Tensor:
    """
    Sets the z offset so that the mean z of the model's vertices is 0: a picture says nothing about it, and a network should
    not have to guess the labeller's choice.
    """
    params = params.clone()
    params[:, 11] -= decode(model, params)[:, :, 2].mean(1)
    return params


def yaw(params: Tensor) -> Tensor:
    """Radians, labels' convention R = Rx Ry Rz of 300W-LP: -asin(R02) of the nearest rotation."""
    u, _, vh = torch.linalg.svd(params[:, :12].reshape(-1, 3, 4)[:, :, :3].float())
    return -torch.asin((u @ vh)[:, 0, 2].clamp(-1, 1))
