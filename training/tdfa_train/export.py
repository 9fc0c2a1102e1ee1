"""From a checkpoint to the product's .onnx: `image` uint8 [N,120,120,3] RGB -> `params` float32 [N,P] de-normalised."""

from pathlib import Path

import numpy as np
import torch

from .deploy import Deployed, onnx_regressor, torch_regressor
from .onnx_files import trace, write_checked
from .params import SIZE


def export_onnx(deployed: Deployed, path: Path, fold: bool = True) -> float:
    """
    Writes `path` (through a temporary name), compares it with PyTorch and returns the largest difference found. Without `fold`
    batch norms stay layers of their own, for runtimes to fold when they load it, so that training can take the file up again.
    """

    def write(temporary: Path) -> None:
        mode = torch.onnx.TrainingMode.EVAL if fold else torch.onnx.TrainingMode.PRESERVE
        crops = torch.zeros(1, SIZE, SIZE, 3, dtype=torch.uint8)
        axes = {"image": {0: "N"}, "params": {0: "N"}}
        trace(deployed, crops, temporary, output_names=["params"], dynamic_axes=axes, do_constant_folding=fold, training=mode)

    return write_checked(path, write, lambda temporary: compare(deployed, temporary))


def compare(deployed: Deployed, path: Path) -> float:
    """Largest difference over random crops in two batch sizes, in deviations of the parameters or, beyond one, relative."""
    random = np.random.default_rng(0)
    differences = []
    for count in (1, 3):
        crops = random.integers(0, 256, (count, SIZE, SIZE, 3), np.uint8)
        expected = torch_regressor(deployed)(crops)
        apart = (onnx_regressor(path)(crops) - expected) / deployed.scale.numpy()
        size = np.abs((expected - deployed.offset.numpy()) / deployed.scale.numpy())
        differences.append((np.abs(apart) / np.maximum(size, 1)).max())
    return float(np.max(differences))
