"""Mean and basis of our model, on the nodes of the grid, in millimetres."""

from dataclasses import dataclass

import numpy as np

from .grid import Grid
from .ict import IctFace

IDENTITIES = 32
"""Principal components kept of ICT-FaceKit's 100 identity shapes."""
EYEBALL = 2.0
"""Millimetres by which the middle of an open eye stands out from the skin spanned between its lids."""

# What 68 landmarks can tell apart, by ARKit's names; a name without side moves both.
EXPRESSIONS = (
    "browDown_L", "browDown_R", "browInnerUp", "browOuterUp_L", "browOuterUp_R",
    "eyeBlink_L", "eyeBlink_R", "eyeWide_L", "eyeWide_R",
    "jawForward", "jawLeft", "jawOpen", "jawRight",
    "mouthClose", "mouthFrown_L", "mouthFrown_R", "mouthFunnel", "mouthLeft",
    "mouthLowerDown_L", "mouthLowerDown_R", "mouthPucker", "mouthRight",
    "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper",
    "mouthSmile_L", "mouthSmile_R", "mouthStretch_L", "mouthStretch_R", "mouthUpperUp_L", "mouthUpperUp_R",
)  # fmt: skip


@dataclass(frozen=True)
class Shapes:
    mean: np.ndarray  # [N,3]
    identity: np.ndarray  # [K,N,3], for coefficients with unit deviation
    expression: np.ndarray  # [E,N,3], for coefficients 0..1
    landmarks: np.ndarray  # [68]


def make_shapes(face: IctFace, grid: Grid) -> Shapes:
    mean = grid.weights @ face.neutral
    mean[:, 2] += EYEBALL * grid.eyes
    identity = principal(np.stack([grid.weights @ shape for shape in face.identity]), mean, IDENTITIES)
    expression = np.stack([_expression(face, grid, name) for name in EXPRESSIONS])
    return Shapes(mean, identity, expression, grid.landmarks)


def _expression(face: IctFace, grid: Grid, name: str) -> np.ndarray:
    parts = [face.expression[name]] if name in face.expression else [face.expression[f"{name}_{side}"] for side in "LR"]
    moved = grid.weights @ sum(parts)
    if name.startswith("eyeBlink"):
        # The lid slides over the eyeball and lies flat on it: what stood out is behind it.
        side = 1 if name.endswith("_L") else -1
        eyes = grid.eyes * ((grid.weights @ face.neutral)[:, 0] * side > 0)
        moved[:, 2] -= EYEBALL * eyes
    return moved


def principal(shapes: np.ndarray, mean: np.ndarray, count: int) -> np.ndarray:
    """
    [count,N,3] orthogonal shapes, scaled by their deviation, of the distribution in which each of `shapes` [K,N,3] has an
    independent coefficient of unit deviation; movement, rotation and scale of the whole are taken out, the camera has them.
    """
    rigid = np.linalg.qr(_rigid(mean))[0]
    flat = shapes.reshape(len(shapes), -1)
    flat = flat - (flat @ rigid) @ rigid.T
    _, deviation, directions = np.linalg.svd(flat, full_matrices=False)
    return (deviation[:count, None] * signed(directions[:count])).reshape(count, -1, 3)


def signed(directions: np.ndarray) -> np.ndarray:
    """
    [K,n] each with a positive sum of cubes: a decomposition leaves signs to the library that computes it, and their plain sums
    vanish.
    """
    return directions * np.where((directions**3).sum(1) < 0, -1, 1)[:, None]


def _rigid(mean: np.ndarray) -> np.ndarray:
    """[3N,7] what moving, turning and scaling do to each coordinate, to first order."""
    centred = mean - mean.mean(0)
    columns = [np.tile(axis, (len(mean), 1)) for axis in np.eye(3)]
    columns += [np.cross(axis, centred) for axis in np.eye(3)] + [centred]
    return np.stack([column.ravel() for column in columns], 1)
