"""
Face profiling (Zhu et al., "Face Alignment Across Large Poses", CVPR 2016): the head of a picture is turned in 3D by its
fitted mesh; the background is a surface behind it, pulled along near the head and anchored far from it.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from ..face_model import FaceModel
from ..params import faces, project
from .splat import NOWHERE, fill_holes, splat

ANCHORS = 24
"""Background anchors along a side."""
SPACING = 4
"""Pixels between the background's points; what lies between them is interpolated as a hole."""
COARSE = 2
"""The map is drawn with pixels this many times larger: places change slowly, and the work falls by the square."""
REACH = 35.0
"""Pixels of a cached crop over which the background's movement fades away from the face."""


def turn(camera: Tensor, yaw: Tensor, pitch: Tensor) -> Tensor:
    """Cameras [N,3,4] of heads turned about the model's own axes by radians [N]; yaw counts as in `params.yaw`."""
    zero, one = torch.zeros_like(yaw), torch.ones_like(yaw)
    (cy, sy), (cx, sx) = (yaw.cos(), yaw.sin()), (pitch.cos(), pitch.sin())
    about_y = torch.stack([cy, zero, -sy, zero, one, zero, sy, zero, cy], 1).reshape(-1, 3, 3)
    about_x = torch.stack([one, zero, zero, zero, cx, sx, zero, -sx, cx], 1).reshape(-1, 3, 3)
    turned = camera.clone()
    turned[:, :, :3] = camera[:, :, :3] @ about_x @ about_y
    return turned


class Profiler:
    """Turns heads in crops of `size` pixels. `model`: all vertices; some 5,000 of them are drawn."""

    def __init__(self, model: FaceModel, size: int):
        self.size = size
        self.mesh = model.pick(torch.arange(0, len(model.mean), max(1, len(model.mean) // 5000), device=model.mean.device))
        self.guides = torch.arange(0, len(self.mesh.mean), max(1, len(self.mesh.mean) // 128), device=model.mean.device)

    def __call__(
        self, params: Tensor, camera: Tensor, yaw: Tensor, pitch: Tensor, changed: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """
        `params` give the coefficients, `changed` those after the turn where they differ, `camera` [N,3,4] the view in pixels
        of the crop. Returns the turned camera and a map [N,2,size,size]: for each pixel of the new picture, x and y in the old.
        """
        face = faces(self.mesh, params)
        before = project(camera, face)
        turned = turn(camera, yaw, pitch)
        after = project(turned, face if changed is None else faces(self.mesh, changed))
        # The face wanders out of the crop as the head turns about its middle: bring it half of the way back.
        back = (before - after)[:, :, :2].mean(1) * 0.5
        turned[:, :2, 3] += back
        after = after + F.pad(back, (0, 1))[:, None]
        behind, places = self._background(before, after, back)
        points, source = torch.cat([after, behind], 1), torch.cat([before[:, :, :2], places], 1)
        coarse = fill_holes(*splat(_to_coarse(points), _to_coarse(source), self.size // COARSE))
        full = F.interpolate(coarse, scale_factor=COARSE, mode="bilinear", align_corners=False)
        return turned, (full + 0.5) * COARSE - 0.5

    def _background(self, before: Tensor, after: Tensor, back: Tensor) -> tuple[Tensor, Tensor]:
        """A grid of places outside the face: where each goes [N,K,3] and where it is [N,K,2]."""
        count, size = len(before), self.size
        step = size / ANCHORS
        line = (torch.arange(ANCHORS, device=before.device) + 0.5) * step - 0.5
        anchors = torch.stack(torch.meshgrid(line, line, indexing="xy"), 2).reshape(1, -1, 2)
        near, moved = before[:, self.guides], after[:, self.guides]
        distance = torch.cdist(anchors.expand(count, -1, -1), near[:, :, :2])
        closest = distance.amin(2, keepdim=True)
        share = torch.softmax((closest**2 - distance**2) / 72, 2)
        movement = share @ (moved[:, :, :2] - near[:, :, :2] - back[:, None])
        movement = movement * torch.exp(-((closest / REACH) ** 2)) + back[:, None]
        depth = share @ moved[:, :, 2:] - 2 - 0.7 * closest
        field = torch.cat([movement, depth], 2).transpose(1, 2).reshape(count, 3, ANCHORS, ANCHORS)
        cells = size // SPACING
        field = F.interpolate(field, (cells, cells), mode="bilinear", align_corners=False)
        line = torch.arange(cells, device=before.device) * SPACING + (SPACING - 1) / 2
        places = torch.stack(torch.meshgrid(line, line, indexing="xy")).to(field).expand(count, -1, -1, -1)
        depth = torch.where(self._covered(before, cells), NOWHERE, field[:, 2:])
        target = torch.cat([places + field[:, :2], depth], 1)
        return target.flatten(2).transpose(1, 2), places.flatten(2).transpose(1, 2)

    def _covered(self, before: Tensor, cells: int) -> Tensor:
        """[N,1,cells,cells] bool: places that the face covers in the old picture, small gaps closed."""
        count = len(before)
        cell = (before[:, :, :2] * (cells / self.size)).long().clamp(0, cells - 1)
        place = cell[:, :, 1] * cells + cell[:, :, 0]
        mask = before.new_zeros(count, cells * cells).scatter_(1, place, 1.0).reshape(count, 1, cells, cells)
        return -F.max_pool2d(-F.max_pool2d(mask, 3, 1, 1), 3, 1, 1) > 0.5


def _to_coarse(points: Tensor) -> Tensor:
    """[...,2 or 3]: x and y of pixel centres, and depth as a length."""
    scaled = points / COARSE
    scaled[..., :2] += 0.5 / COARSE - 0.5
    return scaled
