"""From a checkpoint to the product's .onnx: `image` uint8 [N,120,120,3] RGB -> `params` float32 [N,P] de-normalised."""

import os
import warnings
from pathlib import Path

import numpy as np
import torch

from .deploy import Deployed, onnx_regressor, torch_regressor
from .params import SIZE

OPSET = 17
TOLERANCE = 1e-4
"""Largest difference allowed between PyTorch and the exported file, in deviations of the parameters or, beyond one, relative."""


def export_onnx(deployed: Deployed, path: Path, fold: bool = True) -> float:
    """
    Writes `path` (through a temporary name), compares it with PyTorch and returns the largest difference found. Without `fold`
    batch norms stay layers of their own, for runtimes to fold when they load it, so that training can take the file up again.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    crops = torch.zeros(1, SIZE, SIZE, 3, dtype=torch.uint8)
    try:
        with warnings.catch_warnings():
            # The exporter that needs no further package says that it is the older of two.
            warnings.simplefilter("ignore")
            torch.onnx.export(
                deployed.eval(), (crops,), str(temporary), dynamo=False, opset_version=OPSET, input_names=["image"],
                output_names=["params"], dynamic_axes={"image": {0: "N"}, "params": {0: "N"}}, do_constant_folding=fold,
                training=torch.onnx.TrainingMode.EVAL if fold else torch.onnx.TrainingMode.PRESERVE,
            )  # fmt: skip
        difference = compare(deployed, temporary)
        if difference > TOLERANCE:
            raise ValueError(f"Expected the exported network within {TOLERANCE} of PyTorch but it is off by {difference:.2e}.")
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return difference


def compare(deployed: Deployed, path: Path) -> float:
    """Largest difference over random crops in two batch sizes, in the unit of TOLERANCE."""
    random = np.random.default_rng(0)
    differences = []
    for count in (1, 3):
        crops = random.integers(0, 256, (count, SIZE, SIZE, 3), np.uint8)
        expected = torch_regressor(deployed)(crops)
        apart = (onnx_regressor(path)(crops) - expected) / deployed.scale.numpy()
        size = np.abs((expected - deployed.offset.numpy()) / deployed.scale.numpy())
        differences.append((np.abs(apart) / np.maximum(size, 1)).max())
    return float(max(differences))
