"""The topology of our model: a square grid of nodes, open at the mouth, and where each node lies on the sampled face."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.linalg import splu
from scipy.spatial import cKDTree

from .chart import LEFT_EYE, MOUTH, OPENINGS, RIGHT_EYE, SIZE, Opening

REACH = 2.0
"""Cells over which nodes give way to a landmark, standard deviation of a Gaussian."""


@dataclass(frozen=True)
class Grid:
    weights: csr_matrix
    """[N,V]: each node as a mean of the sampled face's vertices."""
    landmarks: np.ndarray
    """[68] the node that lies on each landmark."""
    eyes: np.ndarray
    """[N] 0 outside of the eyes' openings, 1 in their middle: what of a node's place is eyeball."""


def node(column: int, row: int) -> int:
    return row * SIZE + column


def make_grid(uv: np.ndarray, triangles: np.ndarray, landmarks: np.ndarray) -> Grid:
    """`uv` [V,2] the chart of the sampled face with `triangles` [T,3]; `landmarks` [68] its vertices."""
    places, nodes = nodes_on_landmarks(uv[landmarks])
    inside = np.zeros(SIZE * SIZE, bool)
    weights = locate(places, uv, triangles)
    for eye in (RIGHT_EYE, LEFT_EYE):
        inside |= inside_opening(places, eye)
    # Exactly, also at the corners of the eyes, where the chart is crowded.
    on = coo_matrix((np.ones(len(nodes)), (np.arange(len(nodes)), landmarks)), (len(nodes), len(uv)))
    weights = weights.tolil()
    weights[nodes] = on.tolil()
    inside[nodes] = False
    weights = fill(weights.tocsr(), inside)
    return Grid(weights, nodes, _eyeball(places) * inside)


def grid_places() -> np.ndarray:
    """[N,2] column and row of each node, row by row."""
    rows, columns = np.divmod(np.arange(SIZE * SIZE), SIZE)
    return np.stack([columns, rows], 1).astype(np.float64)


def nodes_on_landmarks(landmarks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Places [N,2] of the nodes, moved a little so that one of them lies on each landmark; and those nodes [68]."""
    places = grid_places()
    nodes: list[int] = []
    for place in landmarks:
        # Landmarks on the line of symmetry are as near to one node as to its mirror image: the first it is, not what rounding says.
        order = np.linalg.norm(places - place, axis=1).round(6).argsort(kind="stable")
        nodes.append(next(int(n) for n in order if n not in nodes))
    distance = np.linalg.norm(places[:, None] - places[nodes][None], axis=2)
    kernel = np.exp(-(distance**2) / (2 * REACH**2))
    movement = kernel @ np.linalg.solve(kernel[nodes], landmarks - places[nodes])
    # The outline stays, and rims keep their row.
    border = (places == 0) | (places == SIZE - 1)
    for opening in OPENINGS:
        within = (places[:, 0] >= opening.left) & (places[:, 0] <= opening.right)
        border[:, 1] |= within & ((places[:, 1] == opening.top) | (places[:, 1] == opening.bottom))
    border[nodes] = False
    return places + np.where(border, 0, movement), np.array(nodes)


def locate(places: np.ndarray, uv: np.ndarray, triangles: np.ndarray, candidates: int = 40) -> csr_matrix:
    """[N,V] barycentric weights of places in the chart; those in no triangle take a near point of a near one."""
    corners = uv[triangles]
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    area = cross(b - a, c - a)
    # The few that are folded over at the inner corner of the eye lose against those that are not.
    upright = np.sign(area) == np.sign(np.median(area))
    near = cKDTree(corners[upright].mean(1)).query(places, candidates)[1]
    chosen = np.flatnonzero(upright)[near]
    p = places[:, None]
    first = cross(c[chosen] - b[chosen], p - b[chosen]) / area[chosen]
    second = cross(a[chosen] - c[chosen], p - c[chosen]) / area[chosen]
    bary = np.stack([first, second, 1 - first - second], 2)
    clamped = np.clip(bary, 0, None)
    clamped /= clamped.sum(2, keepdims=True)
    miss = np.linalg.norm(np.einsum("nkc,nkcd->nkd", clamped, corners[chosen]) - p, axis=2)
    best = miss.argmin(1)
    index = np.arange(len(places))
    return coo_matrix(
        (clamped[index, best].ravel(), (np.repeat(index, 3), triangles[chosen[index, best]].ravel())), (len(places), len(uv))
    ).tocsr()


def cross(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Of vectors [...,2]: twice the signed area of the triangle that two of them span."""
    return u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0]


def inside_opening(places: np.ndarray, opening: Opening) -> np.ndarray:
    """[N] strictly within an opening's rim (the shape that `chart.on_rim` gives it)."""
    x = 2 * (places[:, 0] - opening.left) / (opening.right - opening.left) - 1
    y = 2 * (places[:, 1] - opening.top) / (opening.bottom - opening.top) - 1
    return np.abs(x) ** 3 + np.abs(y) ** 3 < 0.999


def fill(weights: csr_matrix, inside: np.ndarray) -> csr_matrix:
    """Nodes inside an opening become the mean of their four neighbours: a skin spanned between the lids."""
    unknown = np.flatnonzero(inside)
    neighbours = np.concatenate([unknown + step for step in (-1, 1, -SIZE, SIZE)])
    adjacency = coo_matrix((np.ones(len(neighbours)), (np.tile(np.arange(len(unknown)), 4), neighbours)), (len(unknown), len(inside))).tocsr()
    known = np.flatnonzero(~inside)
    system = 4 * coo_matrix((np.ones(len(unknown)), (np.arange(len(unknown)),) * 2)).tocsr() - adjacency[:, unknown]
    solved = splu(system.tocsc()).solve((adjacency[:, known] @ weights[known]).toarray())
    result = weights.tolil()
    result[unknown] = solved
    return result.tocsr()


def _eyeball(places: np.ndarray) -> np.ndarray:
    shares = []
    for eye in (RIGHT_EYE, LEFT_EYE):
        x = 2 * (places[:, 0] - eye.left) / (eye.right - eye.left) - 1
        y = 2 * (places[:, 1] - eye.top) / (eye.bottom - eye.top) - 1
        shares.append(np.clip(1 - x**2, 0, 1) * np.clip(1 - y**2, 0, 1))
    return np.maximum(*shares)


def grid_triangles() -> np.ndarray:
    """[T,3], counter-clockwise in the picture (y down) towards the viewer; the mouth's cells are left out, diagonals mirror."""
    rows, columns = np.divmod(np.arange((SIZE - 1) ** 2), SIZE - 1)
    mouth = (rows >= MOUTH.top) & (rows < MOUTH.bottom) & (columns >= MOUTH.left) & (columns < MOUTH.right)
    rows, columns = rows[~mouth], columns[~mouth]
    a, b, c, d = (node(columns + x, rows + y) for y, x in ((0, 0), (1, 0), (1, 1), (0, 1)))
    left = columns < SIZE // 2
    first = np.where(left[:, None], np.stack([a, b, d], 1), np.stack([a, b, c], 1))
    second = np.where(left[:, None], np.stack([b, c, d], 1), np.stack([a, c, d], 1))
    return np.stack([first, second], 1).reshape(-1, 3)
