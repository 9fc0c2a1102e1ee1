"""State of a run on disk. A kill at any moment leaves the checkpoint before or after it, never half of one."""

import io
import os
import zipfile
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import torch
from torch import Tensor, nn

from .config import RunConfig
from .files import replacing

FILE = "last.pt"
FORM = {
    "config": {}, "step": int, "seconds": float, "curve": [{"step": int, "loss": float, "seconds": float}],
    "network": {...: Tensor}, "mean": {...: Tensor}, "optimiser": {"state": {}},
}  # fmt: skip
"""
What the checkpoint of every run holds, `config` its settings: a dictionary with these entries, a list of such, a type. `...` stands
for all entries. Settings say what else their runs hold.
"""


def save_checkpoint(folder: Path, state: dict) -> None:
    # PyTorch's writer hides the system's word for a full disk behind its own.
    content = io.BytesIO()
    torch.save(state, content)
    with replacing(folder / FILE) as temporary, temporary.open("wb") as file:
        file.write(content.getbuffer())
        file.flush()
        os.fsync(file.fileno())


def load_checkpoint(path: Path, settings: type[RunConfig]) -> dict:
    """
    `path`: a run's folder or the file itself; `settings`: the class of its settings. Tensors are on the CPU, whatever device they are
    from. Only tensors and plain values are read, never code.
    :raises ValueError: when it is no checkpoint, a damaged one, or that of another kind of run. FileNotFoundError: when there is none.
    """
    file = path / FILE if path.is_dir() else path
    if not file.exists():
        raise FileNotFoundError(f"Expected a checkpoint at {file} but there is none.")
    try:
        # PyTorch writes checksums of all it writes but never compares them.
        with zipfile.ZipFile(file) as archive:
            # Nothing in it is packed: what takes more than the file is made to fill the memory.
            if sum(entry.file_size for entry in archive.infolist()) > file.stat().st_size:
                raise ValueError("larger than the file")
            if damaged := archive.testzip():
                raise ValueError(damaged)
        saved = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:  # An unpickling error, a zip file's, an end of the file: all mean the same.
        raise ValueError(f"Expected the checkpoint of a run at {file} but it is something else or damaged.") from error
    if not isinstance(saved, dict) or not FORM.keys() <= saved.keys():
        raise ValueError(f"Expected the checkpoint of a run at {file} but it is one of another program.")
    if isinstance(saved["config"], dict):
        known = {entry.name for entry in fields(settings)}
        if unknown := sorted(str(name) for name in saved["config"] if name not in known):
            raise ValueError(f"Expected a run with other settings at {file}: it has {', '.join(unknown)}, which this command does not know.")
    if faults := [*_faults(saved, FORM), *_faults(saved, settings.CHECKPOINT)]:
        raise ValueError(f"Expected a whole checkpoint at {file} but {', '.join(dict.fromkeys(faults))} is missing or of another form.")
    return saved


def _faults(value: object, form: object, name: str = "") -> Iterator[str]:
    """Names of what in `value` is not as `form` says (see FORM)."""
    if not isinstance(value, form if isinstance(form, type) else type(form)):
        yield name
    elif isinstance(form, list):
        for entry in value:
            yield from _faults(entry, form[0], name)
    elif isinstance(form, dict):
        for key, part in form.items():
            for entry in value if key is ... else [key]:
                yield from _faults(value.get(entry), part, f"{name}'s {entry}" if name else entry)


def load_weights(network: nn.Module, weights: dict[str, Tensor], path: Path) -> None:
    """:raises ValueError: when `weights`, from the checkpoint at `path`, are those of another network."""
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise ValueError(f"Expected the weights of the network that the checkpoint at {path} names but they are another one's.") from error


def load_latest(folder: Path, settings: type[RunConfig]) -> dict | None:
    """The checkpoint of the run in `folder`, None where it has not begun."""
    return load_checkpoint(folder, settings) if (folder / FILE).exists() else None
