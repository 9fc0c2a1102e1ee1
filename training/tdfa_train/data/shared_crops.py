"""The crops of `shared/training` with the teacher's labels (format: README there)."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from .crop import CROP


@dataclass(frozen=True)
class SharedCrops:
    jpegs: bytes
    offsets: np.ndarray  # [n+1]
    params: np.ndarray  # [n,62] float32, the teacher's, de-normalised, for the region at 120x120
    points: np.ndarray  # [n,3,68] float32, the teacher's plain and mirrored pass averaged, crop pixels; z offset arbitrary
    true_index: np.ndarray  # [m]
    true_points: np.ndarray  # [m,2,68] float32, crop pixels
    source: np.ndarray  # [n] uint8

    def __len__(self) -> int:
        return len(self.params)

    def image(self, index: int) -> np.ndarray:
        """RGB uint8 [144,144,3]."""
        data = np.frombuffer(self.jpegs, np.uint8, self.offsets[index + 1] - self.offsets[index], self.offsets[index])
        image = cv2.imdecode(data, cv2.IMREAD_COLOR)
        if image is None or image.shape != (CROP, CROP, 3):
            raise ValueError(f"Expected a {CROP}x{CROP} JPEG for crop {index}.")
        return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)

    def images(self) -> Iterator[np.ndarray]:
        return (self.image(index) for index in range(len(self)))


def read_shared_crops(folder: Path) -> SharedCrops:
    """`folder` holds crops.bin and crops.npz."""
    data = np.load(folder / "crops.npz")
    points, true_points = (data[key].astype(np.float32) / 64 for key in ("lms64", "gt64"))
    jpegs = (folder / "crops.bin").read_bytes()
    offsets = data["offsets"].astype(np.int64)
    if offsets[-1] > len(jpegs):
        raise ValueError(f"Expected {offsets[-1]} bytes in crops.bin but it has {len(jpegs)}.")
    return SharedCrops(jpegs, offsets, data["param"], points, data["gt_index"], true_points, data["source"])
