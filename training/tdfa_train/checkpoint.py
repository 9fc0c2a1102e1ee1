"""State of a run on disk. A kill at any moment leaves the checkpoint before or after it, never half of one."""

import os
from pathlib import Path

import torch

FILE = "last.pt"


def save_checkpoint(folder: Path, state: dict) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".{FILE}.{os.getpid()}"
    with open(temporary, "wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, folder / FILE)


def load_checkpoint(path: Path, device: str | torch.device = "cpu") -> dict:
    """`path`: a run's folder or the file itself. Only tensors and plain values are read, never code."""
    file = path / FILE if path.is_dir() else path
    if not file.exists():
        raise FileNotFoundError(f"Expected a checkpoint at {file} but there is none.")
    return torch.load(file, map_location=device, weights_only=True)
