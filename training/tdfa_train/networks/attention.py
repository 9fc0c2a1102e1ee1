"""The two attention modules of Mobile-FRNet."""

import torch
from torch import Tensor, nn


class SqueezeExcitation(nn.Module):
    """SE (Hu et al., CVPR 2018): x * sigmoid(W2 relu(W1 mean(x))), one factor a channel. [N,C,H,W], same shape out."""

    def __init__(self, channels: int, reduction: int = 16):
        super().__init__()
        hidden = max(1, channels // reduction)
        self.reduce = nn.Conv2d(channels, hidden, 1)
        self.restore = nn.Conv2d(hidden, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(self.restore(torch.relu(self.reduce(x.mean((2, 3), keepdim=True)))))


class SpatialGroupEnhance(nn.Module):
    """
    SGE (Li et al., 2019). In each group of channels: similarity of every place with the group's mean feature,
    normalised over the places, scaled and shifted by two learned numbers a group, through a sigmoid as a factor a place.
    [N,C,H,W] with C divisible by `groups`; same shape out.
    """

    def __init__(self, groups: int = 8, eps: float = 1e-5):
        super().__init__()
        self.groups = groups
        self.eps = eps
        # Starts as a factor of sigmoid(1) everywhere, as in the paper: attention grows from none.
        self.weight = nn.Parameter(torch.zeros(1, groups, 1, 1))
        self.bias = nn.Parameter(torch.ones(1, groups, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        n, c, h, w = x.shape
        # A view. Groups as so many more pictures would be a copy out of channels_last, and the next convolution's a copy back.
        grouped = x.reshape(n, self.groups, c // self.groups, h, w)
        similarity = (grouped * grouped.mean((3, 4), keepdim=True)).sum(2)
        centred = similarity - similarity.mean((2, 3), keepdim=True)
        variance = (centred * centred).sum((2, 3), keepdim=True) / max(1, h * w - 1)
        # The root's slope at zero is infinite: a group that is off everywhere would make every gradient NaN.
        deviation = variance.clamp_min(self.eps**2).sqrt() + self.eps
        # Autocast makes sums, and what follows of them, float32; the widest tensors stay as they came.
        factor = torch.sigmoid(centred / deviation * self.weight + self.bias).to(x.dtype)
        return (grouped * factor[:, :, None]).reshape(n, c, h, w)
