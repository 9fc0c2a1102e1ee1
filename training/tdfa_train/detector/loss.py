"""What the detector is trained to lower."""

import torch
import torch.nn.functional as F
from torch import Tensor

from .assign import assign
from .boxes import decode, iou
from .network import FACE, OVERLAP


def eiou_loss(found: Tensor, true: Tensor) -> Tensor:
    """
    Efficient IoU loss [N] of boxes [N,4] (Zhang et al., 2021): 1 - IoU, plus the squared distance of centres, of widths and of
    heights, each by that of the smallest box around both.
    """
    around = torch.maximum(found[:, 2:], true[:, 2:]) - torch.minimum(found[:, :2], true[:, :2])
    apart = (found[:, :2] + found[:, 2:] - true[:, :2] - true[:, 2:]) / 2
    sizes = (found[:, 2:] - found[:, :2]) - (true[:, 2:] - true[:, :2])
    diagonal = around.square().sum(1).clamp_min(1e-6)
    return 1 - iou(found, true) + apart.square().sum(1) / diagonal + (sizes.square() / around.square().clamp_min(1e-6)).sum(1)


def ignored_cells(cells: Tensor, ignored: Tensor) -> Tensor:
    """[N,cells]: the centre lies in one of the boxes [N,m,4] that are neither face nor background; padding is empty boxes."""
    centre = ((cells[:, :2] + 0.5) * cells[:, 2:])[None, None]
    inside = (centre > ignored[:, :, None, :2]) & (centre < ignored[:, :, None, 2:])
    return inside.all(-1).any(1)


def detector_loss(raw: Tensor, cells: Tensor, boxes: Tensor, real: Tensor, ignored: Tensor, box_weight: float) -> Tensor:
    """
    Cross-entropy of "sees a face" over all cells, of the overlap over those that answer for one, and the boxes' EIoU loss there;
    each a sum divided by the number of answering cells.
    """
    targets = assign(raw, cells, boxes, real)
    positive = targets.positive
    count = positive.sum().clamp_min(1)
    counted = positive | ~ignored_cells(cells, ignored)
    face = F.binary_cross_entropy_with_logits(raw[..., FACE], positive.float(), reduction="none") * counted
    mine = raw[positive]
    overlap = F.binary_cross_entropy_with_logits(mine[:, OVERLAP], targets.overlap[positive], reduction="sum")
    true = boxes.gather(1, targets.face[..., None].expand(-1, -1, 4))[positive]
    found = decode(mine[:, 2:], cells.expand(len(raw), -1, -1)[positive])
    return (face.sum() + overlap + box_weight * eiou_loss(found, true).sum()) / count
