"""What every training has in common: a network on its way, and the folder that it lives in."""

import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

from .checkpoint import save_checkpoint
from .config import RunConfig
from .schedule import RunningMean, learning_rate


class TrainingRun:
    """
    `saved`: the checkpoint that it goes on from, if any. What a step is, and the figures on held-out pictures, is for those that
    inherit to say.
    """

    LARGEST_GRADIENT: float
    """Norm to which gradients are cut."""

    def __init__(self, config: RunConfig, folder: Path, network: nn.Module, saved: dict | None):
        self.config = config
        self.folder = folder
        self.network = network
        self.optimiser = torch.optim.AdamW(network.parameters(), config.learning_rate, weight_decay=config.weight_decay)
        self.mean = RunningMean(network, config.ema)
        self.step = 0
        self.seconds = 0.0
        self.curve: list[dict[str, float]] = []
        if saved:
            self._restore(saved)

    def advance(self) -> Tensor:
        """Trains for one step or more; the (last) cost, still on the device."""
        raise NotImplementedError

    def figures(self) -> dict[str, float]:
        """Of the running mean on held-out pictures."""
        raise NotImplementedError

    def set_rate(self) -> None:
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(self.config, self.step)

    def descend(self, cost: Tensor) -> None:
        self.optimiser.zero_grad(set_to_none=True)
        cost.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), self.LARGEST_GRADIENT)
        self.optimiser.step()

    def state(self) -> dict:
        """What is saved."""
        state = {key: getattr(self, key) for key in ("step", "seconds", "curve")}
        parts = {"network": self.network, "mean": self.mean.network, "optimiser": self.optimiser}
        return {"config": self.config.to_dict(), **state, **{key: part.state_dict() for key, part in parts.items()}}

    def _restore(self, saved: dict) -> None:
        shapes = [{key: value.shape for key, value in weights.items()} for weights in (saved["network"], self.network.state_dict())]
        if shapes[0] != shapes[1]:
            there, here = saved["config"], self.config.to_dict()
            others = [f"{key} {there[key]}, not {here[key]}" for key in there if there[key] != here[key]] or ["another face model"]
            raise ValueError(f"Expected the network that {self.folder} holds but received another one; it was begun with {'; '.join(others)}.")
        self.network.load_state_dict(saved["network"])
        self.mean.network.load_state_dict(saved["mean"])
        self.optimiser.load_state_dict(saved["optimiser"])
        self.step, self.seconds, self.curve = saved["step"], saved["seconds"], saved["curve"]

    def run(self, until: int | None = None, validate_every: int = 500, report: Callable[[dict], None] = lambda point: None) -> None:
        """Trains to step `until` (default: all), saving and validating on the way and at the end."""
        until = min(until or self.config.steps, self.config.steps)
        started, total, counted = time.monotonic(), 0.0, 0
        while self.step < until:
            before = self.step
            total += self.advance()
            counted += 1
            if self.step // validate_every > before // validate_every or self.step >= until:
                now = time.monotonic()
                self.seconds, started = self.seconds + now - started, now
                point = {"step": self.step, "loss": float(total) / counted, "seconds": round(self.seconds, 1)}
                self.curve.append(point | self.figures())
                save_checkpoint(self.folder, self.state())
                report(self.curve[-1])
                started, total, counted = time.monotonic(), 0.0, 0
