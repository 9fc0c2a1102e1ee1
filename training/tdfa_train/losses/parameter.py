"""Costs in the space of parameters."""

import torch
from torch import Tensor

from ..face_model import FaceModel
from ..normalise import Normaliser
from ..params import faces


class ParameterDistance:
    """PDC: mean squared difference of the normalised parameters."""

    def __call__(self, predicted: Tensor, true: Tensor) -> Tensor:
        return (predicted - true).square().mean()


class WeightedParameterDistance:
    """
    WPDC (Zhu et al., 2016): squared differences of the normalised parameters, weighted by how far the vertices would move if
    that parameter alone had the predicted value, over the largest weight of the sample. Weights carry no gradient.

    A movement is linear in its parameter, so no mesh is projected: a camera entry moves all vertices by the norm of one
    coordinate of the true face; a coefficient moves them by camera x basis vector. `fast` (fWPDC, 3DDFA_V2 section 3.2)
    takes the camera as a scaled rotation, under which the basis vector's norm just scales.
    """

    def __init__(self, model: FaceModel, normaliser: Normaliser, fast: bool = False):
        self.model = model
        self.normaliser = normaliser
        self.fast = fast
        basis = model.basis
        # [P,3,3]: sums over vertices of basis x basis^T; |R W_j|^2 = trace(R G_j R^T).
        self.gram = torch.einsum("vik,vjk->kij", basis, basis)

    def __call__(self, predicted: Tensor, true: Tensor) -> Tensor:
        weights = self.weights(predicted.detach(), true)
        weights = weights / weights.amax(1, keepdim=True).clamp_min(1e-12)
        return (weights * (predicted - true).square()).mean()

    def weights(self, predicted: Tensor, true: Tensor) -> Tensor:
        """[N,P] movement of all vertices together (root of the sum of squares), in pixels of the 120x120 crop."""
        params = self.normaliser.decode(true)
        change = ((predicted - true) * self.normaliser.deviation).abs()
        return change * torch.cat([self._camera(params), self._coefficients(params)], 1)

    def _camera(self, params: Tensor) -> Tensor:
        face = faces(self.model, params)
        axes = face.square().sum(1).sqrt()
        row = torch.cat([axes, torch.full_like(axes[:, :1], face.shape[1] ** 0.5)], 1)
        return row.repeat(1, 3)

    def _coefficients(self, params: Tensor) -> Tensor:
        linear = params[:, :12].reshape(-1, 3, 4)[:, :, :3]
        squares = linear.transpose(1, 2) @ linear
        if self.fast:
            scale = squares.diagonal(dim1=1, dim2=2).mean(1, keepdim=True).sqrt()
            return scale * self.gram.diagonal(dim1=1, dim2=2).sum(1).sqrt()
        return torch.einsum("nij,kij->nk", squares, self.gram).clamp_min(0).sqrt()
