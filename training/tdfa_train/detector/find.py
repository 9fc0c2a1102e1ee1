"""From a picture of any size to the boxes that a network sees in it, as the product does it."""

from collections.abc import Callable

import cv2
import numpy as np
from torch import Tensor, cat, from_numpy

from .boxes import decode, make_cells, suppress
from .network import STRIDES

NMS = 0.3

Find = Callable[[np.ndarray, float], np.ndarray]
"""uint8 [H,W,3] RGB and a threshold to [n,5] x1 y1 x2 y2 score, best first, pixels of the picture."""

Run = Callable[[Tensor], dict[str, Tensor]]
"""uint8 [1,H,W,3] RGB, sides multiples of 32, to cls_S, obj_S [1,n,1] and bbox_S [1,n,4] for each stride S."""


def make_finder(run: Run, largest: int) -> Find:
    """`largest`: longer side, pixels, to which larger pictures are scaled down."""

    def find(picture: np.ndarray, threshold: float) -> np.ndarray:
        padded, scale = fit(picture, largest)
        found = read_outputs(run(from_numpy(padded[None])), padded.shape[1], padded.shape[0], threshold)
        found[:, :4] /= scale
        return found

    return find


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
