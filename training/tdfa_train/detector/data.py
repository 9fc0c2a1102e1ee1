"""The pictures, decoded once. Boxes [n,4] x1 y1 x2 y2, pixels of the picture they belong to."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from .teacher import YuNet

HELD_OUT = 120
"""Pictures with faces kept from training."""
SURE = 0.8
"""Score from which the teacher's box on a crop counts; a crop without is left out."""


@dataclass(frozen=True)
class Picture:
    pixels: np.ndarray  # [H,W,3] uint8 RGB
    boxes: np.ndarray  # [n,4]


@dataclass(frozen=True)
class Pictures:
    frames: list[Picture]
    crops: list[Picture]
    """One face each, its surroundings in part black."""
    empty: list[Picture]
    """Without a face."""


def _read(folder: Path, name: str) -> tuple[list[np.ndarray], dict[str, np.ndarray]]:
    packed = (folder / f"{name}.bin").read_bytes()
    with np.load(folder / f"{name}.npz") as archive:
        labels = {key: archive[key] for key in archive.files}
    ends = labels["offsets"]
    encoded = (np.frombuffer(packed[ends[i] : ends[i + 1]], np.uint8) for i in range(len(ends) - 1))
    return [cv2.cvtColor(cv2.imdecode(data, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB) for data in encoded], labels


def read_frames(folder: Path) -> tuple[Pictures, Pictures]:
    """
    frames.bin as (training, held out). Frames of one video follow each other, so the held-out ones are a row, not scattered. The
    pictures without faces come from two videos, told apart by brightness: the dark one is trained on, of the other nothing is.
    """
    pixels, labels = _read(folder, "frames")
    ends = labels["box_offsets"]
    pictures = [Picture(picture, labels["boxes"][ends[i] : ends[i + 1], :4]) for i, picture in enumerate(pixels)]
    with_faces = [picture for picture, source in zip(pictures, labels["source"]) if source != 2]
    without = [picture for picture, source in zip(pictures, labels["source"]) if source == 2]
    dark = [picture.pixels.mean() < 125 for picture in without]
    seen = Pictures(with_faces[HELD_OUT // 2 : -HELD_OUT // 2], [], [p for p, is_dark in zip(without, dark) if is_dark])
    kept = with_faces[: HELD_OUT // 2] + with_faces[-HELD_OUT // 2 :]
    return seen, Pictures(kept, [], [p for p, is_dark in zip(without, dark) if not is_dark])


def label_crops(folder: Path, teacher: YuNet, output: Path) -> int:
    """Writes `output` .npz: numbers of the crops in which the teacher is sure of one face, and its boxes; how many they are."""
    pixels, _ = _read(folder, "crops")
    numbers, boxes = [], []
    for number, picture in enumerate(pixels):
        found = teacher(picture)
        if len(found) == 1 and found[0, 4] >= SURE:
            numbers.append(number)
            boxes.append(found[0, :4])
    output.parent.mkdir(parents=True, exist_ok=True)
    np.savez(output, numbers=np.array(numbers), boxes=np.float32(boxes))
    return len(numbers)


def read_crops(folder: Path, labelled: Path) -> list[Picture]:
    if not labelled.exists():
        raise FileNotFoundError(f"Expected labelled crops at {labelled}; run the command prepare first.")
    pixels, _ = _read(folder, "crops")
    with np.load(labelled) as archive:
        return [Picture(pixels[number], box[None]) for number, box in zip(archive["numbers"], archive["boxes"])]


def read_training(folder: Path, labelled: Path) -> Pictures:
    frames, _ = read_frames(folder)
    return Pictures(frames.frames, read_crops(folder, labelled), frames.empty)
