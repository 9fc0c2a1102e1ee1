"""What the tests share. Without PyTorch none can run; those that need the shared folder say so when they are skipped."""

import importlib.util

import pytest

MISSING = [name for name in ("torch", "cv2", "onnx", "onnxruntime") if importlib.util.find_spec(name) is None]
collect_ignore_glob = ["test_*.py"] if MISSING else []


def pytest_report_header() -> str | None:
    return f"skipped: {', '.join(MISSING)} not installed (pip install -r requirements.txt)" if MISSING else None


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    # Nothing to collect is no failure on a machine that cannot train.
    if MISSING and exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        session.exitstatus = pytest.ExitCode.OK


if not MISSING:
    import torch

    torch.set_num_threads(1)
