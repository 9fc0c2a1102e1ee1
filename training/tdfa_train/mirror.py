"""What a mirrored picture does to the parameters."""

import torch
from torch import Tensor

from .face_model import FaceModel


def mirrored_vertices(model: FaceModel, chosen: Tensor | None = None) -> Tensor:
    """For each vertex of `model`, or for those `chosen`, the nearest one to its mirror image in the mean face."""
    flipped = (model.mean if chosen is None else model.mean[chosen]) * model.mean.new_tensor([-1.0, 1.0, 1.0])
    return torch.cat([torch.cdist(part, model.mean).argmin(1) for part in flipped.split(2048)])


class Mirror:
    """
    The face in a mirrored picture, in the same basis: coefficients c become `matrix` c + `offset` and the face moves by
    `shift` c + `shift_offset`, the least-squares fit of the mirrored mesh (the Basel Face Model is nearly, not wholly,
    symmetric, and its plane of symmetry is not quite x = 0).
    """

    def __init__(self, model: FaceModel, vertices: int = 3000):
        device = model.mean.device
        # A GPU solves no least squares whose columns depend on each other, which a user's model may have.
        model = model.to("cpu")
        step = max(1, model.mean.shape[0] // vertices)
        every = torch.arange(0, model.mean.shape[0], step)
        chosen = torch.unique(torch.cat([model.landmarks, every]))
        partner = mirrored_vertices(model, chosen)
        sign = model.mean.new_tensor([-1.0, 1.0, 1.0])
        there = (model.basis[partner] * sign[:, None]).reshape(-1, model.basis.shape[2])
        offset = (model.mean[partner] * sign - model.mean[chosen]).reshape(-1, 1)
        here = model.basis[chosen].reshape(-1, model.basis.shape[2])
        translation = torch.eye(3).repeat(len(chosen), 1)
        known = torch.cat([here, translation], 1).double()
        # Columns differ by orders of magnitude (shape, expression, translation): scale them before solving.
        scale = known.norm(dim=0)
        solved = torch.linalg.lstsq(known / scale, torch.cat([there, offset], 1).double()).solution / scale[:, None]
        coefficients = here.shape[1]
        solved = solved.to(device, here.dtype)
        self.matrix, self.offset = solved[:coefficients, :-1], solved[:coefficients, -1]
        self.shift, self.shift_offset = solved[coefficients:, :-1], solved[coefficients:, -1]

    def __call__(self, params: Tensor, camera: Tensor, width: int) -> tuple[Tensor, Tensor]:
        """Parameters and image cameras [N,3,4] after the picture of `width` pixels was mirrored (x to width - 1 - x)."""
        flipped = camera.clone()
        flipped[:, :, 0] *= -1
        flipped[:, 0] *= -1
        flipped[:, 0, 3] += width - 1
        moved = params[:, 12:] @ self.shift.T + self.shift_offset
        flipped[:, :, 3] += (flipped[:, :, :3] @ moved[:, :, None])[:, :, 0]
        coefficients = params[:, 12:] @ self.matrix.T + self.offset
        return torch.cat([params[:, :12], coefficients], 1), flipped
