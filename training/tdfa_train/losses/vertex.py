"""Costs in the space of vertices, in pixels of the 120x120 crop."""

import math

import torch
from torch import Tensor

from ..face_model import FaceModel
from ..normalise import Normaliser
from ..params import decode


def wing(difference: Tensor, omega: float = 10.0, epsilon: float = 2.0) -> Tensor:
    """
    Wing (Feng et al., CVPR 2018), element by element: omega ln(1 + |d| / epsilon) below omega, |d| - C above, with C so that
    both meet.
    """
    size = difference.abs()
    constant = omega - omega * math.log(1 + omega / epsilon)
    return torch.where(size < omega, omega * torch.log1p(size / epsilon), size - constant)


class VertexDistance:
    """VDC: mean squared distance of corresponding vertices."""

    def __init__(self, model: FaceModel, normaliser: Normaliser):
        self.model = model
        self.normaliser = normaliser

    def difference(self, predicted: Tensor, true: Tensor) -> Tensor:
        """[N,V,3]"""
        mine, theirs = (self.normaliser.decode(part) for part in (predicted, true))
        return decode(self.model, mine) - decode(self.model, theirs)

    def __call__(self, predicted: Tensor, true: Tensor) -> Tensor:
        return self.difference(predicted, true).square().sum(2).mean()


class VertexWing(VertexDistance):
    """Mean wing of the vertices' x, y and z; the landmarks (the model's first) weigh as much as all others together."""

    def __init__(self, model: FaceModel, normaliser: Normaliser, omega: float = 10.0, epsilon: float = 2.0):
        super().__init__(model, normaliser)
        self.omega = omega
        self.epsilon = epsilon

    def __call__(self, predicted: Tensor, true: Tensor) -> Tensor:
        cost = wing(self.difference(predicted, true), self.omega, self.epsilon)
        landmarks = len(self.model.landmarks)
        if landmarks == 0 or landmarks == cost.shape[1]:
            return cost.mean()
        return (cost[:, :landmarks].mean() + cost[:, landmarks:].mean()) / 2
