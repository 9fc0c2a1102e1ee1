"""Which cells answer for which face: SimOTA (Ge et al., YOLOX, 2021) with a range of sizes for each stride."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from .boxes import decode, iou
from .network import FACE, OVERLAP

RANGES = {8: (0.0, 64.0), 16: (32.0, 160.0), 32: (80.0, float("inf"))}
"""Sides (root of the area, pixels) that a stride may answer for. They overlap: which is better is learned."""
RADIUS = 2.5
"""Strides from a face's centre within which a cell may answer."""
CANDIDATES = 10
"""Cells whose overlaps are added up to say how many answer."""
IMPOSSIBLE = 1e6


@dataclass(frozen=True)
class Targets:
    """For each cell [N,cells]. Where `positive` is false, `face` means nothing."""

    positive: Tensor
    """Whether it answers for a face."""
    face: Tensor
    """Index into the picture's boxes."""
    overlap: Tensor
    """Of its present box with that face's, [0,1]."""


def may_answer(cells: Tensor, boxes: Tensor) -> Tensor:
    """[N,faces,cells]: near the centre of a face whose size suits the stride. `boxes` [N,faces,4]."""
    stride = cells[:, 2].contiguous()
    centre = (boxes[..., :2] + boxes[..., 2:]) / 2
    side = (boxes[..., 2:] - boxes[..., :2]).clamp_min(0).prod(-1).sqrt()[..., None]
    away = ((cells[:, :2] + 0.5) * cells[:, 2:] - centre[:, :, None]).abs().amax(-1)
    ranges = stride.new_tensor([*RANGES.values()])
    low, high = ranges[torch.searchsorted(stride.new_tensor([*RANGES]), stride)].unbind(1)
    return (away < RADIUS * stride) & (side >= low) & (side < high)


@torch.no_grad()
def assign(raw: Tensor, cells: Tensor, boxes: Tensor, real: Tensor) -> Targets:
    """`raw` [N,cells,6] as the network gives it; `boxes` [N,faces,4], of which `real` [N,faces] are faces and the rest padding."""
    allowed = may_answer(cells, boxes) & real[..., None]
    # A diverged network's NaN is for the loss to show; the cross-entropy here would end the program, on a GPU for all that follows.
    overlaps = (iou(decode(raw[..., 2:], cells)[:, None], boxes[:, :, None]) * allowed).nan_to_num(0)
    score = (raw[..., FACE].sigmoid() * raw[..., OVERLAP].sigmoid()).sqrt().nan_to_num(0)[:, None]
    cost = F.binary_cross_entropy(score.expand_as(overlaps), overlaps, reduction="none") - 3 * (overlaps + 1e-8).log()
    cost = cost.masked_fill(~allowed, IMPOSSIBLE)
    chosen = _cheapest(cost, overlaps) & allowed
    # A cell that several faces want goes to the cheapest.
    cost = cost.masked_fill(~chosen, IMPOSSIBLE)
    face = cost.argmin(1)
    return Targets(chosen.any(1), face, overlaps.gather(1, face[:, None])[:, 0])


def _cheapest(cost: Tensor, overlaps: Tensor) -> Tensor:
    """For each face its k cheapest cells; k is the sum of its best overlaps, at least 1."""
    count = min(CANDIDATES, cost.shape[-1])
    k = overlaps.topk(count, -1).values.sum(-1).floor().clamp_min(1)
    order = cost.topk(count, -1, largest=False).indices
    taken = torch.arange(count, device=cost.device) < k[..., None]
    return torch.zeros_like(cost, dtype=torch.bool).scatter_(-1, order, taken)
