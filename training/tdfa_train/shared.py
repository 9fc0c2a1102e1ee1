"""Where the material lies that the repository may not hold: training crops, face model, evaluation pictures."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def shared(path: str = "") -> Path | None:
    """`path` inside the folder named by TDFA_SHARED (default: `shared` beside the repository); None where it is not."""
    found = Path(os.environ.get("TDFA_SHARED") or ROOT.parent / "shared") / path
    return found if found.exists() else None


def require(path: str) -> Path:
    """As `shared`, but says what to do where the material is missing."""
    found = shared(path)
    if found is None:
        raise FileNotFoundError(f"Expected {path} in the folder that TDFA_SHARED names, but it is not there.")
    return found
