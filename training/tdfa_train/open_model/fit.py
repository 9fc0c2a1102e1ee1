"""Our model's parameters for known 3D landmarks: the labels that a network for it is trained on."""

from dataclasses import dataclass

import torch
from torch import Tensor

PIXEL = 1.0
"""Deviation of a landmark's place that the fit expects, pixels of the 120x120 crop; twice that in depth."""
EXPRESSION = 0.35
"""Deviation of an expression coefficient."""
STEPS = 10


@dataclass(frozen=True)
class Fit:
    rotation: Tensor  # [n,3,3]
    scale: Tensor  # [n]
    translation: Tensor  # [n,3]
    coefficients: Tensor  # [n,K+E]

    def points(self, mean: Tensor, basis: Tensor) -> Tensor:
        """[n,L,3] of a model's `mean` [L,3] and `basis` [K+E,L,3]."""
        face = mean + torch.einsum("nk,klc->nlc", self.coefficients, basis)
        return self.scale[:, None, None] * (face @ self.rotation.transpose(1, 2)) + self.translation[:, None]


def fit(mean: Tensor, basis: Tensor, identities: int, targets: Tensor, expression: float = EXPRESSION) -> Fit:
    """
    `mean` [L,3] and `basis` [K+E,L,3] at the landmarks, model units (y up); `targets` [n,L,3] pixels, y up too. Gauss-Newton with
    the coefficients' priors: identity with unit deviation, expression between 0 and 1 with deviation `expression`. float64.
    """
    count, size = len(targets), len(basis)
    free = torch.ones(count, size, dtype=torch.bool)
    current = _align(mean.expand(count, -1, -1), targets, torch.zeros(count, size, dtype=mean.dtype))
    weight = torch.tensor([1.0, 1.0, 0.25], dtype=mean.dtype) / PIXEL**2
    precision = torch.ones(size, dtype=mean.dtype)
    precision[identities:] = expression**-2
    for _ in range(STEPS):
        turn = (current.scale[:, None, None] * current.rotation).transpose(1, 2)
        rotated = (basis.reshape(1, -1, 3) @ turn).reshape(count, size, -1, 3)
        face = mean + torch.einsum("nk,klc->nlc", current.coefficients, basis)
        turned = face @ turn
        residual = targets - turned - current.translation[:, None]
        jacobian = torch.cat([rotated, _rigid_jacobian(turned)], 1)
        jacobian[:, :size] *= free[:, :, None, None]
        rows, error = jacobian.flatten(2), (residual * weight).flatten(1)[:, :, None]
        normal = rows @ (jacobian * weight).flatten(2).transpose(1, 2)
        right = (rows @ error)[:, :, 0]
        normal[:, range(size), range(size)] += precision
        right[:, :size] -= precision * current.coefficients * free
        normal.diagonal(dim1=1, dim2=2).add_(1e-9)
        change = torch.linalg.solve(normal, right)
        wanted = current.coefficients + change[:, :size]
        bounded = wanted.clone()
        bounded[:, identities:] = wanted[:, identities:].clamp(0, 1)
        # A coefficient at its bound stays there while the cost would push it out.
        gradient = (rotated.flatten(2) @ error)[:, :, 0] - precision * current.coefficients
        at_bound = (bounded == wanted).logical_not()
        low, high = (current.coefficients <= 0), (current.coefficients >= 1)
        free = ~((low & (gradient < 0) | high & (gradient > 0)) & (torch.arange(size) >= identities)) & ~(at_bound & ~free)
        current = _align(mean + torch.einsum("nk,klc->nlc", bounded, basis), targets, bounded)
    return current


def _align(face: Tensor, targets: Tensor, coefficients: Tensor) -> Fit:
    """Similarity of least squares from faces [n,L,3] to targets (Umeyama, 1991)."""
    middle, aim = face.mean(1, keepdim=True), targets.mean(1, keepdim=True)
    a, b = face - middle, targets - aim
    u, s, vh = torch.linalg.svd(b.transpose(1, 2) @ a)
    sign = torch.ones_like(s)
    sign[:, 2] = torch.det(u @ vh).sign()
    rotation = (u * sign[:, None]) @ vh
    scale = (s * sign).sum(1) / a.square().sum((1, 2))
    translation = aim[:, 0] - scale[:, None] * (rotation @ middle[:, 0, :, None])[:, :, 0]
    return Fit(rotation, scale, translation, coefficients)


def _rigid_jacobian(turned: Tensor) -> Tensor:
    """[n,7,L,3]: turns about the three axes, scale, movement along them."""
    zero = torch.zeros_like(turned[..., 0])
    x, y, z = turned.unbind(2)
    turns = [torch.stack([zero, -z, y], 2), torch.stack([z, zero, -x], 2), torch.stack([-y, x, zero], 2)]
    moves = [torch.eye(3, dtype=turned.dtype)[axis].expand_as(turned) for axis in range(3)]
    return torch.stack([*turns, turned, *moves], 1)
