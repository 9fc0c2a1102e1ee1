"""YuNet, whose boxes are the labels: run on face crops, which come without boxes, and on the pictures of the evaluation."""

from pathlib import Path

import cv2
import numpy as np
import torch

from .boxes import decode, make_cells, suppress

LARGEST = 640
NMS = 0.3


class YuNet:
    """`path`: the published yunet_n_dynamic.onnx: BGR as it is, any multiple of 32."""

    def __init__(self, path: Path):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self.input = self.session.get_inputs()[0].name

    def __call__(self, picture: np.ndarray, threshold: float = 0.6) -> np.ndarray:
        """uint8 [H,W,3] RGB to [n,5] x1 y1 x2 y2 score, best first, pixels of the picture."""
        padded, scale = fit(picture, LARGEST)
        bgr = padded[None, :, :, ::-1].transpose(0, 3, 1, 2).astype(np.float32)
        outputs = self.session.run(None, {self.input: np.ascontiguousarray(bgr)})
        named = {entry.name: torch.from_numpy(value) for entry, value in zip(self.session.get_outputs(), outputs)}
        found = read_outputs(named, padded.shape[1], padded.shape[0], threshold)
        found[:, :4] /= scale
        return found


def fit(picture: np.ndarray, largest: int, alignment: int = 32) -> tuple[np.ndarray, float]:
    """Scaled down to `largest` on the longer side, padded with black at the right and below, as the product does; and the scale."""
    height, width = picture.shape[:2]
    scale = min(1.0, largest / max(height, width))
    padded_height, padded_width = (int(np.ceil(side * scale / alignment)) * alignment for side in (height, width))
    matrix = np.float32([[scale, 0, scale / 2 - 0.5], [0, scale, scale / 2 - 0.5]])
    return cv2.warpAffine(picture, matrix, (padded_width, padded_height), flags=cv2.INTER_LINEAR), scale


def read_outputs(outputs: dict[str, torch.Tensor], width: int, height: int, threshold: float, nms: float = NMS) -> np.ndarray:
    """cls_S, obj_S [1,n,1] and bbox_S [1,n,4] to [n,5] boxes with scores, best first, pixels of the input."""

    def all_strides(name: str) -> torch.Tensor:
        return torch.cat([outputs[f"{name}_{stride}"][0] for stride in (8, 16, 32)])

    scores = (all_strides("cls").clamp(0, 1) * all_strides("obj").clamp(0, 1)).sqrt()[:, 0]
    chosen = scores > threshold
    scores = scores[chosen]
    boxes = decode(all_strides("bbox"), make_cells(width, height))[chosen]
    kept = suppress(boxes, scores, nms)
    return torch.cat([boxes[kept], scores[kept, None]], 1).double().numpy()
