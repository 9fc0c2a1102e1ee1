"""Files: written as a whole or not at all, and read with a clear word where they are something else."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows.
    fcntl = None

import numpy as np
from safetensors import SafetensorError, safe_open


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """
    Keeps other processes that ask for it, too, out of `folder`, which is made, and goes when nothing was left in it; a process that is
    killed holds nothing.
    :raises OSError: when another one is at work there.
    """
    is_new = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OSError(f"Expected to write into {folder} but the system refuses: {error.strerror}.") from error
    descriptor = os.open(folder, os.O_RDONLY) if fcntl else None
    try:
        if descriptor is not None:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise OSError(f"Expected {folder} for this process alone but another one is at work in it: wait for it, or name another folder.") from error
    except OSError:
        pass  # Some network drives know no locks.
    try:
        yield
    finally:
        if is_new:
            with suppress(OSError):  # Not empty.
                folder.rmdir()
        if descriptor is not None:
            os.close(descriptor)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """
    A temporary name beside `path`; what was written there becomes `path` when the block ends well, and goes when it fails. It is the
    same name each time, so that what a kill leaves there goes with the next write.
    :raises OSError: when `path` cannot be written, by its own name.
    """
    if path.is_dir():
        raise IsADirectoryError(f"Expected the name of a file to write but {path} is a folder: give a name inside it.")
    temporary = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.unlink(missing_ok=True)
        try:
            yield temporary
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        # A full disk comes without a name, or as the second of a copy's two; the rest with that of the temporary file or of a folder. Other
        # files are the block's matter.
        named = error.filename2 or error.filename
        if error.strerror and (named is None or Path(named) in (temporary, *path.parents)):
            raise OSError(f"Expected to write {path} but the system refuses: {error.strerror}.") from error
        raise


def to_json(values: dict, indent: int | None = None) -> str:
    """:raises ValueError: when a figure is not finite, for which JSON has no word."""
    try:
        return json.dumps(values, indent=indent, allow_nan=False)
    except ValueError as error:
        raise ValueError("Expected finite figures but some are not: the network has diverged, train it with a lower --learning-rate.") from error


LARGEST = 2**31
"""Bytes of all arrays of an .npz."""


def read_arrays(path: Path, *names: str) -> dict[str, np.ndarray]:
    """
    All arrays of an .npz.
    :raises ValueError: when it is something else or lacks one of `names`. FileNotFoundError: when it is not there.
    """
    _check_file(path, names)
    try:
        with np.load(path) as archive:
            # What is packed small may be made to fill the memory.
            if sum(entry.file_size for entry in archive.zip.infolist()) > LARGEST:
                raise ValueError("too large")
            arrays = {name: archive[name] for name in archive.files}
    except Exception as error:  # Whatever the many things that read zip files and arrays say.
        raise ValueError(f"Expected an .npz in {path} but it is something else or damaged.") from error
    _check_arrays(path, names, arrays)
    return arrays


def read_safetensors(path: Path, *names: str) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """
    The arrays `names` and the metadata of a .safetensors.
    :raises ValueError: when it is something else or lacks one of `names`. FileNotFoundError: when it is not there.
    """
    _check_file(path, names)
    try:
        with safe_open(path, "numpy") as archive:
            arrays = {name: archive.get_tensor(name) for name in archive.keys()}
            metadata = archive.metadata() or {}
    except (OSError, TypeError, SafetensorError) as error:  # numpy has no word for bfloat16.
        raise ValueError(f"Expected a .safetensors in {path} but it is something else or damaged.") from error
    _check_arrays(path, names, arrays)
    return arrays, metadata


def _check_file(path: Path, names: tuple[str, ...]) -> None:
    if not path.exists():
        raise FileNotFoundError(f"Expected the arrays {', '.join(names)} in {path} but there is no such file.")


def _check_arrays(path: Path, names: tuple[str, ...], arrays: dict[str, np.ndarray]) -> None:
    if missing := [name for name in names if name not in arrays]:
        raise ValueError(f"Expected the arrays {', '.join(names)} in {path} but {', '.join(missing)} is not among them.")
