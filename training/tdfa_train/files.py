"""Files: written as a whole or not at all, and read with a clear word where they are something else."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """
    A temporary name beside `path`; what was written there becomes `path` when the block ends well, and goes when it fails. It is the
    same name each time, so that what a kill leaves there goes with the next write.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.part")
    temporary.unlink(missing_ok=True)
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def read_arrays(path: Path, *names: str) -> dict[str, np.ndarray]:
    """
    All arrays of an .npz.
    :raises ValueError: when it is something else or lacks one of `names`. FileNotFoundError: when it is not there.
    """
    if not path.exists():
        raise FileNotFoundError(f"Expected the arrays {', '.join(names)} in {path} but there is no such file.")
    try:
        with np.load(path) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except Exception as error:  # Whatever the many things that read zip files and arrays say.
        raise ValueError(f"Expected an .npz in {path} but it is something else or damaged.") from error
    if missing := [name for name in names if name not in arrays]:
        raise ValueError(f"Expected the arrays {', '.join(names)} in {path} but {', '.join(missing)} is not among them.")
    return arrays
