"""YuNet, whose boxes are the labels: run on face crops, which come without boxes, and on the pictures of the evaluation."""

from pathlib import Path

import numpy as np
from torch import Tensor, from_numpy

from ..onnx_files import open_session
from .find import Find, make_finder
from .network import OUTPUTS

LARGEST = 640
SEEN = 0.6
"""Score from which what it sees is a face."""


def load_yunet(path: Path) -> Find:
    """The published yunet_n_dynamic.onnx: BGR as it is, any multiple of 32."""
    session = open_session(path, [], OUTPUTS)
    name = session.get_inputs()[0].name

    def run(image: Tensor) -> dict[str, Tensor]:
        bgr = image.numpy()[:, :, :, ::-1].transpose(0, 3, 1, 2).astype(np.float32)
        outputs = session.run(OUTPUTS, {name: np.ascontiguousarray(bgr)})
        return dict(zip(OUTPUTS, map(from_numpy, outputs)))

    return make_finder(run, [LARGEST])
