"""Pictures with true points for the final figures (`benchmarks/src/accuracy.ts` reads the same)."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .crop import Roi, cut, read_image, roi_from_points
from .lp300w import read_300w_lp


@dataclass(frozen=True)
class Sample:
    name: str
    crop: np.ndarray  # [120,120,3] uint8 RGB
    roi: Roi
    truth: np.ndarray  # [68,2] pixels of the picture
    yaw: float | None  # degrees, where known


def read_aflw2000(folder: Path) -> list[Sample]:
    """AFLW2000-3D. The protocol takes the points as they are, though MATLAB counts pixels from 1."""
    samples = []
    for label in read_300w_lp(folder):
        truth = label.points.T.astype(np.float64)
        roi = roi_from_points(truth)
        samples.append(Sample(label.path.stem, cut(label.image(), roi, 120), roi, truth, float(np.rad2deg(label.angles[1]))))
    return samples


def read_frames(folder: Path) -> list[Sample]:
    """A folder of pictures with landmarks68.json: name -> [68][2]."""
    samples = []
    for name, points in sorted(json.loads((folder / "landmarks68.json").read_text()).items()):
        truth = np.asarray(points, np.float64)
        roi = roi_from_points(truth)
        samples.append(Sample(name, cut(read_image(folder / name), roi, 120), roi, truth, None))
    return samples
