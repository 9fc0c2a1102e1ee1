"""
Decoded crops on disk, so that no epoch decodes a JPEG: `images.npy` uint8 [n,144,144,3], memory-mapped, and `labels.npz`
with params [n,P] for the middle region at 120x120 and content [n,4], the box of each crop that is not black surround.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..files import read_arrays
from .crop import CROP, content_box


@dataclass(frozen=True)
class Cache:
    images: np.ndarray
    params: np.ndarray
    content: np.ndarray

    def __len__(self) -> int:
        return len(self.params)

    def take(self, part: slice) -> "Cache":
        return Cache(self.images[part], self.params[part], self.content[part])


def write_cache(folder: Path, images: Iterable[np.ndarray], params: np.ndarray) -> None:
    """Labels are written last: a cache without them is not complete and is refused by `open_cache`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "labels.npz").unlink(missing_ok=True)
    shape = (len(params), CROP, CROP, 3)
    stored = np.lib.format.open_memmap(folder / "images.npy", "w+", np.uint8, shape)
    content = np.zeros((len(params), 4), np.int16)
    for index, image in enumerate(images):
        stored[index] = image
        content[index] = content_box(image)
    stored.flush()
    np.savez(folder / "labels.npz", params=params.astype(np.float32), content=content)


def open_cache(folder: Path) -> Cache:
    if not (folder / "labels.npz").exists():
        raise FileNotFoundError(f"Expected prepared crops in {folder}: run `python -m tdfa_train prepare` first.")
    labels = read_arrays(folder / "labels.npz", "params", "content")
    return Cache(np.load(folder / "images.npy", mmap_mode="c"), labels["params"], labels["content"])


def split(cache: Cache, held_out: int) -> tuple[Cache, Cache]:
    """Training and validation; the last `held_out` crops of the (shuffled) cache are kept for validation."""
    edge = len(cache) - held_out
    if edge < 1:
        raise ValueError(f"Expected a cache of more than the {held_out} crops that are held out but it has {len(cache)}.")
    return cache.take(slice(edge)), cache.take(slice(edge, None))
