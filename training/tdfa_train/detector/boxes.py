"""Cells and boxes. Boxes are x1 y1 x2 y2 in pixels of the network's input."""

import torch
from torch import Tensor

from .network import STRIDES

LARGEST_EXPONENT = 6.0
"""exp of a size is cut here in training: e^6 strides are more than any picture."""


def make_cells(width: int, height: int, device: torch.device | None = None) -> Tensor:
    """[cells,3]: column, row and stride of every cell, in the order of `network.flatten`."""
    levels = []
    for stride in STRIDES:
        rows, columns = torch.meshgrid(torch.arange(height // stride), torch.arange(width // stride), indexing="ij")
        levels.append(torch.stack([columns, rows, torch.full_like(rows, stride)], 2).reshape(-1, 3))
    return torch.cat(levels).float().to(device)


def decode(raw: Tensor, cells: Tensor) -> Tensor:
    """[...,cells,4] centre from the cell's corner and logarithm of the size, in strides, to boxes. As OpenCV's FaceDetectorYN."""
    stride = cells[:, 2:]
    centre = (cells[:, :2] + raw[..., :2]) * stride
    half = raw[..., 2:].clamp(max=LARGEST_EXPONENT).exp() * stride / 2
    return torch.cat([centre - half, centre + half], -1)


def encode(boxes: Tensor, cells: Tensor) -> Tensor:
    """The inverse of `decode`, one box a cell."""
    stride = cells[:, 2:]
    size = boxes[..., 2:] - boxes[..., :2]
    return torch.cat([(boxes[..., :2] + boxes[..., 2:]) / 2 / stride - cells[:, :2], (size / stride).log()], -1)


def area(boxes: Tensor) -> Tensor:
    return (boxes[..., 2] - boxes[..., 0]).clamp_min(0) * (boxes[..., 3] - boxes[..., 1]).clamp_min(0)


def iou(a: Tensor, b: Tensor) -> Tensor:
    """Intersection over union of boxes that correspond after broadcasting."""
    corner, far = torch.maximum(a[..., :2], b[..., :2]), torch.minimum(a[..., 2:], b[..., 2:])
    shared = (far - corner).clamp_min(0).prod(-1)
    return shared / (area(a) + area(b) - shared).clamp_min(1e-6)


def suppress(boxes: Tensor, scores: Tensor, threshold: float) -> Tensor:
    """Greedy non-maximum suppression: indices of the kept boxes, best first."""
    order = scores.argsort(descending=True, stable=True)
    kept = []
    while len(order):
        kept.append(order[0])
        order = order[1:][iou(boxes[order[0]], boxes[order[1:]]) < threshold]
    return torch.stack(kept) if kept else order
