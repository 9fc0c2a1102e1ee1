"""Training of the detector."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import torch
from torch import Tensor, nn

from ..checkpoint import load_latest
from ..training_run import TrainingRun
from .batches import Batch, add_empty, is_large, make_batch, make_candidates
from .boxes import make_cells
from .config import DetectorConfig
from .data import Pictures
from .loss import detector_loss
from .network import FACE, Detector, flatten

AHEAD = 8
"""Batches in the making beside the one that is trained on, each in a thread of its own where there are as many cores."""

Score = Callable[[nn.Module], dict[str, float]]
"""Figures of a network on held-out pictures."""


class DetectorTrainer(TrainingRun):
    """A run that lives in `folder`: made anew, or taken up from its checkpoint. Pictures are composed on the CPU."""

    LARGEST_GRADIENT = 10.0
    config: DetectorConfig

    def __init__(
        self, config: DetectorConfig, pictures: Pictures, folder: Path, score: Score = lambda network: {}, device: str | torch.device = "cpu",
    ):  # fmt: skip
        self.device = torch.device(device)
        self.pictures = pictures
        self.score = score
        torch.manual_seed(config.seed)
        network = Detector(config.channels).to(self.device, memory_format=torch.channels_last)
        super().__init__(config, folder, network, load_latest(folder, DetectorConfig))
        # A GPU's step is shorter than the making of its pictures; two cores have enough to do with either.
        threads = torch.get_num_threads()
        self.threads = ThreadPoolExecutor(min(AHEAD, threads - 1)) if threads > 2 else None
        self.coming: dict[int, Future[tuple[Batch, Tensor | None]]] = {}

    def figures(self) -> dict[str, float]:
        return self.score(self.mean.network)

    def batch(self, number: int) -> Batch:
        """With the hardest of some pictures without a face, as the running mean of the weights sees them."""
        batch, candidates = self._made(number)
        batch = batch.to(self.device)
        if candidates is None:
            return batch
        candidates = candidates.to(self.device)
        with torch.no_grad():
            seen = flatten(self.mean.network(candidates.contiguous(memory_format=torch.channels_last)))[..., FACE].amax(1)
        return add_empty(batch, candidates[seen.topk(self.config.mined).indices])

    def _made(self, number: int) -> tuple[Batch, Tensor | None]:
        if self.threads is None:
            return self._make(number)
        for later in range(number, number + 1 + AHEAD):
            if later not in self.coming:
                self.coming[later] = self.threads.submit(self._make, later)
        return self.coming.pop(number).result()

    def _make(self, number: int) -> tuple[Batch, Tensor | None]:
        """What depends on the number alone: a batch and, where some are to be added, pictures without a face to choose from."""
        mined = self.config.mined and not is_large(self.config, number)
        return make_batch(self.pictures, self.config, number), make_candidates(self.pictures, self.config, number) if mined else None

    def advance(self) -> Tensor:
        return self.train_on(self.batch(self.step))

    def train_on(self, batch: Batch) -> Tensor:
        """One step; the cost before it."""
        self.network.train()
        self.set_rate(self.step)
        raw = flatten(self.network(batch.pictures.contiguous(memory_format=torch.channels_last)))
        cells = make_cells(batch.pictures.shape[3], batch.pictures.shape[2], self.device)
        cost = detector_loss(raw, cells, batch.boxes, batch.real, batch.ignored, self.config.box_weight)
        self.descend(cost)
        self.step += 1
        self.mean.update(self.step)
        return cost.detach()
