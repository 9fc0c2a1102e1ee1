"""Parameters adjusted to known points: where better points than the labeller's own exist, the labels should go through them."""

import torch
from torch import Tensor

from ..face_model import FaceModel
from ..params import faces, image_camera, project


def refine(
    model: FaceModel, params: Tensor, points: Tensor, weights: Tensor, deviation: Tensor, pull: float = 0.02, steps: int = 3
) -> Tensor:
    """
    Gauss-Newton on |landmarks - points|^2 (pixels of the 120x120 crop) + pull * |change / deviation|^2.

    `points` [N,68,3] with `weights` [N,68,3] (0: unknown; z is compared after its weighted mean is removed by the fit of the
    z offset itself), `deviation` [12+K+E] the spread of each parameter over the data.
    """
    sparse = model.pick(model.landmarks)
    start, result = params.double(), params.double()
    basis, mean = sparse.basis.double(), sparse.mean.double()
    target, weight, spread = points.double(), weights.double(), deviation.double()
    sparse = FaceModel(mean, basis, basis[:, :, :0], sparse.landmarks)
    for _ in range(steps):
        camera = image_camera(result)
        face = faces(sparse, result)
        residual = target - project(camera, face)
        jacobian = _jacobian(camera, face, basis)
        scaled = jacobian * spread
        weighted = scaled * weight.flatten(1)[:, :, None]
        normal = scaled.transpose(1, 2) @ weighted + pull * torch.eye(len(spread), dtype=torch.float64)
        right = weighted.transpose(1, 2) @ residual.flatten(1)[:, :, None]
        right = right[:, :, 0] + pull * (start - result) / spread
        result = result + torch.linalg.solve(normal, right) * spread
    return result.to(params)


def _jacobian(camera: Tensor, face: Tensor, basis: Tensor) -> Tensor:
    """[N,3L,12+K]: landmarks x y z (image coordinates) by parameters."""
    count, landmarks = face.shape[:2]
    with_one = torch.cat([face, torch.ones_like(face[..., :1])], 2)
    by_camera = torch.zeros(count, landmarks, 3, 12, dtype=face.dtype)
    for axis, sign in enumerate((1, -1, 1)):
        by_camera[:, :, axis, 4 * axis : 4 * axis + 4] = sign * with_one
    by_coefficient = torch.einsum("nij,ljk->nlik", camera[:, :, :3], basis)
    return torch.cat([by_camera, by_coefficient], 3).flatten(1, 2)
