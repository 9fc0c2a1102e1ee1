"""A small renderer: points with depth into a map that says, for each pixel, which place of the source shows there."""

import torch
import torch.nn.functional as F
from torch import Tensor

NOWHERE = -1e9


def splat(points: Tensor, source: Tensor, size: int, tolerance: float = 1.5) -> tuple[Tensor, Tensor]:
    """
    `points` [N,M,3] x y z in target pixels (larger z is nearer; z <= NOWHERE is not drawn), `source` [N,M,2] their places
    in the source picture. Two passes: the nearest depth at each pixel, then the bilinear mean of the sources of all points
    within `tolerance` of it. Returns map [N,2,size,size] and weight [N,1,size,size], 0 where no point fell.
    """
    count, pixels = len(points), size * size
    x, y, z = points.unbind(2)
    left, top = x.floor(), y.floor()
    picture = torch.arange(count, device=points.device)[:, None] * pixels
    places, weights, offsets = [], [], []
    for dx, dy in ((0, 0), (1, 0), (0, 1), (1, 1)):
        column, row = left + dx, top + dy
        inside = (column >= 0) & (column < size) & (row >= 0) & (row < size) & (z > NOWHERE)
        weight = (1 - (x - column).abs()) * (1 - (y - row).abs())
        # Points outside fall on the picture's first pixel with no weight and no depth.
        places.append((picture + torch.where(inside, row * size + column, 0).long()).flatten())
        weights.append(torch.where(inside, weight, 0).flatten())
        # A pixel beside a point shows what lies beside the point's source; without this, sparse points shift the picture.
        offsets.append(torch.stack([column - x, row - y, torch.zeros_like(x)], 2).flatten(0, 1))
    nearest = points.new_full((count * pixels,), NOWHERE)
    depth = z.flatten()
    for place, weight in zip(places, weights):
        nearest.scatter_reduce_(0, place, torch.where(weight > 0.05, depth, NOWHERE), "amax")
    # Gaps of a pixel between near points belong to them: what lies behind must not shine through.
    nearest = nearest.reshape(count, 1, size, size)
    nearest = -F.max_pool2d(-F.max_pool2d(nearest, 3, 1, 1), 3, 1, 1).flatten()
    sums = points.new_zeros(count * pixels, 3)
    values = torch.cat([source, torch.ones_like(source[..., :1])], 2).flatten(0, 1)
    for place, weight, offset in zip(places, weights, offsets):
        seen = weight * (depth > nearest[place] - tolerance)
        sums.index_add_(0, place, (values + offset) * seen[:, None])
    sums = sums.reshape(count, size, size, 3).permute(0, 3, 1, 2)
    weight = sums[:, 2:]
    return sums[:, :2] / weight.clamp_min(1e-6), weight


def fill_holes(values: Tensor, weight: Tensor, levels: int = 5) -> Tensor:
    """Values [N,C,S,S] where weight [N,1,S,S] is 0 come from coarser and coarser averages of what is known (pull, push)."""
    known = (weight > 1e-3).to(values.dtype)
    pyramid = [(values * known, known)]
    for _ in range(levels):
        value, mass = pyramid[-1]
        pyramid.append((F.avg_pool2d(value, 2, ceil_mode=True), F.avg_pool2d(mass, 2, ceil_mode=True)))
    value, mass = pyramid[-1]
    filled = value / mass.clamp_min(1e-6)
    for value, mass in reversed(pyramid[:-1]):
        coarse = F.interpolate(filled, value.shape[-2:], mode="bilinear", align_corners=False)
        # A pixel that is known only in part (coarse levels) keeps its mean; one that is not at all takes the coarser value.
        filled = torch.where(mass > 0, value / mass.clamp_min(1e-6), coarse)
    return filled
