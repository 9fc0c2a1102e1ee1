"""
Decoded crops on disk, so that no epoch decodes a JPEG: `images.npy` uint8 [n,144,144,3], memory-mapped, and `labels.npz`
with params [n,P] for the middle region at 120x120, content [n,4], the box of each crop that is not black surround, photos [n], the
number of the photograph that each crop is of, and ratios [n], pixels of the crop per pixel of the photograph (1 where that is not
known). Crops of one photograph lie side by side. `face` is the face model's fingerprint.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..files import read_arrays, replacing
from .crop import CROP, content_box

IMAGES, LABELS = "images.npy", "labels.npz"


@dataclass(frozen=True)
class Cache:
    images: np.ndarray
    params: np.ndarray
    content: np.ndarray
    photos: np.ndarray
    ratios: np.ndarray
    face: np.ndarray | None = None
    """The fingerprint of the model that the parameters are of; older caches have none."""

    def __len__(self) -> int:
        return len(self.params)

    def take(self, part: slice) -> "Cache":
        return Cache(self.images[part], self.params[part], self.content[part], self.photos[part], self.ratios[part], self.face)


def write_cache(
    folder: Path, images: Iterable[np.ndarray], params: np.ndarray, photos: np.ndarray | None = None, ratios: np.ndarray | None = None,
    face: np.ndarray | None = None,
) -> None:  # fmt: skip
    """
    Without `photos`, each crop is of another photograph; without `ratios`, they are 1.

    Labels are written last: a cache without them is not complete and is refused by `open_cache`. The images are a new file: one
    that was there may be mapped by a training, or linked from another cache.
    """
    shape = (len(params), CROP, CROP, 3)
    content = np.zeros((len(params), 4), np.int16)
    with replacing(folder / IMAGES) as temporary:
        # Written in order, not mapped: a full disk is an error here, but the end of the process where a map is written.
        with temporary.open("wb") as file:
            np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})
            for place, image in zip(content, images, strict=True):
                file.write(image.tobytes())
                place[:] = content_box(image)
        (folder / LABELS).unlink(missing_ok=True)
    photos, ratios = np.arange(len(params)) if photos is None else photos, np.ones(len(params)) if ratios is None else ratios
    write_labels(folder, params, content, photos, ratios, face)


def write_labels(
    folder: Path, params: np.ndarray, content: np.ndarray, photos: np.ndarray, ratios: np.ndarray, face: np.ndarray | None = None
) -> None:  # fmt: skip
    with replacing(folder / LABELS) as temporary, temporary.open("wb") as file:
        np.savez(file, params=params.astype(np.float32), content=content, photos=photos, ratios=ratios.astype(np.float32), **({} if face is None else {"face": face}))


def open_cache(folder: Path) -> Cache:
    """:raises ValueError: when a file is damaged or the two do not belong together. FileNotFoundError: when there is no cache."""
    if not (folder / LABELS).exists():
        raise FileNotFoundError(f"Expected prepared crops in {folder}: run `python -m tdfa_train prepare` first.")
    labels = read_arrays(folder / LABELS, "params", "content")
    params, content = labels["params"], labels["content"]
    try:
        images = np.load(folder / IMAGES, mmap_mode="c")
    except (EOFError, ValueError) as error:
        raise ValueError(f"Expected crops in {folder / IMAGES} but the file is something else or damaged: prepare the cache anew.") from error
    count = len(params)
    # Caches from before photographs were told apart have none, nor have those from before ratios were kept.
    photos, ratios = labels.get("photos", np.arange(count)), labels.get("ratios", np.ones(count, np.float32))
    shapes = [list(part.shape) for part in (images, params, content, photos, ratios)]
    if images.dtype != np.uint8 or images.shape != (count, CROP, CROP, 3) or params.ndim != 2 or shapes[2:] != [[count, 4], [count], [count]]:
        raise ValueError(
            f"Expected images [n,{CROP},{CROP},3], params [n,P], content [n,4], photos [n] and ratios [n] in {folder} but they are "
            f"{', '.join(map(str, shapes))}: prepare the cache anew."
        )
    return Cache(images, params, content, photos, ratios, labels.get("face"))


def split(cache: Cache, held_out: int) -> tuple[Cache, Cache]:
    """
    Training and validation: the last `held_out` crops of the (shuffled) cache are kept for validation. Training has those before them,
    but for crops of a photograph of which some are held out.
    """
    edge = len(cache) - held_out
    before = edge - int(np.isin(cache.photos[:edge], cache.photos[edge:]).sum()) if edge > 0 else 0
    if before < 1:
        raise ValueError(f"Expected a cache of more than the {held_out} crops that are held out but it has {len(cache)}.")
    return cache.take(slice(before)), cache.take(slice(edge, None))
