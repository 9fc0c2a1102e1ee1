"""
300W-LP's layout, which AFLW2000-3D shares: SET/NAME.jpg beside SET/NAME.mat. The .mat holds Pose_Para (pitch, yaw, roll, tx, ty,
tz, scale), Shape_Para [199] and Exp_Para [29] of the Basel Face Model. The face's 68 points, projected, are pt3d_68 in it in
AFLW2000-3D, and pts_3d in landmarks/SET/NAME_pts.mat in 300W-LP, whose pt2d did not turn with the picture. Pixels count from 1.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.io

from .crop import read_image

SIZES = {"Pose_Para": 7, "Shape_Para": 199, "Exp_Para": 29}
"""Numbers that a .mat holds."""
LANDMARKS = "landmarks"
NOT_SETS = {LANDMARKS, "Code"}
"""Folders of 300W-LP beside those of the pictures."""
COPIES = "_Flip"
"""End of the names of folders with mirrored pictures."""
RENDERING = re.compile(r"((?:AFW|HELEN|IBUG_image|LFPW_image_train|LFPW_image_test)_\d+)(?:_\d+)?_\d+")
"""
Name of a picture of 300W-LP: the photograph's, the number of the face in it, which LFPW and some of IBUG lack, and that of the rendering, up
to 18 of a face: AFW_134212_1_0, IBUG_image_014_01_2, LFPW_image_train_0737_13.
"""


@dataclass(frozen=True)
class LabelledImage:
    path: Path
    camera: np.ndarray  # [3,4] model to picture in image coordinates: pixels from 0, y down, z to the viewer
    shape: np.ndarray  # [199]
    expression: np.ndarray  # [29]
    points: np.ndarray  # [2,68] x and y as stored, pixels from 1
    angles: np.ndarray  # [3] pitch, yaw, roll in radians
    size: tuple[int, int]  # width and height of the picture

    @property
    def photo(self) -> str:
        """Name of the photograph, which all its faces, renderings and mirrored copies share; elsewhere each picture is one of its own."""
        rendering = RENDERING.fullmatch(self.path.stem)
        return rendering[1] if rendering else str(self.path)

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
    label = _read_mat(mat)
    for key, size in SIZES.items():
        _numbers(label, key, size, mat)
    pitch, yaw, roll, tx, ty, _, scale = label["Pose_Para"].reshape(-1)[:7].astype(np.float64)
    height, width = read_image(image).shape[:2]
    camera = np.zeros((3, 4))
    camera[:, :3] = scale * rotation(pitch, yaw, roll)
    camera[1] *= -1
    camera[:2, 3] = tx - 1, height - ty
    shape, expression = (label[key].reshape(-1).astype(np.float64) for key in ("Shape_Para", "Exp_Para"))
    return LabelledImage(image, camera, shape, expression, _read_points(label, mat), np.array([pitch, yaw, roll]), (width, height))


def _read_mat(path: Path) -> dict[str, np.ndarray]:
    try:
        return scipy.io.loadmat(path)
    except Exception as error:  # scipy's readers have many words for a damaged file.
        raise ValueError(f"Expected a MATLAB file as in 300W-LP but {path} is none or damaged.") from error


def _numbers(label: dict[str, np.ndarray], key: str, size: int, mat: Path) -> np.ndarray:
    values = label.get(key, np.zeros(0))
    if values.size < size or values.dtype.kind not in "fiu" or not np.isfinite(values).all():
        raise ValueError(f"Expected {size} numbers for {key} in {mat}, as in 300W-LP.")
    return values


def _read_points(label: dict[str, np.ndarray], mat: Path) -> np.ndarray:
    """[2,68] from where the data set has them; of pt3d_68, depth is left out."""
    key, source = ("pt3d_68", mat) if "pt3d_68" in label else ("pts_3d", points_file(mat))
    if not source.exists():
        raise FileNotFoundError(f"Expected the 68 points as pt3d_68 in {mat} or as pts_3d in {source} but they are in neither.")
    values = _numbers(label if source == mat else _read_mat(source), key, 2 * 68, source)
    points = values[:2] if source == mat else values.T
    if points.shape != (2, 68) or not np.ptp(points, 1).any():
        raise ValueError(f"Expected 68 different points for {key} in {source}, as in 300W-LP.")
    return points


def points_file(mat: Path) -> Path:
    """Where 300W-LP has the points of the picture SET/NAME.mat: landmarks/SET/NAME_pts.mat."""
    return mat.parent.parent / LANDMARKS / mat.parent.name / f"{mat.stem}_pts.mat"


def label_files(folder: Path) -> Iterator[Path]:
    """Every .mat under `folder` that labels a picture NAME.jpg, in the order of names: none of 300W-LP's own `landmarks` and `Code` folders."""
    folder = folder.absolute()  # Or "." hides the set's name.
    return (mat for mat in sorted(folder.rglob("*.mat")) if not NOT_SETS & set(mat.relative_to(folder).parts))


def read_300w_lp(folder: Path) -> Iterator[LabelledImage]:
    """
    Every labelled picture that is there, in the order of names. Mirrored copies without points, as all of 300W-LP's are, are passed by:
    training mirrors pictures itself.
    """
    for mat in label_files(folder):
        if not mat.with_suffix(".jpg").exists():
            continue
        if mat.parent.name.endswith(COPIES) and not points_file(mat).exists() and "pt3d_68" not in _read_mat(mat):
            continue
        yield read_label(mat)
