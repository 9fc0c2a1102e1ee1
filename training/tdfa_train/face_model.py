"""The 3D morphable model that the parameters drive."""

import io
import pickle
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


class _ArraysOnly(pickle.Unpickler):
    """A pickle is a program from a stranger: only what builds numpy arrays may run."""

    ALLOWED = {
        (module, name)
        for core in ("numpy.core.multiarray", "numpy._core.multiarray")
        for module, name in ((core, "_reconstruct"), (core, "scalar"), ("numpy", "ndarray"), ("numpy", "dtype"))
    }

    def find_class(self, module: str, name: str) -> object:
        if (module, name) not in self.ALLOWED:
            raise pickle.UnpicklingError(f"Expected a pickle of arrays but it asks for {module}.{name}.")
        return super().find_class(module, name)


def arkit_name(name: str) -> str:
    """ICT-FaceKit's `eyeBlink_L` as `eyeBlinkLeft`."""
    return name.replace("_L", "Left").replace("_R", "Right")


def _model(mean: np.ndarray, shape: np.ndarray, expression: np.ndarray, landmarks: np.ndarray, names: tuple[str, ...]) -> FaceModel:
    parts = (torch.from_numpy(np.array(part, np.float32, order="C")) for part in (mean, shape, expression))
    return FaceModel(*parts, torch.from_numpy(landmarks.astype(np.int64)), names)


def _last(basis: np.ndarray) -> np.ndarray:
    """[K,V,3] as [V,3,K]."""
    return basis.transpose(1, 2, 0)


def _triples(values: np.ndarray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values.reshape(-1, 3, values.shape[1]), np.float32))


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
        return _model(data["mean"], _last(data["shape_basis"]), _last(data["expression_basis"]), data["landmarks"], names)
    if path.suffix == ".npz":
        data = read_arrays(path, "mean", "shape", "expression", "landmarks")
        names = tuple(arkit_name(str(name)) for name in data.get("expression_names", ()))
        return _model(data["mean"], data["shape"], data["expression"], data["landmarks"], names)
    data = _read_pickle(path)
    landmarks = torch.from_numpy(data["keypoints"].reshape(-1, 3)[:, 0].astype(np.int64) // 3)
    return FaceModel(_triples(data["u"])[..., 0], _triples(data["w_shp"]), _triples(data["w_exp"]), landmarks)


def _read_pickle(path: Path) -> dict[str, np.ndarray]:
    content = path.read_bytes()
    try:
        data = _ArraysOnly(io.BytesIO(content)).load()
    except Exception as error:  # Bytes that are no pickle can make it say anything.
        raise ValueError(f"Expected 3DDFA_V2's face model (.pkl), an .npz or a .safetensors at {path} but it is something else.") from error
    if not isinstance(data, dict) or not {"u", "w_shp", "w_exp", "keypoints"} <= data.keys():
        raise ValueError(f"Expected a pickle with u, w_shp, w_exp and keypoints at {path}, as 3DDFA_V2's face model.")
    return data
