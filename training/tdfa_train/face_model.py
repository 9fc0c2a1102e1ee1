"""The 3D morphable model that the parameters drive."""

import io
import pickle
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .files import read_arrays, read_safetensors
from .shared import require


@dataclass(frozen=True)
class FaceModel:
    """
    Vertices = mean + shape a + expression b, in model units (micrometres in the Basel Face Model), y up, z to the viewer.
    `landmarks`: the vertex of each of the 68 iBUG points.
    """

    mean: Tensor  # [V,3]
    shape: Tensor  # [V,3,K]
    expression: Tensor  # [V,3,E]
    landmarks: Tensor  # [68] int64
    names: tuple[str, ...] = ()  # ARKit's, of the expression components, where they have any

    @property
    def outputs(self) -> int:
        """Numbers that a network for this model gives: camera 3x4, shape, expression."""
        return 12 + self.shape.shape[2] + self.expression.shape[2]

    @property
    def basis(self) -> Tensor:
        """[V,3,K+E]"""
        return torch.cat([self.shape, self.expression], 2)

    def check(self, params: Tensor) -> None:
        """:raises ValueError: unless `params` [N,P] have as many numbers as this model takes."""
        if params.shape[1] != self.outputs:
            raise ValueError(
                f"Expected {self.outputs} parameters a face, as the face model takes, but received {params.shape[1]}: "
                "the labels or the network are for another face model (--face-model, or --face of pack)."
            )

    def fingerprint(self) -> np.ndarray:
        """[2,68,3] float32, by which labels and runs know their model: the landmarks of the mean face, and the sum of their basis."""
        return torch.stack([self.mean[self.landmarks], self.basis[self.landmarks].sum(2)]).cpu().numpy()

    def check_fingerprint(self, other: np.ndarray | None, whose: str) -> None:
        """
        `other` is that of the model which `whose`, for messages, was made with; None where that is not known.
        :raises ValueError: when it is not this one, be it in 32 or in 16 bits.
        """
        if other is None:
            return
        mine = self.fingerprint()
        far = np.abs(mine - other).max((1, 2)) > 0.01 * np.abs(mine).max((1, 2)) if mine.shape == other.shape else np.ones(2)
        if far.any():
            raise ValueError(f"Expected the face model of {whose} but received another one with as many parameters (--face-model, or --face of pack).")

    def pick(self, vertices: Tensor, landmarks: Tensor | None = None) -> "FaceModel":
        """The same model with these vertices alone; `landmarks` then index into them."""
        none = torch.zeros(0, dtype=torch.int64, device=self.mean.device)
        chosen = [part[vertices].contiguous() for part in (self.mean, self.shape, self.expression)]
        return FaceModel(*chosen, none if landmarks is None else landmarks, self.names)

    def sparse(self, count: int) -> "FaceModel":
        """The landmarks, which come first, and about `count` other vertices spread evenly through the list."""
        step = max(1, self.mean.shape[0] // max(1, count))
        others = torch.arange(0, self.mean.shape[0], step, device=self.mean.device) if count else self.landmarks[:0]
        first = torch.arange(len(self.landmarks), device=self.mean.device)
        return self.pick(torch.cat([self.landmarks, others]), first)

    def to(self, device: torch.device | str) -> "FaceModel":
        moved = (part.to(device) for part in (self.mean, self.shape, self.expression, self.landmarks))
        return FaceModel(*moved, self.names)


class _Type:
    """Stands for numpy's dtype, of plain numbers alone: a real one can be told that bytes are pointers."""

    def __init__(self, name: str, *_: object):
        if not isinstance(name, str) or not re.fullmatch(r"[biuf]\d", name):
            raise pickle.UnpicklingError("Expected plain numbers.")
        self.name, self.order = name, "<"

    def __setstate__(self, state: tuple) -> None:
        self.order = state[1]
        if self.order not in ("<", ">", "|", "="):
            raise pickle.UnpicklingError("Expected an order of bytes.")

    def numbers(self, content: bytes) -> np.ndarray:
        if not isinstance(content, bytes):
            raise pickle.UnpicklingError("Expected the bytes of numbers.")
        return np.frombuffer(content, np.dtype(self.order + self.name))


class _Array:
    """Stands for an array until its contents have come."""

    values: np.ndarray

    def __setstate__(self, state: tuple) -> None:
        _, shape, kind, by_columns, content = state
        if not isinstance(kind, _Type):
            raise pickle.UnpicklingError("Expected plain numbers.")
        self.values = kind.numbers(content).reshape(shape, order="F" if by_columns else "C")


def _reconstruct(kind: type, *_: object) -> _Array:
    if kind is not _Array:
        raise pickle.UnpicklingError("Expected an array.")
    return _Array()


class _ArraysOnly(pickle.Unpickler):
    """A pickle is a program from a stranger: only stand-ins that take plain numbers may run, nothing of numpy's own."""

    STAND_INS = {
        **{(core, "_reconstruct"): _reconstruct for core in ("numpy.core.multiarray", "numpy._core.multiarray")},
        **{(core, "scalar"): lambda kind, content: kind.numbers(content)[0] for core in ("numpy.core.multiarray", "numpy._core.multiarray")},
        ("numpy", "ndarray"): _Array,
        ("numpy", "dtype"): _Type,
    }

    def find_class(self, module: str, name: str) -> object:
        if (module, name) not in self.STAND_INS:
            raise pickle.UnpicklingError(f"Expected a pickle of arrays but it asks for {module}.{name}.")
        return self.STAND_INS[module, name]


def arkit_name(name: str) -> str:
    """ICT-FaceKit's `eyeBlink_L` as `eyeBlinkLeft`."""
    return name.replace("_L", "Left").replace("_R", "Right")


def _model(path: Path, mean: np.ndarray, shape: np.ndarray, expression: np.ndarray, landmarks: np.ndarray, names: tuple[str, ...] = ()) -> FaceModel:
    """:raises ValueError: when the arrays of the file at `path` are none of a face model."""
    count, parts = len(mean) if mean.ndim else 0, (mean, shape, expression)
    sound = (
        count > 0
        and mean.shape == (count, 3)
        and all(basis.ndim == 3 and basis.shape[:2] == (count, 3) for basis in (shape, expression))
        and landmarks.shape == (68,)
        and all(part.dtype.kind in "fiu" and np.isfinite(part).all() for part in (*parts, landmarks))
        and ((landmarks >= 0) & (landmarks < count) & (landmarks == np.floor(landmarks))).all()
    )
    if not sound:
        shapes = ", ".join(str(list(part.shape)) for part in (*parts, landmarks))
        raise ValueError(
            f"Expected a face model in {path}: finite numbers for mean [V,3], shape [V,3,K] and expression [V,3,E], and 68 landmarks below V, but "
            f"its arrays, {shapes}, are others."
        )
    tensors = (torch.from_numpy(np.array(part, np.float32, order="C")) for part in parts)
    return FaceModel(*tensors, torch.from_numpy(landmarks.astype(np.int64)), names)


def _last(basis: np.ndarray) -> np.ndarray:
    """[K,V,3] as [V,3,K]."""
    return basis.transpose(1, 2, 0) if basis.ndim == 3 else basis


def _triples(values: np.ndarray) -> np.ndarray:
    """[3V,K] as [V,3,K]."""
    return values.reshape(-1, 3, values.shape[1]) if values.ndim == 2 and len(values) % 3 == 0 else values


def load_face_model(path: Path | str | None = None) -> FaceModel:
    """
    Reads the product's packed model (`models/open/face.safetensors`), 3DDFA_V2's `bfm_noneck_v3.pkl` layout (u, w_shp, w_exp,
    keypoints) or an `.npz` with mean [V,3], shape [V,3,K], expression [V,3,E], landmarks [68] and, if it likes, expression_names
    [E]. Without `path`: the one in the shared folder.
    """
    path = Path(path) if path else require("standin/bfm_noneck_v3.pkl")
    if path.suffix == ".safetensors":
        data, about = read_safetensors(path, "mean", "shape_basis", "expression_basis", "landmarks")
        names = tuple(name for name in about.get("expression_names", "").split(",") if name)
        return _model(path, data["mean"], _last(data["shape_basis"]), _last(data["expression_basis"]), data["landmarks"], names)
    if path.suffix == ".npz":
        data = read_arrays(path, "mean", "shape", "expression", "landmarks")
        names = tuple(arkit_name(str(name)) for name in np.atleast_1d(data.get("expression_names", ())))
        return _model(path, data["mean"], data["shape"], data["expression"], data["landmarks"], names)
    data = _read_pickle(path)
    mean = _triples(data["u"])
    keypoints = data["keypoints"].reshape(-1)
    landmarks = keypoints[::3] // 3 if keypoints.dtype.kind in "iu" else keypoints
    return _model(path, mean[..., 0] if mean.ndim == 3 else mean, _triples(data["w_shp"]), _triples(data["w_exp"]), landmarks)


def _read_pickle(path: Path) -> dict[str, np.ndarray]:
    content = path.read_bytes()
    try:
        data = _ArraysOnly(io.BytesIO(content)).load()
    except Exception as error:  # Bytes that are no pickle can make it say anything.
        raise ValueError(f"Expected 3DDFA_V2's face model (.pkl), an .npz or a .safetensors at {path} but it is something else.") from error
    names = ("u", "w_shp", "w_exp", "keypoints")
    if not isinstance(data, dict) or not all(isinstance(data.get(name), _Array) and hasattr(data[name], "values") for name in names):
        raise ValueError(f"Expected a pickle with u, w_shp, w_exp and keypoints at {path}, as 3DDFA_V2's face model.")
    return {name: data[name].values for name in names}
