"""Batches by number: which pictures step n gets depends on the seed and n alone, so a resumed run sees the same ones."""

import numpy as np
import torch
from torch import Tensor

from .augment.pipeline import Augmenter
from .config import TrainConfig
from .data.cache import Cache
from .pixels import scale_pixels

Batch = tuple[Tensor, Tensor]


def to_network(pictures: Tensor) -> Tensor:
    """0..255 to about -1..1, the layout that convolutions like best."""
    return scale_pixels(pictures).contiguous(memory_format=torch.channels_last)


def _seed(seed: int, step: int) -> int:
    return int(np.random.SeedSequence((seed, step % 2**32)).generate_state(1)[0])


class Batches:
    """On a GPU the whole cache moves there; on a CPU it stays memory-mapped."""

    def __init__(self, cache: Cache, augmenter: Augmenter, config: TrainConfig, device: torch.device):
        self.images = torch.from_numpy(cache.images).to(device)
        self.params = torch.from_numpy(cache.params).to(device)
        self.content = torch.from_numpy(cache.content).to(device)
        self.augmenter = augmenter
        self.config = config
        self.device = device
        self._epoch: tuple[int | None, np.ndarray] = None, np.zeros(0, np.int64)
        self.stills = config.batch // config.augment.clip_frames
        self.an_epoch = len(cache) // self.stills
        if not self.an_epoch:
            raise ValueError(f"Expected at most the {len(cache)} crops that training has for a batch but the setting batch takes {self.stills}.")
        """Steps in which every picture is seen once."""

    def indices(self, step: int) -> Tensor:
        epoch, place = divmod(step, self.an_epoch)
        order = self._order(epoch)
        return torch.from_numpy(order[place * self.stills : (place + 1) * self.stills]).to(self.device)

    def _order(self, epoch: int) -> np.ndarray:
        if self._epoch[0] != epoch:
            shuffled = np.random.default_rng((self.config.seed, epoch % 2**31)).permutation(len(self.params))
            self._epoch = epoch, shuffled
        return self._epoch[1]

    def __call__(self, step: int) -> Batch:
        """Pictures [N,3,S,S] for the network and parameters [N,P], de-normalised."""
        chosen = self.indices(step)
        generator = torch.Generator(self.device).manual_seed(_seed(self.config.seed, step))
        with torch.no_grad():
            pictures, params = self.augmenter(
                self.images[chosen], self.params[chosen], self.content[chosen], generator, self.config.image_size
            )
        return to_network(pictures), params
