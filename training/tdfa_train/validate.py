"""Errors on crops that training never sees: as they are, and with heads turned."""

from dataclasses import replace

import torch
from torch import Tensor, nn

from .augment.draw import draw_stills
from .augment.pipeline import Augmenter
from .augment.settings import AugmentSettings
from .batches import to_network
from .data.cache import Cache
from .face_model import FaceModel
from .normalise import Normaliser
from .params import decode, yaw

FIGURES = ("plain", "turned", "expression_plain", "expression_turned")
"""Of a `Validation`."""


def landmark_nme(model: FaceModel, predicted: Tensor, true: Tensor) -> Tensor:
    """[N] percent of the root of the bounding box's area, by the landmarks of both parameters."""
    mine, theirs = (decode(model, params)[:, : len(model.landmarks), :2] for params in (predicted, true))
    size = (theirs.amax(1) - theirs.amin(1)).prod(1).sqrt()
    return 100 * (mine - theirs).norm(dim=2).mean(1) / size


class Validation:
    """Made once: the same pictures at every call, and on every device."""

    def __init__(self, cache: Cache, model: FaceModel, size: int, device: torch.device):
        still = AugmentSettings(profile=0, roll=0, scale=0, shift=0, background=0, mirror=0)
        self.model = model.pick(model.landmarks, torch.arange(len(model.landmarks), device=device))
        # A GPU would draw numbers of its own.
        near = model.to("cpu")
        self.plain = self._batches(cache, Augmenter(near, still), size, device)
        self.turned = self._batches(cache, Augmenter(near, replace(still, profile=1.0)), size, device)

    def _batches(self, cache: Cache, augmenter: Augmenter, size: int, device: torch.device) -> list[tuple[Tensor, Tensor]]:
        batches = []
        for start in range(0, len(cache), 64):
            part = slice(start, start + 64)
            images, params, ratios = (torch.from_numpy(array[part]) for array in (cache.images, cache.params, cache.ratios))
            generator = torch.Generator().manual_seed(start)
            draw = draw_stills(yaw(params), augmenter.settings, generator)
            pixels = images.permute(0, 3, 1, 2).float()
            pictures, labels = augmenter.move(pixels, params, ratios, draw, generator, size)
            batches.append((pictures.round().to(torch.uint8).to(device), labels.to(device)))
        return batches

    @torch.no_grad()
    def __call__(self, network: nn.Module, normaliser: Normaliser) -> dict[str, float]:
        """
        NME in percent: {"plain", "turned"}. Where expressions have names, also {"expression_plain", "expression_turned"}: the mean
        error of their coefficients, which are 0 to 1.
        """
        figures = {}
        for name in ("plain", "turned"):
            predicted, true = self._predict(network, normaliser, getattr(self, name))
            figures[name] = landmark_nme(self.model, predicted, true).mean().item()
            if named := len(self.model.names):
                figures[f"expression_{name}"] = (predicted - true)[:, -named:].abs().mean().item()
        return figures

    def _predict(self, network: nn.Module, normaliser: Normaliser, batches: list[tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
        """Predicted and true parameters [n,P]."""
        true = torch.cat([labels for _, labels in batches])
        outputs = torch.cat([network(to_network(pictures.float())).float() for pictures, _ in batches])
        return normaliser.decode(outputs[:, : true.shape[1]]), true
