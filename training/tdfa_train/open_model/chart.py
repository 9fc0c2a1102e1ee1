"""
A flat chart of the face: each vertex of the sampled mesh gets a place on the grid (column to the picture's right, row down).
Barycentric embedding (Tutte, "How to draw a graph", 1963; Floater's mean value weights, 2003): the outline lies on the
grid's border, the rims of eyes and mouth on lines of the grid, and each other vertex in the mean of its neighbours.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.linalg import splu
from scipy.spatial import cKDTree

from .ict import IctFace, boundary_loops

SIZE = 96
"""Nodes along a side of the grid; it is symmetric about the line between its middle columns."""


@dataclass(frozen=True)
class Opening:
    """A whole rectangle of cells: rows and columns of the nodes on its rim, and the landmarks at its corners."""

    top: int
    bottom: int
    left: int
    right: int
    corners: tuple[int, int]


# Cells of about 2 mm around eyes and mouth, growing outwards.
RIGHT_EYE = Opening(35, 39, 24, 39, (36, 39))
LEFT_EYE = Opening(35, 39, 56, 71, (42, 45))
MOUTH = Opening(64, 65, 36, 59, (60, 64))
OPENINGS = (RIGHT_EYE, LEFT_EYE, MOUTH)


def chart(face: IctFace) -> np.ndarray:
    """[V,2] column and row of each vertex."""
    loops = boundary_loops(face.triangles)
    fixed, places = [loops[0]], [on_border(face.neutral[loops[0]])]
    for opening in OPENINGS:
        loop = _loop_at(face, loops, opening)
        fixed.append(loop)
        places.append(on_rim(face, loop, opening))
    uv = embed(face.neutral, face.triangles, np.concatenate(fixed), np.concatenate(places))
    # Sampled quads are cut along one diagonal each, which is not symmetric; its mean with its mirror image is.
    partner = cKDTree(face.neutral).query(face.neutral * [-1, 1, 1])[1]
    mirrored = uv[partner]
    mirrored[:, 0] = SIZE - 1 - mirrored[:, 0]
    return (uv + mirrored) / 2


def embed(points: np.ndarray, triangles: np.ndarray, fixed: np.ndarray, places: np.ndarray) -> np.ndarray:
    """[V,2] with `fixed` vertices at `places` and each other one in the weighted mean of its neighbours."""
    weights = mean_value_weights(points, triangles)
    free = np.setdiff1d(np.arange(len(points)), fixed)
    total = np.asarray(weights.sum(1))[:, 0]
    system = coo_matrix((total[free], (np.arange(len(free)),) * 2)).tocsr() - weights[free][:, free]
    result = np.zeros((len(points), 2))
    result[fixed] = places
    result[free] = splu(system.tocsc()).solve(weights[free][:, fixed] @ places)
    return result


def mean_value_weights(points: np.ndarray, triangles: np.ndarray) -> csr_matrix:
    """[V,V]: (tan of half of each angle beside an edge) / the edge's length to the power 0.5, all positive: nothing folds."""
    rows, columns, values = [], [], []
    for turn in range(3):
        a, b, c = np.roll(triangles, -turn, axis=1).T
        u, v = points[b] - points[a], points[c] - points[a]
        lengths = np.linalg.norm(u, axis=1), np.linalg.norm(v, axis=1)
        cosine = (u * v).sum(1) / (lengths[0] * lengths[1])
        half = np.tan(np.arccos(np.clip(cosine, -1, 0.9999)) / 2)
        for end, length in zip((b, c), lengths):
            rows.append(a)
            columns.append(end)
            # The full power keeps angles but squeezes what stands out (nose, lips); half of it gives them their share of nodes.
            values.append(half / np.sqrt(length))
    return coo_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), (len(points),) * 2).tocsr()


def on_border(points: np.ndarray) -> np.ndarray:
    """Places [n,2] on the grid's border for a closed outline [n,3]: by arc length between its four corners."""
    middle, half = (points.max(0) + points.min(0)) / 2, (points.max(0) - points.min(0)) / 2
    x, y = ((points - middle) / half)[:, :2].T
    corners = sorted((int(np.argmax(sx * x + sy * y)), (sx, sy)) for sx in (-1, 1) for sy in (-1, 1))
    result = np.zeros((len(points), 2))
    for (start, first), (end, last) in zip(corners, corners[1:] + corners[:1]):
        indices = np.arange(start, end if end > start else end + len(points)) % len(points)
        share = _arc(points[np.append(indices, end)])[:-1, None]
        a, b = (np.array([(sx + 1) / 2, (1 - sy) / 2]) * (SIZE - 1) for sx, sy in (first, last))
        result[indices] = a + (b - a) * share
    return result


def on_rim(face: IctFace, loop: np.ndarray, opening: Opening) -> np.ndarray:
    """Places [n,2] of an opening's rim: its corners in the middle of the short sides, the lids or lips along the long ones."""
    points = face.neutral[loop]
    first, last = int(points[:, 0].argmin()), int(points[:, 0].argmax())
    result = np.zeros((len(loop), 2))
    result[first] = opening.left, (opening.top + opening.bottom) / 2
    result[last] = opening.right, (opening.top + opening.bottom) / 2
    chains = [_between(first, last, len(loop)), _between(last, first, len(loop))[::-1]]
    upper = int(points[chains[1][1:-1], 1].mean() > points[chains[0][1:-1], 1].mean())
    for index, chain in enumerate(chains):
        share = _arc(points[chain])[1:-1]
        result[chain[1:-1], 0] = opening.left + (opening.right - opening.left) * share
        # Round ends: a square corner would draw the skin around it into the opening.
        rise = (1 - np.abs(2 * share - 1) ** 3) ** (1 / 3) * (opening.bottom - opening.top) / 2
        result[chain[1:-1], 1] = (opening.top + opening.bottom) / 2 + (-rise if index == upper else rise)
    return result


def _loop_at(face: IctFace, loops: list[np.ndarray], opening: Opening) -> np.ndarray:
    corner = face.neutral[face.landmarks[opening.corners[0]]]
    return min(loops[1:], key=lambda loop: np.linalg.norm(face.neutral[loop] - corner, axis=1).min())


def _between(first: int, last: int, count: int) -> np.ndarray:
    """Indices from `first` to `last` inclusive, going round."""
    return np.arange(first, last + 1 if last > first else last + count + 1) % count


def _arc(points: np.ndarray) -> np.ndarray:
    """[n] share of the length at each point of an open line, 0 to 1."""
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    return length / length[-1]
