"""The numbers that a network gives: parameters with zero mean and unit deviation over the training distribution."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Normaliser:
    mean: Tensor  # [P]
    deviation: Tensor  # [P]

    @staticmethod
    def of(params: Tensor) -> "Normaliser":
        """From a sample [N,P] of the parameters that training will see."""
        return Normaliser(params.mean(0), params.std(0).clamp_min(1e-12))

    @staticmethod
    def load(saved: dict[str, Tensor], outputs: int) -> "Normaliser":
        """From a checkpoint. :raises ValueError: when it does not fit a network of so many outputs, of which the first are parameters."""
        mean, deviation = saved["mean"], saved["deviation"]
        if mean.ndim != 1 or mean.shape != deviation.shape or len(mean) > outputs:
            shapes = f"{list(mean.shape)} and {list(deviation.shape)}"
            raise ValueError(f"Expected a checkpoint whose normaliser has mean and deviation [P], P at most {outputs}, but they are {shapes}.")
        return Normaliser(mean, deviation)

    def to(self, device: torch.device) -> "Normaliser":
        return Normaliser(self.mean.to(device), self.deviation.to(device))

    def encode(self, params: Tensor) -> Tensor:
        return (params - self.mean) / self.deviation

    def decode(self, outputs: Tensor) -> Tensor:
        return outputs * self.deviation + self.mean
