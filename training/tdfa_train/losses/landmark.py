"""Landmark regression as a regulariser (3DDFA_V2, section 3.3)."""

from torch import Tensor

from ..face_model import FaceModel
from ..normalise import Normaliser
from ..params import SIZE, decode
from . import Loss


class LandmarkRegularised:
    """
    For a network with 2L outputs beyond the parameters, which regress the L landmarks' x and y directly, in half crops from the
    crop's middle (about -1..1): loss(parameters) + weight * |loss| / |error| * error, with the mean squared error of the landmarks. The
    ratio, which carries no gradient, makes the two equal in size whatever the loss counts in; with it the value is (1 + weight) times
    the loss. Export drops the extra outputs.
    """

    def __init__(self, loss: Loss, model: FaceModel, normaliser: Normaliser, weight: float):
        self.loss = loss
        self.model = model.pick(model.landmarks)
        self.normaliser = normaliser
        self.weight = weight

    def __call__(self, predicted: Tensor, true: Tensor) -> Tensor:
        params, points = predicted[:, : true.shape[1]], predicted[:, true.shape[1] :]
        target = decode(self.model, self.normaliser.decode(true))[:, :, :2] / (SIZE / 2) - 1
        cost, error = self.loss(params, true), (points - target.flatten(1)).square().mean()
        return cost + self.weight * (cost.detach() / error.detach().clamp_min(1e-6)) * error
