"""Learning rate over the steps, and the running mean of the weights."""

import copy

import torch
from torch import Tensor, nn

from .config import RunConfig


def learning_rate(config: RunConfig, step: int) -> float:
    """Linear rise, constant, linear fall to zero."""
    rise = min(1.0, (step + 1) / max(1, config.warmup))
    fall = max(1.0, config.steps * config.decay)
    return config.learning_rate * min(rise, max(0.0, (config.steps - step) / fall), 1.0)


class RunningMean:
    """Exponential moving average of the weights and batch statistics of `followed`; `network` is a copy that holds it."""

    def __init__(self, followed: nn.Module, share: float):
        self.network = copy.deepcopy(followed).eval().requires_grad_(False)
        self.share = share
        # Collected once: all modules are walked for them. Loading a state writes into these very tensors.
        self._mine, self._theirs = _moving(self.network), _moving(followed)

    @torch.no_grad()
    def update(self, step: int, steps: int = 1) -> None:
        """`steps` that led to `step` since the last update."""
        # Short memory at first, or the fresh weights would linger for thousands of steps.
        share = min(self.share, (1 + step) / (10 + step)) ** steps
        torch._foreach_lerp_(self._mine, self._theirs, 1 - share)


def _moving(network: nn.Module) -> list[Tensor]:
    """What changes in steps: not the batch norms' counts."""
    return [*network.parameters(), *(buffer for buffer in network.buffers() if buffer.is_floating_point())]
