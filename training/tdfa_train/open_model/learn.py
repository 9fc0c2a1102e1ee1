"""What the labelled pictures teach the sampled shapes: where the 68 points lie on average, and how faces differ beyond them."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from .chart import MOUTH
from .fit import Fit, fit
from .grid import SIZE, grid_places
from .shapes import Shapes, signed

LEARNED = 8
"""Further shape components, from what the others leave of the landmarks."""
WIDTHS = ((30.0, 0.6), (10.0, 0.4))
"""Millimetres over which a landmark's movement carries the skin along, and the share of each width."""
LIPS_APART = 12.0
"""Millimetres that count between upper and lower lip, which touch but move alone."""
ROUNDS = 4
LIPS = ((61, 67), (62, 66), (63, 65))
"""Landmarks on the inner edges of upper and lower lip, which touch in a neutral face, though few photographs show it."""
STIFF = 0.03
"""Deviation of expression coefficients while the mean face is learned."""


def learn(shapes: Shapes, targets: Tensor, neutral: Tensor) -> Shapes:
    """
    `targets` [n,68,3] landmarks in pixels (y up), `neutral` [n] bool: pictures without much expression. The mean follows
    these; further components are the principal ones of the others' residuals.
    """
    identities = len(shapes.identity)
    mean, basis = (torch.from_numpy(part[..., shapes.landmarks, :]) for part in (shapes.mean, np.concatenate([shapes.identity, shapes.expression])))
    offset = torch.zeros_like(mean)
    for _ in range(ROUNDS):
        found = fit(mean + offset, basis, identities, targets[neutral], STIFF)
        offset += residuals(found, mean + offset, basis, targets[neutral]).mean(0)
    for pair in LIPS:
        offset[list(pair)] = offset[list(pair)].mean(0)
    found = fit(mean + offset, basis, identities, targets)
    rest = residuals(found, mean + offset, basis, targets).flatten(1)
    _, deviation, directions = torch.linalg.svd(rest - rest.mean(0), full_matrices=False)
    deviation, directions = (part[:LEARNED].numpy() for part in (deviation, directions))
    modes = (signed(directions) * deviation[:, None] / len(rest) ** 0.5).reshape(LEARNED, -1, 3)
    spread = spreader(shapes)
    learned = np.stack([spread(mode) for mode in modes])
    return Shapes(shapes.mean + spread(offset.numpy()), np.concatenate([shapes.identity, learned]), shapes.expression, shapes.landmarks)


def residuals(found: Fit, mean: Tensor, basis: Tensor, targets: Tensor) -> Tensor:
    """[n,L,3] what is missing at each landmark, in the model's own frame and unit."""
    return ((targets - found.points(mean, basis)) @ found.rotation) / found.scale[:, None, None]


def spreader(shapes: Shapes) -> Callable[[np.ndarray], np.ndarray]:
    """From movements of the landmarks [68,3] to a smooth one of all nodes [N,3] that has (nearly) the same values there."""
    places = np.concatenate([shapes.mean, _lip(shapes.mean)[:, None]], 1)
    distance = np.linalg.norm(places[:, None] - places[shapes.landmarks][None], axis=2)
    kernel = sum(share * np.exp(-(distance**2) / (2 * width**2)) for width, share in WIDTHS)
    system = kernel[shapes.landmarks] + 1e-3 * np.eye(len(shapes.landmarks))
    return lambda movement: kernel @ np.linalg.solve(system, movement)


def _lip(mean: np.ndarray) -> np.ndarray:
    """[N] millimetres in a fourth dimension: the lips on both sides of it, the skin around the mouth between them."""
    rows = grid_places()[:, 1]
    middle = mean.reshape(SIZE, SIZE, 3)[[MOUTH.top, MOUTH.bottom], (MOUTH.left + MOUTH.right) // 2].mean(0)
    near = np.exp(-(np.linalg.norm(mean - middle, axis=1) ** 2) / (2 * 20.0**2))
    return LIPS_APART / 2 * near * np.where(rows <= MOUTH.top, 1, -1)
