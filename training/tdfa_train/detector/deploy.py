"""The detector as the product runs it: 8-bit pictures in, probabilities and boxes of cells out."""

import copy
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from ..checkpoint import load_checkpoint, load_weights
from ..onnx_files import open_session
from ..pixels import to_planes
from .config import DetectorConfig
from .find import Find, make_finder, sizes_of_looks
from .network import OUTPUTS, Detector

COARSEST = 320
"""Longer side, pixels, at which the product looks for faces of all sizes."""
LARGEST = 640
"""Longer side, pixels, to which larger pictures are scaled down; the product's default."""


class Deployed(nn.Module):
    """
    `image` uint8 [1,H,W,3] RGB, sides multiples of 32, to YuNet's outputs for each stride S: `cls_S` (overlap of the box with a
    face) and `obj_S` (a face is there) [1,n,1], both probabilities, and `bbox_S` [1,n,4].
    """

    def __init__(self, network: Detector):
        super().__init__()
        self.network = fuse(network)

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        levels = [level.reshape(1, 6, -1).transpose(1, 2) for level in self.network(to_planes(image))]
        faces, overlaps, boxes = zip(*(level.split((1, 1, 4), 2) for level in levels))
        return (*(x.sigmoid() for x in overlaps), *(x.sigmoid() for x in faces), *boxes)


def fuse(network: Detector) -> Detector:
    """A copy whose batch normalisations are part of the convolutions before them, weights rounded to half precision."""
    fused = copy.deepcopy(network)
    for module in fused.eval().modules():
        if isinstance(module, nn.Sequential):
            for index in range(1, len(module)):
                if isinstance(module[index], nn.BatchNorm2d):
                    module[index - 1] = fuse_conv_bn_eval(module[index - 1], module[index])
                    module[index] = nn.Identity()
    for weight in fused.parameters():
        weight.data = weight.data.half().float()
    return fused.requires_grad_(False)


def load_deployed(path: Path) -> Deployed:
    """The running mean of the weights from a run's checkpoint."""
    saved = load_checkpoint(path, DetectorConfig)
    network = Detector(saved["config"]["channels"])
    load_weights(network, saved["mean"], path)
    return Deployed(network).eval()


def torch_finder(network: Deployed, largest: int = LARGEST, device: str | torch.device = "cpu") -> Find:
    def run(image: Tensor) -> dict[str, Tensor]:
        with torch.no_grad():
            return dict(zip(OUTPUTS, (output.cpu() for output in network(image.to(device)))))

    return make_finder(run, sizes_of_looks(COARSEST, largest))


def onnx_finder(path: Path, largest: int = LARGEST) -> Find:
    """Any file in the product's contract."""
    session = open_session(path, ["image"], OUTPUTS)

    def run(image: Tensor) -> dict[str, Tensor]:
        return dict(zip(OUTPUTS, map(torch.from_numpy, session.run(OUTPUTS, {"image": image.numpy()}))))

    return make_finder(run, sizes_of_looks(COARSEST, largest))
