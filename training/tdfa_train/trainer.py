"""Training of a regressor."""

from collections import Counter
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from .augment.pipeline import Augmenter
from .batches import Batch, Batches
from .checkpoint import load_checkpoint, load_latest
from .config import TrainConfig
from .data.cache import Cache, split
from .face_model import FaceModel
from .losses import Loss, build_loss
from .losses.landmark import LandmarkRegularised
from .losses.meta_joint import MetaJoint, Sized
from .losses.vertex import VertexDistance
from .networks import build_network
from .normalise import Normaliser
from .open_model.pack import read_features
from .training_run import TrainingRun
from .validate import Validation

SAMPLE_STEPS = 30
"""Batches from which the mean and deviation of the parameters are taken."""


class Trainer(TrainingRun):
    """
    A run that lives in `folder`: made anew, or taken up from its checkpoint. `half`: bfloat16 in the convolutions (weights,
    losses and optimiser stay float32). `initial`: a run, or a packed `.onnx`, whose features a new one starts from: the
    same network for this or another face model.
    """

    LARGEST_GRADIENT = 20.0
    config: TrainConfig

    def __init__(
        self, config: TrainConfig, cache: Cache, model: FaceModel, folder: Path, device: str | torch.device = "cpu", half: bool = False,
        initial: Path | None = None,
    ):  # fmt: skip
        self.device = torch.device(device)
        self.half = half
        model = model.to(self.device)
        training, held_out = split(cache, config.held_out)
        self.batches = Batches(training, Augmenter(model, config.augment), config, self.device)
        self.validation = Validation(held_out, model, config.image_size, self.device) if len(held_out) else None
        torch.manual_seed(config.seed)
        extra = 2 * len(model.landmarks) if config.landmark_weight else 0
        network = build_network(config.network, model.outputs + extra).to(self.device, memory_format=torch.channels_last)
        saved = load_latest(folder, TrainConfig)
        model.check_fingerprint(cache.face, "the cache's labels")
        model.check_fingerprint(face_of(saved), f"the run in {folder}")
        self.data = {"crops": len(cache), "sample": sample(cache), "face": torch.from_numpy(model.fingerprint())}
        if saved and not same_data(saved.get("data", self.data), self.data):
            begun = f"Expected the {saved['data']['crops']} crops that {folder} was begun with but received {len(cache)} others"
            raise ValueError(f"{begun}: give their --cache, or begin another run with --start-from {folder}.")
        if initial and not saved:
            start_from(initial, network, config.network)
        super().__init__(config, folder, network, saved)
        self.pictures = pictures_seen(saved) if saved else 0
        self.normaliser = Normaliser.load(saved["normaliser"], model.outputs).to(self.device) if saved else self._measure()
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
            vdc = build("vdc")
            candidates = {"vdc": vdc, "fwpdc": Sized(build("fwpdc"), vdc)}
            self.meta = MetaJoint(candidates, lambda mine, true: judge(mine[:, :params], true))
            self.kept: Counter[str] = Counter()

    def _measure(self) -> Normaliser:
        """Over batches that training does not see (their numbers are negative)."""
        return Normaliser.of(torch.cat([self.batches(-1 - index)[1] for index in range(SAMPLE_STEPS)]))

    def state(self) -> dict:
        normaliser = {"mean": self.normaliser.mean, "deviation": self.normaliser.deviation}
        return {**super().state(), "pictures": self.pictures, "data": self.data, "normaliser": normaliser}

    def figures(self) -> dict[str, float]:
        """Also how many look-aheads kept each candidate, since the last figures or the start of the command."""
        figures = self.validation(self.mean.network, self.normaliser) if self.validation else {}
        if self.meta:
            figures |= {f"kept_{name}": self.kept.pop(name, 0) for name in self.meta.candidates}
        return figures

    def batch(self, number: int) -> Batch:
        """Pictures and normalised parameters."""
        pictures, params = self.batches(number)
        return pictures, self.normaliser.encode(params)

    def train_on(self, loss: Loss, number: int) -> Tensor:
        """The step of this number; the cost before it, still on the device."""
        self.set_rate(number)
        # Made anew for each loss of a look-ahead: a hundred batches at once are gigabytes.
        batch = self.batch(number)
        self.network.train()
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.half):
            outputs = self.network(batch[0])
        # Coefficients reach 1e6 and cancel: losses need single precision.
        cost = loss(outputs.float(), batch[1])
        self.descend(cost)
        return cost.detach()

    def advance(self) -> Tensor:
        """One step, or the k steps of a look-ahead, fewer where the run's end is nearer; the (last) cost."""
        if self.meta is None:
            ahead = 1
            cost = self.train_on(self.loss, self.step)
        else:
            ahead = min(self.config.look_ahead, self.config.steps - self.step)
            numbers = range(self.step, self.step + ahead)
            best, cost = self.meta.advance(self.network, self.optimiser, self.train_on, self.batch, numbers)
            self.kept[best] += 1
        self.step += ahead
        self.pictures += ahead * self.config.batch
        self.mean.update(self.step, ahead)
        return cost


def sample(cache: Cache) -> Tensor:
    """[k,P]: some labels, in units of what is usual in the cache."""
    usual = np.abs(cache.params).mean(0) + 1e-12
    return torch.from_numpy((cache.params[:: max(1, len(cache) // 16)] / usual).astype(np.float32))


def same_data(one: dict, other: dict) -> bool:
    """Of a cache that was made anew, labels differ by rounding."""
    return one["crops"] == other["crops"] and torch.allclose(one["sample"], other["sample"], rtol=0.01, atol=0.01)


def face_of(saved: dict | None) -> np.ndarray | None:
    """The fingerprint of the face model of a checkpoint's run. Older ones do not say."""
    face = saved["data"].get("face") if saved and "data" in saved else None
    return None if face is None else face.numpy()


def pictures_seen(saved: dict) -> int:
    """That the run of a checkpoint has trained on. Older ones do not say; the batch that they name is taken to be that of all steps."""
    return saved.get("pictures", saved["step"] * TrainConfig.from_dict(saved["config"]).batch)


def start_from(run: Path, network: nn.Module, name: str) -> None:
    """Gives `network` the features of a run, or of a packed .onnx, of the same architecture; its head stays as it is."""
    mine = network.state_dict()
    theirs = read_features(run) if run.suffix == ".onnx" else load_checkpoint(run, TrainConfig)["mean"]
    features = {key: value for key, value in theirs.items() if not key.startswith("head.")}
    if not features or any(key not in mine or mine[key].shape != value.shape for key, value in features.items()):
        raise ValueError(f"Expected a run of {name} to start from but {run} is of another network.")
    network.load_state_dict({**mine, **features})
