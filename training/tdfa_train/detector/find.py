"""From a picture of any size to the boxes that a network sees in it, as the product does it."""

from collections.abc import Callable

import cv2
import numpy as np
from torch import Tensor, cat, from_numpy

from .boxes import decode, make_cells, suppress
from .network import STRIDES

NMS = 0.3
SMALL = 32
"""Side of a face, pixels of a look, up to which the next finer look is asked for it."""
PART = 0.5
"""Share of a small face that lies in a larger one, from which it is a part of that."""

Find = Callable[[np.ndarray, float], np.ndarray]
"""uint8 [H,W,3] RGB and a threshold to [n,5] x1 y1 x2 y2 score, best first, pixels of the picture."""

Run = Callable[[Tensor], dict[str, Tensor]]
"""uint8 [1,H,W,3] RGB, sides multiples of 32, to cls_S, obj_S [1,n,1] and bbox_S [1,n,4] for each stride S."""


def make_finder(run: Run, sizes: list[int]) -> Find:
    """
    `sizes`: longer sides, pixels, to which larger pictures are scaled down for one look after the other, the coarsest first; all but
    that one are for small faces alone.
    """

    def look(picture: np.ndarray, size: int, threshold: float) -> np.ndarray:
        padded, scale = fit(picture, size)
        found = read_outputs(run(from_numpy(padded[None])), padded.shape[1], padded.shape[0], threshold)
        found[:, :4] /= scale
        return found

    def find(picture: np.ndarray, threshold: float) -> np.ndarray:
        side = max(picture.shape[:2])
        found = look(picture, sizes[0], threshold)
        for coarser, size in zip(sizes, sizes[1:]):
            if side <= coarser:
                break
            finer = look(picture, size, threshold)
            small = finer[np.sqrt(areas(finer)) < SMALL * side / coarser]
            found = np.concatenate([found, small[~is_known(small, found)]])
        return found[np.argsort(-found[:, 4], kind="stable")]

    return find


def sizes_of_looks(coarsest: int, largest: int) -> list[int]:
    """The coarsest first, each at most twice the one before."""
    sizes = [min(coarsest, largest)]
    while sizes[-1] < largest:
        sizes.append(min(2 * sizes[-1], largest))
    return sizes


def areas(boxes: np.ndarray) -> np.ndarray:
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])


def is_known(small: np.ndarray, found: np.ndarray) -> np.ndarray:
    """Whether each of `small` [n,5] is one of `found` [m,5], or a part of one; [n] bool."""
    corners = np.minimum(small[:, None, 2:4], found[None, :, 2:4]) - np.maximum(small[:, None, :2], found[None, :, :2])
    shared = corners.clip(0).prod(2)
    own = areas(small)[:, None]
    return ((shared >= NMS * (own + areas(found) - shared)) | (shared > PART * own)).any(1)


def fit(picture: np.ndarray, largest: int, alignment: int = STRIDES[-1]) -> tuple[np.ndarray, float]:
    """Scaled down to `largest` on the longer side, padded with black at the right and below, as the product does; and the scale."""
    height, width = picture.shape[:2]
    scale = min(1.0, largest / max(height, width))
    padded_height, padded_width = (int(np.ceil(side * scale / alignment)) * alignment for side in (height, width))
    matrix = np.float32([[scale, 0, scale / 2 - 0.5], [0, scale, scale / 2 - 0.5]])
    return cv2.warpAffine(picture, matrix, (padded_width, padded_height), flags=cv2.INTER_LINEAR), scale


def read_outputs(outputs: dict[str, Tensor], width: int, height: int, threshold: float, nms: float = NMS) -> np.ndarray:
    """What a `Run` gives to [n,5] boxes with scores, best first, pixels of the input."""

    def all_strides(name: str) -> Tensor:
        return cat([outputs[f"{name}_{stride}"][0] for stride in STRIDES])

    scores = (all_strides("cls").clamp(0, 1) * all_strides("obj").clamp(0, 1)).sqrt()[:, 0]
    chosen = scores > threshold
    scores = scores[chosen]
    boxes = decode(all_strides("bbox"), make_cells(width, height))[chosen]
    kept = suppress(boxes, scores, nms)
    return cat([boxes[kept], scores[kept, None]], 1).double().numpy()
