"""The detector's figures, at every threshold of a sweep."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ..data.crop import read_image
from ..data.evaluation import read_aflw2000, read_frames
from ..evaluate import by_yaw
from ..profiled import Profiled
from ..shared import require
from .data import Picture, Pictures
from .data import read_frames as read_training_frames
from .empties import make_empties
from .find import Find
from .heads import head_box
from .teacher import SEEN, load_yunet
from .validate import best_overlaps

THRESHOLDS = tuple(round(0.3 + 0.05 * index, 2) for index in range(13))
TEACHER_OVERLAP = 0.4
"""With the teacher's box, from which a face counts as found."""
LANDMARK_OVERLAP = 0.3
"""With the box of the 68 points (which leaves out the forehead), where the teacher sees no face there."""
PHOTOGRAPHS = {"emma": 3, "trump_hillary": 2}
"""And how many faces they show."""
SURROUND = 68
"""Pixels of black around a crop with a turned head."""
SIDES = (8, 10, 12, 16, 24, 48, 96, 192, 384)
"""Of the landmarks' box, pixels, to which frames are scaled to see how small and how large a face may be."""


def load_teacher() -> Find:
    return load_yunet(require("upstream/detectors/yunet/yunet_n_dynamic.onnx"))


@dataclass(frozen=True)
class Labelled:
    """A picture, the face that its true points tell of, and the overlap that counts as found."""

    picture: Picture
    least: float
    landmark_side: float
    """Of the landmarks' box, root of its area, pixels."""


def label(pixels: np.ndarray, points: np.ndarray, teacher: Find) -> Labelled:
    """The teacher's box around the points' centre; the points' own box where it has none. `points` [68,2]."""
    middle, own = points.mean(0), np.concatenate([points.min(0), points.max(0)])
    side = float(np.sqrt(np.prod(own[2:] - own[:2])))
    for box in teacher(pixels, SEEN)[:, :4]:
        if (box[:2] < middle).all() and (middle < box[2:]).all():
            return Labelled(Picture(pixels, box[None]), TEACHER_OVERLAP, side)
    return Labelled(Picture(pixels, own[None]), LANDMARK_OVERLAP, side)


def label_head(crop: np.ndarray, points: np.ndarray, teacher: Find) -> Picture:
    """A crop with a turned head, surrounded by black. `points` [68,2]."""
    pixels = np.pad(crop, ((SURROUND, SURROUND), (SURROUND, SURROUND), (0, 0)))
    return Picture(pixels, head_box(pixels, points + SURROUND, teacher)[None])


class Evaluation:
    """Everything that is looked at, made once. Boxes are found once, at the lowest threshold; suppression never needs a lower."""

    def __init__(self, find: Find, turned: Profiled, folder: Path | None = None):
        self.find = find
        teacher = load_teacher()
        self.yaw = turned.yaw
        self.turned = [label_head(crop, points, teacher) for crop, points in zip(turned.crops, turned.truth)]
        self.teacher_turned = self._turned_found(SEEN, [teacher(picture.pixels, SEEN) for picture in self.turned])
        images = folder or require("images")
        self.frames = [label(read_image(images / "youtube_faces" / s.name), s.truth, teacher) for s in read_frames(images / "youtube_faces")]
        self.large_pose = [label(read_image(images / "aflw2000" / f"{s.name}.jpg"), s.truth, teacher) for s in read_aflw2000(images / "aflw2000")]
        photographs = {name: read_image(images / f"{name}.jpg") for name in PHOTOGRAPHS}
        self.photographs = {name: Picture(pixels, teacher(pixels, 0.7)[: PHOTOGRAPHS[name], :4]) for name, pixels in photographs.items()}
        self.held_out: Pictures = read_training_frames(require("training"))[1]
        self.empties = make_empties(self.held_out, teacher)

    def figures(self) -> list[dict]:
        """One row for each threshold."""
        found = {
            "frames": [self._search(entry.picture) for entry in self.frames],
            "aflw2000": [self._search(entry.picture) for entry in self.large_pose],
            "held_out": [self._search(picture) for picture in self.held_out.frames],
            "turned": [self._search(picture) for picture in self.turned],
        }
        photographs = {name: self._search(picture) for name, picture in self.photographs.items()}
        empties = {name: [self.find(pixels, THRESHOLDS[0]) for pixels in pictures] for name, pictures in self.empties.items()}
        return [self._row(threshold, found, photographs, empties) for threshold in THRESHOLDS]

    def _search(self, picture: Picture) -> np.ndarray:
        return self.find(picture.pixels, THRESHOLDS[0])

    def _row(self, threshold: float, found: dict, photographs: dict, empties: dict) -> dict:
        def above(boxes: np.ndarray) -> np.ndarray:
            return boxes[boxes[:, 4] > threshold]

        def part_found(entries: list[Labelled], boxes: list[np.ndarray]) -> float:
            return float(np.mean([best_overlaps(above(b), e.picture.boxes)[0] >= e.least for e, b in zip(entries, boxes)]))

        overlaps = np.concatenate([best_overlaps(above(b), p.boxes) for p, b in zip(self.held_out.frames, found["held_out"])])
        hit = overlaps >= TEACHER_OVERLAP
        row = {
            "threshold": threshold,
            "frames": part_found(self.frames, found["frames"]),
            "aflw2000": part_found(self.large_pose, found["aflw2000"]),
            "turned": self._turned_found(threshold, found["turned"]),
            "held_out": float(hit.mean()),
            "iou": round(float(overlaps[hit].mean()), 4) if hit.any() else 0.0,
        }
        for name, picture in self.photographs.items():
            boxes = above(photographs[name])
            row[name] = {"found": int((best_overlaps(boxes, picture.boxes) >= TEACHER_OVERLAP).sum()), "boxes": len(boxes)}
        row["false"] = {name: int(sum(len(above(b)) for b in boxes)) for name, boxes in empties.items()}
        row["false_in_100"] = round(100 * sum(row["false"].values()) / sum(map(len, empties.values())), 2)
        return row

    def _turned_found(self, threshold: float, boxes: list[np.ndarray]) -> dict[str, float]:
        """Part of the turned heads that are found, by |yaw|. `boxes`: what was found in each picture."""
        overlaps = [best_overlaps(b[b[:, 4] > threshold], picture.boxes)[0] for b, picture in zip(boxes, self.turned)]
        parts = by_yaw(np.float64(np.array(overlaps) >= TEACHER_OVERLAP), self.yaw)
        return {name: round(part, 3) for name, part in parts.items()}

    def by_side(self, find_unscaled: Find, threshold: float) -> dict[int, float]:
        """Part of the frames whose face is found when it is so many pixels large. `find_unscaled` scales nothing down."""
        return {side: float(np.mean([self._found_at(entry, side, find_unscaled, threshold) for entry in self.frames])) for side in SIDES}

    def _found_at(self, entry: Labelled, side: int, find: Find, threshold: float) -> bool:
        scale = side / entry.landmark_side
        size = [max(1, round(length * scale)) for length in entry.picture.pixels.shape[1::-1]]
        pixels = cv2.resize(entry.picture.pixels, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
        return bool(best_overlaps(find(pixels, threshold), entry.picture.boxes * scale)[0] >= entry.least)
