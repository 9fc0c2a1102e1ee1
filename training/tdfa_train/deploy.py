"""A network as the product runs it: 8-bit crops in, de-normalised parameters out."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .checkpoint import load_checkpoint, load_weights
from .config import TrainConfig
from .networks import build_network
from .normalise import Normaliser
from .onnx_files import open_session
from .params import SIZE
from .pixels import to_planes

Regressor = Callable[[np.ndarray], np.ndarray]
"""uint8 [N,120,120,3] RGB to float32 [N,P] de-normalised."""


class Deployed(nn.Module):
    """
    `image` uint8 [N,120,120,3] RGB -> `params` float32 [N,P]. Extra outputs of training are dropped; a network that was
    trained on smaller pictures gets them that small.
    """

    def __init__(self, network: nn.Module, normaliser: Normaliser, size: int = SIZE):
        super().__init__()
        self.network = network
        # A matrix, as runtimes differ in where they round a resize's places, and sharp networks in what they make of that.
        self.register_buffer("resize", None if size == SIZE else resize_matrix(size))
        self.register_buffer("scale", normaliser.deviation.clone())
        self.register_buffer("offset", normaliser.mean.clone())

    def forward(self, image: Tensor) -> Tensor:
        pixels = to_planes(image)
        if self.resize is not None:
            pixels = self.resize @ pixels @ self.resize.T
        return self.network(pixels)[:, : self.scale.shape[0]] * self.scale + self.offset


def resize_matrix(size: int) -> Tensor:
    """[size,120]: times the columns of a crop they are `size` long, bilinear as PyTorch has it."""
    return F.interpolate(torch.eye(SIZE)[None, None], (size, SIZE), mode="bilinear", align_corners=False)[0, 0]


def load_deployed(path: Path) -> Deployed:
    """The running mean of the weights from a run's checkpoint, for inference on the CPU."""
    saved = load_checkpoint(path, TrainConfig)
    # Of the other settings none shapes the network.
    config = TrainConfig(network=saved["config"]["network"], image_size=saved["config"]["image_size"])
    outputs = saved["mean"]["head.conv.bias"].numel()
    network = build_network(config.network, outputs)
    load_weights(network, saved["mean"], path)
    return Deployed(network, Normaliser.load(saved["normaliser"], outputs), config.image_size).eval()


def torch_regressor(deployed: Deployed) -> Regressor:
    def regress(crops: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return deployed(torch.from_numpy(crops)).numpy()

    return regress


def onnx_regressor(path: Path) -> Regressor:
    """Any model in the product's contract, mb05 as imported by the product included."""
    session = open_session(path, ["image"], ["params"])
    shape = session.get_inputs()[0].shape[1:]
    if shape != [SIZE, SIZE, 3]:
        raise ValueError(f"Expected a network for crops of {SIZE}x{SIZE} at {path} but its input is {'x'.join(map(str, shape))}.")
    return lambda crops: session.run(["params"], {"image": crops})[0]
