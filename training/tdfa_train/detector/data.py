"""The pictures, decoded once. Boxes [n,4] x1 y1 x2 y2, pixels of the picture they belong to."""

from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import torch

from ..data.cache import Cache
from ..data.packed import Packed, read_packed
from ..face_model import FaceModel
from ..files import read_arrays, replacing
from ..profiled import HELD_OUT as HELD_OUT_CROPS
from .boxes import iou
from .find import Find
from .heads import turn_heads
from .teacher import SEEN

HELD_OUT = 120
"""Pictures with faces kept from training."""
SURE = 0.8
"""Score from which the teacher's box on a crop counts; a crop without is left out."""
UNSURE = 0.3
"""Score from which what the teacher sees besides the labelled faces, in the picture enlarged, is no background either."""
SMALLEST_PIECE = 24
VIDEO_FRAMES = 900
"""The first so many pictures of frames.bin (source 0)."""


def no_boxes() -> np.ndarray:
    return np.zeros((0, 4))


@dataclass(frozen=True)
class Picture:
    pixels: np.ndarray  # [H,W,3] uint8 RGB
    boxes: np.ndarray  # [n,4]
    unsure: np.ndarray = field(default_factory=no_boxes)  # [m,4] neither face nor background


@dataclass(frozen=True)
class Pictures:
    frames: list[Picture]
    crops: list[Picture]
    """One face each, its surroundings in part black."""
    empty: list[Picture]
    """Without a face."""
    heads: list[Picture] = field(default_factory=list)
    """As crops, turned far to the side."""


def read_frames(folder: Path, unsure: list[np.ndarray] | None = None) -> tuple[Pictures, Pictures]:
    """
    frames.bin as (training, held out). Frames of one video follow each other, so the held-out ones are a row, not scattered. The
    pictures without faces come from two videos, told apart by brightness: the dark one is trained on, of the other nothing is.
    `unsure`: boxes for each picture.
    """
    packed = read_packed(folder, "frames", "boxes", "box_offsets", "source")
    pictures = [Picture(*parts) for parts in zip(packed, boxes_of(packed), unsure or [no_boxes()] * len(packed))]
    with_faces = [picture for picture, source in zip(pictures, packed.labels["source"]) if source != 2]
    without = [picture for picture, source in zip(pictures, packed.labels["source"]) if source == 2]
    dark = [picture.pixels.mean() < 125 for picture in without]
    seen = Pictures(with_faces[HELD_OUT // 2 : -HELD_OUT // 2], [], [p for p, is_dark in zip(without, dark) if is_dark])
    kept = with_faces[: HELD_OUT // 2] + with_faces[-HELD_OUT // 2 :]
    return seen, Pictures(kept, [], [p for p, is_dark in zip(without, dark) if not is_dark])


def boxes_of(frames: Packed) -> list[np.ndarray]:
    """[n,4] of each picture."""
    boxes, ends = frames.labels["boxes"][:, :4], frames.labels["box_offsets"]
    return [boxes[first:last] for first, last in zip(ends, ends[1:])]


def pieces_beside(picture: Picture) -> list[np.ndarray]:
    """The parts of a picture left, right, above and below of all its faces, sure or not, that are not too small."""
    height, width = picture.pixels.shape[:2]
    boxes = np.concatenate([picture.boxes, picture.unsure])
    margin = 0.1 * (boxes[:, 2:] - boxes[:, :2]).max()
    x1, y1 = np.clip(boxes[:, :2].min(0) - margin, 0, None).astype(int)
    x2, y2 = (boxes[:, 2:].max(0) + margin).astype(int)
    parts = [picture.pixels[:, :x1], picture.pixels[:, x2:], picture.pixels[:y1], picture.pixels[y2:]]
    return [part for part in parts if min(part.shape[:2]) >= SMALLEST_PIECE]


def label(folder: Path, teacher: Find, cache: Cache, model: FaceModel, output: Path) -> tuple[int, int, int]:
    """
    Writes `output` .npz: the crops in which the teacher is sure of one face, and its boxes; some of them with the head turned; for
    each frame the boxes of which it is not sure. How many there are of each. `cache`: the regressor's, of the same crops, and `model`
    that of its labels; the crops on which it is judged turned are left out.
    """
    crops = read_packed(folder, "crops")
    if len(crops) != len(cache):
        raise ValueError(f"Expected the {len(crops)} crops of {folder} in the cache but it has {len(cache)}; run `python -m tdfa_train prepare`.")
    seen = ((number, teacher(crops[number], SEEN)) for number in range(len(crops) - HELD_OUT_CROPS))
    sure = [(number, found[0, :4]) for number, found in seen if len(found) == 1 and found[0, 4] >= SURE]
    if not sure:
        raise ValueError(f"Expected crops in {folder} in which the teacher is sure of one face but it is in none of {len(crops) - HELD_OUT_CROPS}.")
    numbers, boxes = (np.array(part) for part in zip(*sure))
    heads, head_boxes = turn_heads(cache, model, numbers, teacher)
    frames = read_packed(folder, "frames", "boxes", "box_offsets")
    unsure = [find_unsure(pixels, own, teacher) for pixels, own in zip(frames, boxes_of(frames))]
    ends = np.cumsum([0, *map(len, unsure)])
    with replacing(output) as temporary, temporary.open("wb") as file:
        np.savez(
            file, numbers=numbers, boxes=np.float32(boxes), unsure=np.concatenate(unsure), unsure_offsets=ends,
            heads=heads, head_boxes=head_boxes,
        )  # fmt: skip
    return len(numbers), len(heads), int(ends[-1])


def find_unsure(pixels: np.ndarray, boxes: np.ndarray, teacher: Find) -> np.ndarray:
    """What the teacher sees at twice the size, faintly even, and that is none of `boxes`; [m,4]."""
    enlarged = cv2.resize(pixels, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    found = teacher(enlarged, UNSURE)[:, :4] / 2
    if not len(boxes):
        return found
    overlaps = iou(torch.from_numpy(found)[:, None], torch.from_numpy(np.float64(boxes))[None]).amax(1)
    return found[overlaps.numpy() < 0.3]


def read_training(folder: Path, labels: Path) -> tuple[Pictures, Pictures]:
    """All that training sees, and what is held out; `labels` as `label` writes them."""
    if not labels.exists():
        raise FileNotFoundError(f"Expected labels at {labels}; run the command prepare first.")
    arrays = read_arrays(labels, "numbers", "boxes", "unsure", "unsure_offsets", "heads", "head_boxes")
    unsure, ends = arrays["unsure"], arrays["unsure_offsets"]
    frames, held_out = read_frames(folder, [unsure[first:last] for first, last in zip(ends, ends[1:])])
    packed = read_packed(folder, "crops")
    crops = [Picture(packed[number], box[None]) for number, box in zip(arrays["numbers"], arrays["boxes"])]
    heads = [Picture(pixels, box[None]) for pixels, box in zip(arrays["heads"], arrays["head_boxes"])]
    pieces = [Picture(piece, no_boxes()) for frame in frames.frames for piece in pieces_beside(frame)]
    # The video frames come three times: many of the photographs, which are the rest, show masks rather than faces.
    videos = frames.frames[: VIDEO_FRAMES - HELD_OUT // 2]
    return Pictures(frames.frames + 2 * videos, crops, frames.empty + pieces, heads), held_out
