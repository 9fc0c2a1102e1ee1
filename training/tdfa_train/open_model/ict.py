"""ICT-FaceKit (Li et al., CVPR 2020; MIT licence): the shapes that our face model is sampled from. Its mesh is not kept."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..files import read_arrays
from ..shared import require

NARROW_FACE = 6706
"""Vertices of the face without ears, scalp and neck come first."""
HIDDEN_RINGS = {60: 7, 36: 2, 42: 2}
"""Landmark beside an opening -> rings of vertices around it that lie inside the mouth or are the lids' thickness."""


@dataclass(frozen=True)
class IctFace:
    """The narrow face up to the visible edges of lids and lips. Millimetres, x right in the picture of a frontal face, y up, z towards the viewer."""

    neutral: np.ndarray  # [V,3]
    identity: np.ndarray  # [100,V,3], for coefficients with unit deviation
    expression: dict[str, np.ndarray]  # name -> [V,3] at full strength
    triangles: np.ndarray  # [T,3]
    landmarks: np.ndarray  # [68]


def read_ict(path: Path | None = None) -> IctFace:
    names = ("neutral", "identity", "expression", "expression_names", "polygons", "landmarks68")
    data = read_arrays(path or require("upstream/ICT-FaceKit/ict_face_head.npz"), *names)
    polygons = data["polygons"].astype(np.int64)
    polygons = polygons[(polygons < NARROW_FACE).all(1)]
    second = polygons[:, [0, 2, 3]][polygons[:, 2] != polygons[:, 3]]
    triangles, landmarks = np.concatenate([polygons[:, :3], second]), data["landmarks68"].astype(np.int64)
    neutral = 10 * data["neutral"].astype(np.float64)
    kept = np.setdiff1d(np.arange(NARROW_FACE), hidden_vertices(neutral, polygons, triangles, landmarks))
    place = np.full(NARROW_FACE, -1)
    place[kept] = np.arange(len(kept))
    triangles = place[triangles[(place[triangles] >= 0).all(1)]]

    def millimetres(key: str) -> np.ndarray:
        return 10 * data[key][:, kept].astype(np.float64)

    expression = dict(zip((str(name) for name in data["expression_names"]), millimetres("expression")))
    return IctFace(neutral[kept], millimetres("identity"), expression, triangles, place[landmarks])


def hidden_vertices(points: np.ndarray, polygons: np.ndarray, triangles: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """What must go for the openings' rims to be what one sees of them."""
    following = np.roll(polygons, -1, axis=1)
    # A triangle repeats its last index.
    edges = np.stack([polygons, following], 2).reshape(-1, 2)
    edges = edges[edges[:, 0] != edges[:, 1]]
    loops = boundary_loops(triangles)[1:]
    hidden = []
    for landmark, rings in HIDDEN_RINGS.items():
        corner = points[landmarks[landmark]]
        inside = set(min(loops, key=lambda loop: np.linalg.norm(points[loop] - corner, axis=1).min()).tolist())
        for _ in range(rings - 1):
            touching = np.isin(edges, list(inside)).any(1)
            inside |= set(edges[touching].ravel().tolist())
        hidden += inside
    return np.array(hidden)


def boundary_loops(triangles: np.ndarray) -> list[np.ndarray]:
    """Closed chains of vertices along edges that belong to one triangle, the longest way round first."""
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    present = set(map(tuple, edges.tolist()))
    following = {a: b for a, b in present if (b, a) not in present}
    loops = []
    while following:
        start, vertex = next(iter(following.items()))
        loop = [start]
        del following[start]
        while vertex != start:
            loop.append(vertex)
            vertex = following.pop(vertex)
        loops.append(np.array(loop))
    return sorted(loops, key=len, reverse=True)
