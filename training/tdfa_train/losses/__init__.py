"""
Costs of predicted parameters. Each is a `Loss`: called with network outputs [N,P] and true parameters [N,P] (both
normalised), it gives a scalar.
"""

from collections.abc import Callable

from torch import Tensor

from ..face_model import FaceModel
from ..normalise import Normaliser
from .parameter import ParameterDistance, WeightedParameterDistance
from .vertex import VertexDistance, VertexWing

Loss = Callable[[Tensor, Tensor], Tensor]


class Sum:
    """Weighted sum of losses."""

    def __init__(self, *terms: tuple[float, Loss]):
        self.terms = terms

    def __call__(self, predicted: Tensor, true: Tensor) -> Tensor:
        return sum(weight * loss(predicted, true) for weight, loss in self.terms)


LOSSES = ("pdc", "wpdc", "fwpdc", "vdc", "wing", "frnet", "vertex")


def build_loss(name: str, model: FaceModel, normaliser: Normaliser) -> Loss:
    """
    `model`: the vertices that are compared, landmarks first. "frnet" is Mobile-FRNet's l1 WPDC + l2 Wing; "vertex", the
    default of the product's own networks, is Wing on vertices with a little PDC, which keeps what no vertex shows in bounds.
    """
    exact = WeightedParameterDistance(model, normaliser)
    fast = WeightedParameterDistance(model, normaliser, fast=True)
    wing = VertexWing(model, normaliser)
    made: dict[str, Loss] = {
        "pdc": ParameterDistance(),
        "wpdc": exact,
        "fwpdc": fast,
        "vdc": VertexDistance(model, normaliser),
        "wing": wing,
        "frnet": Sum((0.5, exact), (1.0, wing)),
        "vertex": Sum((1.0, wing), (0.2, ParameterDistance())),
    }
    if name not in made:
        raise ValueError(f"Expected one of {', '.join(LOSSES)} for loss but received {name}.")
    return made[name]
