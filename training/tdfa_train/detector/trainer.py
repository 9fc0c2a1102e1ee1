"""The training loop."""

import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

from ..checkpoint import FILE, load_checkpoint, save_checkpoint
from ..schedule import RunningMean, learning_rate
from .batches import Batch, add_empty, is_large, make_batch, make_candidates
from .boxes import make_cells
from .config import DetectorConfig
from .data import Pictures
from .loss import detector_loss
from .network import FACE, Detector, flatten

Score = Callable[[nn.Module], dict[str, float]]
"""Figures of a network on held-out pictures."""


class DetectorTrainer:
    """A run that lives in `folder`: made anew, or taken up from its checkpoint."""

    def __init__(self, config: DetectorConfig, pictures: Pictures, folder: Path, score: Score = lambda network: {}):
        self.config = config
        self.pictures = pictures
        self.folder = folder
        self.score = score
        torch.manual_seed(config.seed)
        self.network = Detector(config.channels).to(memory_format=torch.channels_last)
        self.optimiser = torch.optim.AdamW(self.network.parameters(), config.learning_rate, weight_decay=config.weight_decay)
        self.mean = RunningMean(self.network, config.ema)
        self.step = 0
        self.seconds = 0.0
        self.curve: list[dict[str, float]] = []
        if (folder / FILE).exists():
            self._restore(load_checkpoint(folder))

    def _restore(self, saved: dict) -> None:
        if saved["config"]["channels"] != self.config.channels:
            raise ValueError(f"Expected {saved['config']['channels']} channels, as {self.folder} holds, but received {self.config.channels}.")
        self.network.load_state_dict(saved["network"])
        self.mean.network.load_state_dict(saved["mean"])
        self.optimiser.load_state_dict(saved["optimiser"])
        self.step, self.seconds, self.curve = saved["step"], saved["seconds"], saved["curve"]

    def save(self) -> None:
        state = {key: getattr(self, key) for key in ("step", "seconds", "curve")}
        parts = {"network": self.network, "mean": self.mean.network, "optimiser": self.optimiser}
        states = {key: part.state_dict() for key, part in parts.items()}
        save_checkpoint(self.folder, {"config": self.config.to_dict(), **state, **states})

    def batch(self, number: int) -> Batch:
        """With the hardest of some pictures without a face, as the running mean of the weights sees them."""
        batch = make_batch(self.pictures, self.config, number)
        if self.config.mined == 0 or is_large(self.config, number):
            return batch
        candidates = make_candidates(self.pictures, self.config, number)
        with torch.no_grad():
            seen = flatten(self.mean.network(candidates.contiguous(memory_format=torch.channels_last)))[..., FACE].amax(1)
        return add_empty(batch, candidates[seen.topk(self.config.mined).indices])

    def train_on(self, batch: Batch) -> Tensor:
        """One step; the cost before it."""
        self.network.train()
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(self.config, self.step)
        raw = flatten(self.network(batch.pictures.contiguous(memory_format=torch.channels_last)))
        cells = make_cells(batch.pictures.shape[3], batch.pictures.shape[2])
        cost = detector_loss(raw, cells, batch.boxes, batch.real, batch.ignored, self.config.box_weight)
        self.optimiser.zero_grad(set_to_none=True)
        cost.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 10.0)
        self.optimiser.step()
        self.step += 1
        self.mean.update(self.network, self.step)
        return cost.detach()

    def run(self, until: int | None = None, validate_every: int = 500, report: Callable[[dict], None] = lambda point: None) -> None:
        """Trains to step `until` (default: all), saving and scoring on the way and at the end."""
        until = min(until or self.config.steps, self.config.steps)
        started, costs = time.monotonic(), []
        while self.step < until:
            costs.append(self.train_on(self.batch(self.step)).item())
            if self.step % validate_every == 0 or self.step >= until:
                now = time.monotonic()
                self.seconds, started = self.seconds + now - started, now
                point = {"step": self.step, "loss": sum(costs) / len(costs), "seconds": round(self.seconds, 1)}
                self.curve.append(point | self.score(self.mean.network))
                self.save()
                report(self.curve[-1])
                started, costs = time.monotonic(), []
