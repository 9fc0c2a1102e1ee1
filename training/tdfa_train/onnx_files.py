"""Networks as .onnx: written checked against PyTorch, and opened with a clear word where they are something else."""

import os
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import onnx
import torch
from google.protobuf.message import DecodeError
from torch import nn

from .files import replacing

OPSET = 17
TOLERANCE = 1e-4
"""Largest difference allowed between PyTorch and an exported file, in the unit of the comparison."""


def open_session(path: Path, inputs: Sequence[str], outputs: Sequence[str]):
    """
    An onnxruntime session on one core.
    :raises ValueError: when the file is no network with at least these inputs and outputs. FileNotFoundError: when there is none.
    """
    # Or it reports on its use to Microsoft.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime

    if not path.is_file():
        raise FileNotFoundError(f"Expected a network (.onnx) at {path} but there is no such file.")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # The runtime has a class of its own for each complaint.
        raise ValueError(f"Expected a network (.onnx) at {path} but the file is something else or damaged.") from error
    found = {entry.name for entry in (*session.get_inputs(), *session.get_outputs())}
    if missing := [name for name in (*inputs, *outputs) if name not in found]:
        raise ValueError(f"Expected a network with {', '.join((*inputs, *outputs))} at {path} but it lacks {', '.join(missing)}.")
    return session


def load_onnx(path: Path) -> onnx.ModelProto:
    """:raises ValueError: when the file is no .onnx. FileNotFoundError: when there is none."""
    try:
        return onnx.load(path)
    except DecodeError as error:
        raise ValueError(f"Expected a network (.onnx) at {path} but the file is something else or damaged.") from error


def trace(network: nn.Module, example: torch.Tensor, path: Path, **options: object) -> None:
    """Writes the network as PyTorch's exporter sees it; `options` are the exporter's."""
    with warnings.catch_warnings():
        # The exporter that needs no further package says that it is the older of two.
        warnings.simplefilter("ignore")
        torch.onnx.export(network.eval(), (example,), str(path), dynamo=False, opset_version=OPSET, input_names=["image"], **options)


def write_checked(path: Path, write: Callable[[Path], None], compare: Callable[[Path], float]) -> float:
    """Lets `write` make the file under a temporary name, and returns the difference from PyTorch that `compare` finds in it."""
    with replacing(path) as temporary:
        write(temporary)
        difference = compare(temporary)
        if not difference <= TOLERANCE:
            raise ValueError(f"Expected the exported network within {TOLERANCE} of PyTorch but it is off by {difference:.2e}.")
    return difference
