"""Moving pictures and their boxes: what lands where, which faces still count."""

from dataclasses import dataclass, field

import cv2
import numpy as np

from .data import Picture

SMALLEST = 9.0
"""Side of a face, pixels, below which it is neither face nor background."""
VISIBLE = 0.5
"""Part of a face's box that must be seen for it to count."""


@dataclass
class Scene:
    """A picture being put together."""

    pixels: np.ndarray  # [H,W,3] uint8
    boxes: list[np.ndarray] = field(default_factory=list)
    ignored: list[np.ndarray] = field(default_factory=list)


@dataclass(frozen=True)
class Area:
    """Where in a scene something goes, whole pixels."""

    x: int
    y: int
    width: int
    height: int


def move_matrix(source: tuple[float, float], target: tuple[float, float], scale: float, angle: float, mirror: bool) -> np.ndarray:
    """[2,3]: takes the point `source` to `target`, scales, turns by `angle` (radians) and mirrors before it."""
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    turn = np.array([[cos, -sin], [sin, cos]])
    if mirror:
        turn = turn @ np.diag([-1.0, 1.0])
    return np.column_stack([turn, np.array(target) - turn @ np.array(source)])


def move_boxes(boxes: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """The boxes around the ellipses that fill `boxes`, moved: a turned face does not fill the hull of its box's corners."""
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2 @ matrix[:, :2].T + matrix[:, 2]
    half = np.sqrt(((boxes[:, 2:] - boxes[:, :2]) / 2) ** 2 @ (matrix[:, :2] ** 2).T)
    return np.concatenate([centre - half, centre + half], 1)


def put(scene: Scene, picture: Picture, area: Area, matrix: np.ndarray, smooth: bool = True) -> None:
    """Draws a picture into an area, moved by `matrix` (to the area's pixels); outside the picture the scene stays."""
    view = scene.pixels[area.y : area.y + area.height, area.x : area.x + area.width]
    drawn = np.ascontiguousarray(view)
    pixels, turn = picture.pixels, matrix[:, :2]
    scale = np.sqrt(abs(np.linalg.det(turn)))
    if smooth and scale < 0.7:
        # Averaging first; without, every other pixel is lost, as when a large photograph is shrunk in a hurry.
        size = [max(1, round(side * scale * 1.2)) for side in pixels.shape[1::-1]]
        turn = turn * (np.array(pixels.shape[1::-1]) / size)
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    # OpenCV counts from the centre of the first pixel, boxes from its corner.
    inner = np.column_stack([turn, matrix[:, 2] + turn @ [0.5, 0.5] - 0.5])
    drawn = cv2.warpAffine(pixels, inner, (area.width, area.height), drawn, cv2.INTER_LINEAR, cv2.BORDER_TRANSPARENT)
    view[:] = drawn
    sort_boxes(scene, move_boxes(picture.boxes, matrix), area)
    sort_boxes(scene, move_boxes(picture.unsure, matrix), area, sure=False)


def sort_boxes(scene: Scene, boxes: np.ndarray, area: Area, sure: bool = True) -> None:
    """
    Keeps the faces that are seen well enough, whole; of the others, and of what is not surely one, the part that shows is neither
    face nor background.
    """
    size = np.array([area.width, area.height])
    corner = np.array([area.x, area.y, area.x, area.y])
    for box in boxes:
        shown = np.concatenate([np.clip(box[:2], 0, size), np.clip(box[2:], 0, size)])
        part = np.prod(shown[2:] - shown[:2]) / np.prod(box[2:] - box[:2])
        centre = (box[:2] + box[2:]) / 2
        inside = (centre > 0).all() and (centre < size).all()
        if sure and inside and part >= VISIBLE and np.sqrt(np.prod(box[2:] - box[:2])) >= SMALLEST:
            scene.boxes.append(box + corner)
        elif part > 0:
            scene.ignored.append(shown + corner)
