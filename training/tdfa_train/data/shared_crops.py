"""The crops of `shared/training` with the teacher's labels (format: README there)."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ..params import SIZE
from .crop import CROP, OFFSET, SCALE
from .packed import Packed, read_packed


@dataclass(frozen=True)
class SharedCrops:
    pictures: Packed
    params: np.ndarray  # [n,62] float32, the teacher's, de-normalised, for the region at 120x120
    points: np.ndarray  # [n,3,68] float32, the teacher's plain and mirrored pass averaged, crop pixels; z offset arbitrary
    true_index: np.ndarray  # [m]
    true_points: np.ndarray  # [m,2,68] float32, crop pixels

    def __len__(self) -> int:
        return len(self.params)

    def region(self, index: int) -> np.ndarray:
        """[120,120,3] uint8 RGB: the crop that parameters refer to."""
        shift = (0.5 - OFFSET) / SCALE - 0.5
        placed = np.array([[1 / SCALE, 0, shift], [0, 1 / SCALE, shift]])
        return cv2.warpAffine(self.pictures[index], placed, (SIZE, SIZE), flags=cv2.INTER_LINEAR)

    def true_crop_points(self) -> np.ndarray:
        """[m,68,2] float64: the true points in pixels of `region`."""
        return (self.true_points.transpose(0, 2, 1).astype(np.float64) - OFFSET) / SCALE

    def images(self) -> Iterator[np.ndarray]:
        """RGB uint8 [144,144,3]."""
        for index, image in enumerate(self.pictures):
            if image.shape != (CROP, CROP, 3):
                raise ValueError(f"Expected a {CROP}x{CROP} JPEG for crop {index} but it is {image.shape[1]}x{image.shape[0]}.")
            yield image


def read_shared_crops(folder: Path) -> SharedCrops:
    """`folder` holds crops.bin and crops.npz."""
    pictures = read_packed(folder, "crops", "lms64", "gt64", "param", "gt_index")
    labels = pictures.labels
    points, true_points = (labels[key].astype(np.float32) / 64 for key in ("lms64", "gt64"))
    return SharedCrops(pictures, labels["param"], points, labels["gt_index"], true_points)
