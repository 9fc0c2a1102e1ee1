"""Pictures without a face for counting false boxes: held-out ones, and ones made from held-out frames and from noise."""

import numpy as np

from .compose import faceless
from .data import Picture, Pictures, no_boxes, pieces_beside
from .find import Find
from .place import Area, Scene, move_matrix, put
from .textures import texture

SIDE = 480
SEED = 20_000
"""Of no training batch."""
SUSPECT = 0.4
"""Score of the teacher from which a piece of a frame may hold a face that nobody labelled."""


def enlarge(pixels: np.ndarray) -> np.ndarray:
    """To cover SIDE x SIDE, upright."""
    height, width = pixels.shape[:2]
    scene = Scene(np.zeros((SIDE, SIDE, 3), np.uint8))
    matrix = move_matrix((width / 2, height / 2), (SIDE / 2, SIDE / 2), SIDE / min(width, height), 0.0, False)
    put(scene, Picture(pixels, no_boxes()), Area(0, 0, SIDE, SIDE), matrix)
    return scene.pixels


def make_empties(held_out: Pictures, teacher: Find) -> dict[str, list[np.ndarray]]:
    """
    `photographs`: of a video that training never saw. `surroundings`: what lies beside the faces of held-out frames, enlarged.
    `covered`: held-out frames with their faces covered or in pieces. `drawn`: textures.
    """
    random = np.random.default_rng(SEED)
    frames = held_out.frames
    pieces = [pieces_beside(frame) for frame in frames]
    surroundings = [enlarge(mine[random.integers(len(mine))]) for mine in pieces if mine]
    return {
        "photographs": [picture.pixels for picture in held_out.empty],
        "surroundings": [pixels for pixels in surroundings if not len(teacher(pixels, SUSPECT))],
        "covered": [faceless(random, held_out, frame).pixels for frame in frames],
        "drawn": [texture(random, SIDE, SIDE) for _ in range(100)],
    }
