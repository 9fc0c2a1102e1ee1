"""
300W-LP's layout, which AFLW2000-3D shares: NAME.jpg beside NAME.mat, in any folders. The .mat holds Pose_Para (pitch, yaw,
roll, tx, ty, tz, scale), Shape_Para [199], Exp_Para [29] of the Basel Face Model, and pt3d_68. Pixels count from 1.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.io

from .crop import read_image

SIZES = {"Pose_Para": 7, "Shape_Para": 199, "Exp_Para": 29, "pt3d_68": 3 * 68}
"""Numbers that a .mat holds."""


@dataclass(frozen=True)
class LabelledImage:
    path: Path
    camera: np.ndarray  # [3,4] model to picture in image coordinates: pixels from 0, y down, z to the viewer
    shape: np.ndarray  # [199]
    expression: np.ndarray  # [29]
    points: np.ndarray  # [3,68] as stored, pixels from 1
    angles: np.ndarray  # [3] pitch, yaw, roll in radians

    def image(self) -> np.ndarray:
        return read_image(self.path)


def rotation(pitch: float, yaw: float, roll: float) -> np.ndarray:
    """R = Rx Ry Rz with the signs of 300W-LP's matrices."""
    (cx, cy, cz), (sx, sy, sz) = np.cos([pitch, yaw, roll]), np.sin([pitch, yaw, roll])
    about_x = np.array([[1, 0, 0], [0, cx, sx], [0, -sx, cx]])
    about_y = np.array([[cy, 0, -sy], [0, 1, 0], [sy, 0, cy]])
    about_z = np.array([[cz, sz, 0], [-sz, cz, 0], [0, 0, 1]])
    return about_x @ about_y @ about_z


def read_label(mat: Path) -> LabelledImage:
    """One .mat and the picture beside it (whose height the camera needs)."""
    image = mat.with_suffix(".jpg")
    try:
        label = scipy.io.loadmat(mat)
    except Exception as error:  # scipy's readers have many words for a damaged file.
        raise ValueError(f"Expected a MATLAB file as in 300W-LP but {mat} is none or damaged.") from error
    for key, size in SIZES.items():
        values = label.get(key, np.zeros(0))
        if values.size < size or values.dtype.kind not in "fiu" or not np.isfinite(values).all():
            raise ValueError(f"Expected {size} numbers for {key} in {mat}, as in 300W-LP.")
    points = label["pt3d_68"]
    if points.shape != (3, 68) or not np.ptp(points[:2], 1).any():
        raise ValueError(f"Expected 3 rows of 68 different points for pt3d_68 in {mat}, as in 300W-LP.")
    pitch, yaw, roll, tx, ty, _, scale = label["Pose_Para"].reshape(-1)[:7].astype(np.float64)
    height = read_image(image).shape[0]
    camera = np.zeros((3, 4))
    camera[:, :3] = scale * rotation(pitch, yaw, roll)
    camera[1] *= -1
    camera[:2, 3] = tx - 1, height - ty
    shape, expression = (label[key].reshape(-1).astype(np.float64) for key in ("Shape_Para", "Exp_Para"))
    return LabelledImage(image, camera, shape, expression, points, np.array([pitch, yaw, roll]))


def read_300w_lp(folder: Path) -> Iterator[LabelledImage]:
    """Every labelled picture under `folder` in the order of names. 300W-LP's own `landmarks` and `Code` folders are passed by."""
    for mat in sorted(folder.rglob("*.mat")):
        if mat.with_suffix(".jpg").exists():
            yield read_label(mat)
