"""From a checkpoint to the product's .onnx, whose contract is that of `deploy.Deployed`."""

import os
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from .deploy import OUTPUTS, Deployed
from .network import STRIDES

OPSET = 17
TOLERANCE = 1e-4
"""Largest difference allowed between PyTorch and the exported file, in probabilities and strides."""


def export_onnx(deployed: Deployed, path: Path) -> float:
    """Writes `path` (through a temporary name), compares it with PyTorch and returns the largest difference found."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    cells = {name: {1: f"cells_{stride}"} for stride in STRIDES for name in OUTPUTS if name.endswith(f"_{stride}")}
    try:
        with warnings.catch_warnings():
            # The exporter that needs no further package says that it is the older of two.
            warnings.simplefilter("ignore")
            torch.onnx.export(
                deployed.eval(), (torch.zeros(1, 64, 96, 3, dtype=torch.uint8),), str(temporary), dynamo=False, opset_version=OPSET,
                input_names=["image"], output_names=list(OUTPUTS), dynamic_axes={"image": {1: "H", 2: "W"}, **cells},
            )  # fmt: skip
        model = onnx.load(temporary)
        halve_weights(model)
        onnx.checker.check_model(model, full_check=True)
        temporary.write_bytes(model.SerializeToString())
        difference = compare(deployed, temporary)
        if not difference <= TOLERANCE:
            raise ValueError(f"Expected the exported network within {TOLERANCE} of PyTorch but it is off by {difference:.2e}.")
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return difference


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
    """Largest difference over noise of two sizes."""
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    random = np.random.default_rng(0)
    worst = 0.0
    for height, width in ((64, 96), (160, 128)):
        image = random.integers(0, 256, (1, height, width, 3), np.uint8)
        with torch.no_grad():
            mine = deployed(torch.from_numpy(image))
        theirs = session.run(OUTPUTS, {"image": image})
        worst = max(worst, *(float(np.abs(a.numpy() - b).max()) for a, b in zip(mine, theirs)))
    return worst
