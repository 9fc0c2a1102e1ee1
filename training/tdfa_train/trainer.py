"""The training loop."""

import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

from .augment.pipeline import Augmenter
from .batches import Batch, Batches
from .checkpoint import FILE, load_checkpoint, save_checkpoint
from .config import TrainConfig
from .data.cache import Cache, split
from .face_model import FaceModel
from .losses import Loss, build_loss
from .losses.landmark import LandmarkRegularised
from .losses.meta_joint import MetaJoint
from .losses.vertex import VertexDistance
from .networks import build_network
from .normalise import Normaliser
from .open_model.pack import read_features
from .schedule import RunningMean, learning_rate
from .validate import Validation

SAMPLE_STEPS = 30
"""Batches from which the mean and deviation of the parameters are taken."""


class Trainer:
    """
    A run that lives in `folder`: made anew, or taken up from its checkpoint. `half`: bfloat16 in the convolutions (weights,
    losses and optimiser stay float32). `initial`: a run, or a packed `.onnx`, whose features a new one starts from: the
    same network for this or another face model.
    """

    def __init__(self, config: TrainConfig, cache: Cache, model: FaceModel, folder: Path, device: str = "cpu", half: bool = False, initial: Path | None = None):
        self.config = config
        self.folder = folder
        self.device = torch.device(device)
        self.half = half
        model = model.to(self.device)
        training, held_out = split(cache, config.held_out)
        self.batches = Batches(training, Augmenter(model, config.augment), config, self.device)
        self.validation = Validation(held_out, model, config.image_size, self.device) if len(held_out) else None
        torch.manual_seed(config.seed)
        extra = 2 * len(model.landmarks) if config.landmark_weight else 0
        self.network = build_network(config.network, model.outputs + extra).to(self.device, memory_format=torch.channels_last)
        saved = load_checkpoint(folder, self.device) if (folder / FILE).exists() else None
        if initial and not saved:
            self._start_from(initial)
        self.optimiser = torch.optim.AdamW(self.network.parameters(), config.learning_rate, weight_decay=config.weight_decay)
        self.mean = RunningMean(self.network, config.ema)
        self.step = 0
        self.seconds = 0.0
        self.curve: list[dict[str, float]] = []
        self.normaliser = Normaliser(**saved["normaliser"]) if saved else self._measure()
        if saved:
            self._restore(saved)
        self._set_losses(model.sparse(config.vertices))

    def _set_losses(self, sparse: FaceModel) -> None:
        def build(name: str) -> Loss:
            loss = build_loss(name, sparse, self.normaliser)
            weight = self.config.landmark_weight
            return LandmarkRegularised(loss, sparse, self.normaliser, weight) if weight else loss

        self.loss = build(self.config.loss)
        self.meta = None
        if self.config.look_ahead:
            judge = VertexDistance(sparse, self.normaliser)
            params = len(self.normaliser.mean)
            self.meta = MetaJoint({name: build(name) for name in ("vdc", "fwpdc")}, lambda mine, true: judge(mine[:, :params], true))

    def _start_from(self, run: Path) -> None:
        theirs = read_features(run) if run.suffix == ".onnx" else load_checkpoint(run, self.device)["mean"]
        mine = self.network.state_dict()
        features = {key: value for key, value in theirs.items() if not key.startswith("head.")}
        if not features or any(key not in mine or mine[key].shape != value.shape for key, value in features.items()):
            raise ValueError(f"Expected a run of {self.config.network} to start from but {run} is of another network.")
        self.network.load_state_dict({**mine, **features})

    def _measure(self) -> Normaliser:
        """Over batches that training does not see (their numbers are negative)."""
        return Normaliser.of(torch.cat([self.batches(-1 - index)[1] for index in range(SAMPLE_STEPS)]))

    def _restore(self, saved: dict) -> None:
        if saved["config"]["network"] != self.config.network:
            raise ValueError(f"Expected network {saved['config']['network']}, which {self.folder} holds, but received {self.config.network}.")
        self.network.load_state_dict(saved["network"])
        self.mean.network.load_state_dict(saved["mean"])
        self.optimiser.load_state_dict(saved["optimiser"])
        self.step, self.seconds, self.curve = saved["step"], saved["seconds"], saved["curve"]

    def save(self) -> None:
        save_checkpoint(
            self.folder,
            {
                "config": self.config.to_dict(),
                "step": self.step,
                "seconds": self.seconds,
                "curve": self.curve,
                "normaliser": {"mean": self.normaliser.mean, "deviation": self.normaliser.deviation},
                "network": self.network.state_dict(),
                "mean": self.mean.network.state_dict(),
                "optimiser": self.optimiser.state_dict(),
            },
        )

    def batch(self, number: int) -> Batch:
        """Pictures and normalised parameters."""
        pictures, params = self.batches(number)
        return pictures, self.normaliser.encode(params)

    def train_on(self, loss: Loss, batch: Batch) -> Tensor:
        """One step; the cost before it, still on the device."""
        self.network.train()
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.half):
            outputs = self.network(batch[0])
        # Coefficients reach 1e6 and cancel: losses need single precision.
        cost = loss(outputs.float(), batch[1])
        self.optimiser.zero_grad(set_to_none=True)
        cost.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 20.0)
        self.optimiser.step()
        return cost.detach()

    def advance(self) -> Tensor:
        """One step, or the k steps of a look-ahead; the (last) cost."""
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(self.config, self.step)
        if self.meta is None:
            cost = self.train_on(self.loss, self.batch(self.step))
            self.step += 1
        else:
            ahead = self.config.look_ahead
            batches = [self.batch(self.step + index) for index in range(ahead)]
            costs: list[Tensor] = []
            step: Callable[[Loss, Batch], None] = lambda loss, batch: costs.append(self.train_on(loss, batch))
            self.meta.advance(self.network, self.optimiser, step, batches, self.batch(self.step + ahead))
            cost = costs[-1]
            self.step += ahead
        self.mean.update(self.network, self.step)
        return cost

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
                point |= self.validation(self.mean.network, self.normaliser) if self.validation else {}
                self.curve.append(point)
                self.save()
                report(point)
                started, total, counted = time.monotonic(), 0.0, 0
