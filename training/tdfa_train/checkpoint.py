"""State of a run on disk. A kill at any moment leaves the checkpoint before or after it, never half of one."""

import io
import os
from dataclasses import fields
from pathlib import Path

import torch

from .files import replacing

FILE = "last.pt"
PARTS = {"config", "step", "seconds", "curve", "network", "mean", "optimiser"}
"""What the checkpoint of every run holds; `config` are its settings."""


def save_checkpoint(folder: Path, state: dict) -> None:
    # PyTorch's writer hides the system's word for a full disk behind its own.
    content = io.BytesIO()
    torch.save(state, content)
    with replacing(folder / FILE) as temporary, temporary.open("wb") as file:
        file.write(content.getbuffer())
        file.flush()
        os.fsync(file.fileno())


def load_checkpoint(path: Path, settings: type) -> dict:
    """
    `path`: a run's folder or the file itself; `settings`: the class of its settings. Tensors are on the CPU, whatever device they are
    from. Only tensors and plain values are read, never code.
    :raises ValueError: when it is no checkpoint, or that of another kind of run. FileNotFoundError: when there is none.
    """
    file = path / FILE if path.is_dir() else path
    if not file.exists():
        raise FileNotFoundError(f"Expected a checkpoint at {file} but there is none.")
    try:
        saved = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # An unpickling error, a zip file's, an end of the file: all mean the same.
        raise ValueError(f"Expected the checkpoint of a run at {file} but it is something else or damaged.") from error
    if not isinstance(saved, dict) or not PARTS <= saved.keys():
        raise ValueError(f"Expected the checkpoint of a run at {file} but it is one of another program.")
    if unknown := sorted(saved["config"].keys() - {entry.name for entry in fields(settings)}):
        raise ValueError(f"Expected a run with other settings at {file}: it has {', '.join(unknown)}, which this command does not know.")
    return saved


def load_latest(folder: Path, settings: type) -> dict | None:
    """The checkpoint of the run in `folder`, None where it has not begun."""
    return load_checkpoint(folder, settings) if (folder / FILE).exists() else None
