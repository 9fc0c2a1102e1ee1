"""Batches by number: which pictures step n gets depends on the seed and n alone, so a resumed run sees the same ones."""

import numpy as np
import torch
from torch import Tensor

from .augment.pipeline import Augmenter
from .config import TrainConfig
from .data.cache import Cache
from .params import yaw
from .pixels import scale_pixels

Batch = tuple[Tensor, Tensor]


def to_network(pictures: Tensor) -> Tensor:
    """0..255 to about -1..1, the layout that convolutions like best."""
    return scale_pixels(pictures).contiguous(memory_format=torch.channels_last)


def _generator(device: str | torch.device, seed: int, *numbers: int) -> torch.Generator:
    return torch.Generator(device).manual_seed(int(np.random.SeedSequence((seed, *numbers)).generate_state(1)[0]))


class Batches:
    """On a GPU the whole cache moves there; on a CPU it stays memory-mapped."""

    def __init__(self, cache: Cache, augmenter: Augmenter, config: TrainConfig, device: torch.device):
        self.images = torch.from_numpy(cache.images).to(device)
        self.params = torch.from_numpy(cache.params).to(device)
        self.content = torch.from_numpy(cache.content).to(device)
        self.ratios = torch.from_numpy(cache.ratios).to(device)
        # Of all at once, and on the CPU: a GPU's decomposition is waited for.
        self.yaw = yaw(torch.from_numpy(cache.params)).to(device)
        self.augmenter = augmenter
        self.config = config
        self.device = device
        self._epoch: tuple[int | None, Tensor] = None, torch.zeros(0, dtype=torch.int64)
        self.stills = config.batch // config.augment.clip_frames
        self.an_epoch = len(cache) // self.stills
        """Steps in which every picture is seen once."""
        if not self.an_epoch:
            raise ValueError(f"Expected at most the {len(cache)} crops that training has for a batch but the setting batch takes {self.stills}.")

    def indices(self, step: int) -> Tensor:
        epoch, place = divmod(step, self.an_epoch)
        order = self._order(epoch)
        return order[place * self.stills : (place + 1) * self.stills]

    def _order(self, epoch: int) -> Tensor:
        if self._epoch[0] != epoch:
            shuffled = np.random.default_rng((self.config.seed, epoch % 2**31)).permutation(len(self.params))
            self._epoch = epoch, torch.from_numpy(shuffled).to(self.device)
        return self._epoch[1]

    def __call__(self, step: int) -> Batch:
        """Pictures [N,3,S,S] for the network and parameters [N,P], de-normalised."""
        chosen = self.indices(step)
        seed, number = self.config.seed, step % 2**32
        generator, host = _generator(self.device, seed, number), _generator("cpu", seed, number, 1)
        parts = (part[chosen] for part in (self.images, self.params, self.content, self.yaw, self.ratios))
        with torch.no_grad():
            pictures, params = self.augmenter(*parts, generator, host, self.config.image_size)
        return to_network(pictures), params
