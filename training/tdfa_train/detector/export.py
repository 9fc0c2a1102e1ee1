"""From a checkpoint to the product's .onnx, whose contract is that of `deploy.Deployed`."""

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from ..onnx_files import open_session, trace, write_checked
from .deploy import Deployed
from .network import OUTPUTS, STRIDES


def export_onnx(deployed: Deployed, path: Path) -> float:
    """Writes `path` (through a temporary name), compares it with PyTorch and returns the largest difference found."""

    def write(temporary: Path) -> None:
        cells = {name: {1: f"cells_{stride}"} for stride in STRIDES for name in OUTPUTS if name.endswith(f"_{stride}")}
        axes = {"image": {1: "H", 2: "W"}, **cells}
        trace(deployed, torch.zeros(1, 64, 96, 3, dtype=torch.uint8), temporary, output_names=list(OUTPUTS), dynamic_axes=axes)
        model = onnx.load(temporary)
        halve_weights(model)
        onnx.checker.check_model(model, full_check=True)
        temporary.write_bytes(model.SerializeToString())

    return write_checked(path, write, lambda temporary: compare(deployed, temporary))


def halve_weights(model: onnx.ModelProto) -> None:
    """Stores weights in half precision, each with a cast that runtimes fold when they load; computing stays in single."""
    casts = []
    for weight in model.graph.initializer:
        if weight.data_type == TensorProto.FLOAT and np.prod(weight.dims) > 1:
            casts.append(helper.make_node("Cast", [f"{weight.name}_half"], [weight.name], to=TensorProto.FLOAT))
            weight.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(weight).astype(np.float16), f"{weight.name}_half"))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def compare(deployed: Deployed, path: Path) -> float:
    """Largest difference over noise of two sizes, in probabilities and strides."""
    session = open_session(path, ["image"], OUTPUTS)
    random = np.random.default_rng(0)
    differences = []
    for height, width in ((64, 96), (160, 128)):
        image = random.integers(0, 256, (1, height, width, 3), np.uint8)
        with torch.no_grad():
            mine = deployed(torch.from_numpy(image))
        theirs = session.run(OUTPUTS, {"image": image})
        differences += [np.abs(a.numpy() - b).max() for a, b in zip(mine, theirs)]
    return float(np.max(differences))
