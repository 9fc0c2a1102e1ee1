"""What every training has in common: a network on its way, and the folder that it lives in."""

import math
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
        # On a GPU one kernel for all weights.
        fused = next(network.parameters()).is_cuda or None
        self.optimiser = torch.optim.AdamW(network.parameters(), config.learning_rate, weight_decay=config.weight_decay, fused=fused)
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

    def set_rate(self, step: int) -> None:
        """For the step of this number."""
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(self.config, step)

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
        # The moments alone: rate, decay and what suits the device are this run's own.
        self.optimiser.load_state_dict({**self.optimiser.state_dict(), "state": saved["optimiser"]["state"]})
        self.step, self.seconds, self.curve = saved["step"], saved["seconds"], saved["curve"]

    def _finite_figures(self, cost: float) -> dict[str, float]:
        """`figures`. :raises ValueError: when the run has diverged; its checkpoint would replace the last one of any use."""
        weights = [value for value in self.mean.network.state_dict().values() if value.is_floating_point()]
        if math.isfinite(cost) and math.isfinite(nn.utils.get_total_norm(weights).item()):
            figures = self.figures()
            if all(map(math.isfinite, figures.values())):
                return figures
        kept = f"the checkpoint of step {self.curve[-1]['step']} is kept" if self.curve else "there is no checkpoint yet"
        raise ValueError(
            f"Expected a finite cost, weights and figures but training has diverged by step {self.step} ({kept}): give the same command with a lower "
            "--learning-rate."
        )

    def run(self, until: int | None = None, validate_every: int = 500, report: Callable[[dict], None] = lambda point: None) -> None:
        """
        Trains to step `until` (default: all), or to the end of the look-ahead that it lies in, saving and validating on the way and at the
        end: where a run is stopped changes nothing of what comes of it.
        :raises ValueError: when training has diverged.
        """
        until = min(until or self.config.steps, self.config.steps)
        started, total, counted = time.monotonic(), 0.0, 0
        while self.step < until:
            before = self.step
            total += self.advance()
            counted += 1
            if self.step // validate_every > before // validate_every or self.step >= until:
                now = time.monotonic()
                self.seconds, started = self.seconds + now - started, now
                cost = float(total) / counted
                point = {"step": self.step, "loss": cost, "seconds": round(self.seconds, 1)}
                self.curve.append(point | self._finite_figures(cost))
                save_checkpoint(self.folder, self.state())
                report(self.curve[-1])
                started, total, counted = time.monotonic(), 0.0, 0
