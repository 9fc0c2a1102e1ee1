"""Landmark regression as a regulariser (3DDFA_V2, section 3.3)."""

from torch import Tensor

from ..face_model import FaceModel
from ..normalise import Normaliser
from ..params import SIZE, decode
from . import Loss


class LandmarkRegularised:
    """
    For a network with 2L outputs beyond the parameters, which regress the L landmarks' x and y directly: loss(parameters)
    + weight * mean squared landmark error, both in units of half a crop (about -1..1). Export drops the extra outputs.
    """

    def __init__(self, loss: Loss, model: FaceModel, normaliser: Normaliser, weight: float):
        self.loss = loss
        self.model = model.pick(model.landmarks)
        self.normaliser = normaliser
        self.weight = weight

    def __call__(self, predicted: Tensor, true: Tensor) -> Tensor:
        params, points = predicted[:, : true.shape[1]], predicted[:, true.shape[1] :]
        target = decode(self.model, self.normaliser.decode(true))[:, :, :2] / (SIZE / 2) - 1
        return self.loss(params, true) + self.weight * (points - target.flatten(1)).square().mean()
