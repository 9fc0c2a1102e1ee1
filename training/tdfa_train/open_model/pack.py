"""The files of `models/open`: the regressor as .onnx with small weights, the face model as .safetensors."""

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save

from ..deploy import Deployed
from ..export import compare, export_onnx
from ..face_model import arkit_name
from ..files import read_arrays, replacing
from ..onnx_files import load_onnx
from .chart import SIZE
from .grid import grid_places

FACE_ID = "tdfa_open"
EIGHT_BITS_ABOVE = 2_000
"""Weights; smaller layers (depthwise, the first) suffer more than they save and are kept in 16 bits."""


def pack_regressor(deployed: Deployed, path: Path) -> float:
    """Writes `path`; returns the largest difference from PyTorch, in deviations of the parameters."""
    export_onnx(deployed, path, fold=False)
    model = onnx.load(path)
    shrink(model)
    with replacing(path) as temporary:
        temporary.write_bytes(model.SerializeToString())
    return compare(deployed, path)


def shrink(model: onnx.ModelProto) -> None:
    """Weights of 8 bits with a scale for each output channel, or of 16 bits; a runtime makes them float32 when it loads them."""
    graph = model.graph
    before = []
    weights = {node.input[1] for node in graph.node if node.op_type in ("Conv", "Gemm")}
    for tensor in [entry for entry in graph.initializer if entry.name in weights]:
        values = numpy_helper.to_array(tensor)
        graph.initializer.remove(tensor)
        small = values.size <= EIGHT_BITS_ABOVE or values.shape[1] == 1
        before += _half(graph, tensor.name, values) if small else _eight_bits(graph, tensor.name, values)
    nodes = list(graph.node)
    del graph.node[:]
    graph.node.extend(before + nodes)
    onnx.checker.check_model(model)


def _half(graph: onnx.GraphProto, name: str, values: np.ndarray) -> list[onnx.NodeProto]:
    graph.initializer.append(numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
    return [helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT)]


def _eight_bits(graph: onnx.GraphProto, name: str, values: np.ndarray) -> list[onnx.NodeProto]:
    axes = tuple(range(1, values.ndim))
    scale = (np.abs(values).max(axes, keepdims=True) / 127).clip(1e-12).astype(np.float32)
    graph.initializer.append(numpy_helper.from_array(np.round(values / scale).astype(np.int8), f"{name}.bits"))
    graph.initializer.append(numpy_helper.from_array(scale, f"{name}.scale"))
    cast = helper.make_node("Cast", [f"{name}.bits"], [f"{name}.float"], to=TensorProto.FLOAT)
    return [cast, helper.make_node("Mul", [f"{name}.float", f"{name}.scale"], [name])]


def read_features(path: Path) -> dict[str, torch.Tensor]:
    """A packed regressor's weights and batch statistics by their names in the network, for training to go on from."""
    values = {entry.name: numpy_helper.to_array(entry) for entry in load_onnx(path).graph.initializer}
    for name in [name for name in values if name.endswith(".bits")]:
        base = name.removesuffix(".bits")
        values[base] = values.pop(name) * values.pop(f"{base}.scale")
    prefix = "network."
    kept = ((name.removesuffix(".half").removeprefix(prefix), value) for name, value in values.items() if name.startswith(prefix))
    return {name: torch.from_numpy(np.array(value, np.float32)) for name, value in kept}


def pack_face(source: Path, path: Path) -> None:
    """
    From the .npz of `build` to the layout that the product's `readMorphableModel` reads; basis with 16 bits. A `source` that is
    packed already is copied.
    """
    content = source.read_bytes() if source.suffix == ".safetensors" else _packed(source)
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def _packed(source: Path) -> bytes:
    data = read_arrays(source, "mean", "shape", "expression", "triangles", "landmarks", "expression_names")
    mean = data["mean"]
    low, high = mean.min(0), mean.max(0)
    tensors = {
        "mean": mean,
        "shape_basis": data["shape"].transpose(2, 0, 1).astype(np.float16),
        "expression_basis": data["expression"].transpose(2, 0, 1).astype(np.float16),
        "triangles": wound(data["triangles"], mean).astype(np.uint16),
        "landmarks": data["landmarks"].astype(np.uint32),
        "uv": (grid_places() / (SIZE - 1)).astype(np.float32),
        "ncc": ((mean - low) / (high - low)).astype(np.float16),
    }
    names = ",".join(arkit_name(str(name)) for name in data["expression_names"])
    return save({name: np.ascontiguousarray(values) for name, values in tensors.items()}, {"id": FACE_ID, "expression_names": names, "unit": "millimetre"})


def wound(triangles: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """With corners in the product's order: clockwise as a viewer sees them (counter-clockwise by the signs of a frame with y down)."""
    a, b, c = (mean[triangles[:, corner]] for corner in range(3))
    return triangles[:, ::-1] if np.median(np.cross(b - a, c - a)[:, 2]) > 0 else triangles
