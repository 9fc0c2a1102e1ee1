"""Learning rate over the steps, and the running mean of the weights."""

import copy

import torch
from torch import nn

from .config import RunConfig


def learning_rate(config: RunConfig, step: int) -> float:
    """Linear rise, constant, linear fall to zero."""
    rise = min(1.0, (step + 1) / max(1, config.warmup))
    fall = max(1.0, config.steps * config.decay)
    return config.learning_rate * min(rise, max(0.0, (config.steps - step) / fall), 1.0)


class RunningMean:
    """Exponential moving average of a network's weights and batch statistics; `network` is a copy that holds it."""

    def __init__(self, network: nn.Module, share: float):
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        self.share = share

    @torch.no_grad()
    def update(self, network: nn.Module, step: int, steps: int = 1) -> None:
        """`steps` that led to `step` since the last update."""
        # Short memory at first, or the fresh weights would linger for thousands of steps.
        share = min(self.share, (1 + step) / (10 + step)) ** steps
        mine, theirs = self.network.state_dict(), network.state_dict()
        moving = [key for key in mine if mine[key].is_floating_point()]
        torch._foreach_lerp_([mine[key] for key in moving], [theirs[key] for key in moving], 1 - share)
