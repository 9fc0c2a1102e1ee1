"""Regions of a picture, by the rules of the product (3DDFA_V2's)."""

from pathlib import Path

import cv2
import numpy as np

from ..params import SIZE

CROP = 144
"""Side of a cached crop in pixels."""
MARGIN = 1.3
"""A cached crop shows the region scaled by this around its centre, so that augmentation has room."""
SCALE = CROP / MARGIN / SIZE
"""Pixels of a cached crop per pixel of the 120x120 crop that parameters refer to."""
OFFSET = CROP * (1 - 1 / MARGIN) / 2
"""Place of the 120x120 crop's origin in a cached crop."""

Roi = tuple[float, float, float, float]


def roi_from_points(points: np.ndarray) -> Roi:
    """Square x1 y1 x2 y2 around the bounding box of [n,2+] points; its side is the bounding square's diagonal."""
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    centre, half = (low + high) / 2, (high - low).max() * np.sqrt(2) / 2
    return centre[0] - half, centre[1] - half, centre[0] + half, centre[1] + half


def cut(image: np.ndarray, roi: Roi, size: int) -> np.ndarray:
    """[size,size,3] uint8: the region rounded to whole pixels, black outside the picture, bilinear as OpenCV has it."""
    x1, y1, x2, y2 = (int(round(float(value))) for value in roi)
    height, width = image.shape[:2]
    region = np.zeros((y2 - y1, x2 - x1, 3), np.uint8)
    top, left = max(0, y1), max(0, x1)
    inside = image[top : max(top, min(height, y2)), left : max(left, min(width, x2))]
    region[top - y1 : top - y1 + inside.shape[0], left - x1 : left - x1 + inside.shape[1]] = inside
    return cv2.resize(region, (size, size), interpolation=cv2.INTER_LINEAR)


def widen(roi: Roi, factor: float) -> Roi:
    """The region scaled around its centre."""
    (x1, y1, x2, y2), grow = roi, (factor - 1) / 2
    return x1 - (x2 - x1) * grow, y1 - (y2 - y1) * grow, x2 + (x2 - x1) * grow, y2 + (y2 - y1) * grow


def content_box(crop: np.ndarray, darkest: int = 12) -> tuple[int, int, int, int]:
    """x1 y1 x2 y2 (exclusive) of what is not the black surround of a tight photograph; noise of JPEG allowed."""
    bright = crop.max(2) > darkest
    columns, rows = np.flatnonzero(bright.any(0)), np.flatnonzero(bright.any(1))
    if len(columns) == 0:
        return 0, 0, crop.shape[1], crop.shape[0]
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def read_image(path: Path) -> np.ndarray:
    """RGB uint8 [H,W,3]. :raises ValueError: when it is none, or a JPEG that ends in its middle."""
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise ValueError(f"Expected a picture but OpenCV cannot read {path}.")
    if is_cut(path.read_bytes()):
        raise ValueError(f"Expected a whole picture but {path} ends in its middle.")
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def is_cut(content: bytes) -> bool:
    """Whether a JPEG's last scan has no end, for which OpenCV gives grey. Neither mark occurs in a scan; a preview before it has both."""
    start_of_picture, start_of_scan, end_of_picture = b"\xff\xd8", b"\xff\xda", b"\xff\xd9"
    return content.startswith(start_of_picture) and content.rfind(start_of_scan) > content.rfind(end_of_picture)
