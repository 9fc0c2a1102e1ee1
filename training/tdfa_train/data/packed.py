"""How `shared/training` keeps pictures: NAME.bin, JPEGs one behind the other, and NAME.npz, where each starts and what is known of it."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ..files import read_arrays


@dataclass(frozen=True)
class Packed:
    name: str
    jpegs: bytes
    labels: dict[str, np.ndarray]  # `offsets` [n+1] among them

    def __len__(self) -> int:
        return len(self.labels["offsets"]) - 1

    def __getitem__(self, index: int) -> np.ndarray:
        """RGB uint8 [H,W,3], decoded anew each time."""
        if not 0 <= index < len(self):
            raise IndexError(index)
        start, end = (int(offset) for offset in self.labels["offsets"][index : index + 2])
        image = cv2.imdecode(np.frombuffer(self.jpegs[start:end], np.uint8), cv2.IMREAD_COLOR) if end > start else None
        if image is None:
            raise ValueError(f"Expected a JPEG for picture {index} of {self.name}.bin but OpenCV cannot read it.")
        return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def read_packed(folder: Path, name: str, *labels: str) -> Packed:
    """:raises ValueError: when one of `labels` is missing, or pictures are. FileNotFoundError: when a file is."""
    found = read_arrays(folder / f"{name}.npz", "offsets", *labels)
    jpegs = (folder / f"{name}.bin").read_bytes()
    if found["offsets"][-1] > len(jpegs):
        raise ValueError(f"Expected {found['offsets'][-1]} bytes in {folder / name}.bin but it has {len(jpegs)}.")
    return Packed(name, jpegs, found)
