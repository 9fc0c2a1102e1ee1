"""Parameters and floating point operations of a network, by a stated rule."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .attention import SpatialGroupEnhance, SqueezeExcitation
from .mobilenet_v2 import InvertedResidual

# Operations an element of the output, for modules that work element by element. Batch norm: scale and shift. SE: pool
# and scale. SGE: pool, dot product (2), centre, square, divide, scale and shift (amortised over the group), scale.
ELEMENTWISE: dict[type[nn.Module], int] = {
    nn.BatchNorm2d: 2,
    nn.ReLU6: 1,
    SqueezeExcitation: 2,
    SpatialGroupEnhance: 4,
}


@dataclass(frozen=True)
class Count:
    parameters: int
    """Trainable numbers."""
    multiply_adds: int
    """Of the convolutions."""
    operations: int
    """Multiply-adds plus those of everything that works element by element, batch norm included."""


def count(network: nn.Module, size: int = 120) -> Count:
    """Counts for one picture of `size` x `size`."""
    sums = {"multiply_adds": 0, "elementwise": 0}

    def record(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        if isinstance(module, nn.Conv2d):
            sums["multiply_adds"] += output.numel() * module.weight[0].numel()
        if isinstance(module, InvertedResidual) and module.residual:
            sums["elementwise"] += output.numel()
        sums["elementwise"] += ELEMENTWISE.get(type(module), 0) * output.numel()

    hooks = [module.register_forward_hook(record) for module in network.modules()]
    was_training = network.training
    with torch.no_grad():
        network.eval()(torch.zeros(1, 3, size, size, device=next(network.parameters()).device))
    network.train(was_training)
    for hook in hooks:
        hook.remove()
    parameters = sum(parameter.numel() for parameter in network.parameters())
    return Count(parameters, sums["multiply_adds"], sums["multiply_adds"] + sums["elementwise"])
