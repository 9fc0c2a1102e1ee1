"""From a batch of the cache to a batch for the network."""

import torch
import torch.nn.functional as F
from torch import Tensor

from ..data.crop import CROP, OFFSET, SCALE
from ..face_model import FaceModel
from ..mirror import Mirror
from ..params import SIZE, centre_depth, faces, image_camera, project, transform, with_image_camera
from .colour import degrade
from .draw import Draw, draw_clips, draw_stills
from .profile import Profiler
from .settings import AugmentSettings


def crop_camera(params: Tensor, ratios: Tensor) -> Tensor:
    """
    Cameras [N,3,4] in pixels of the cached crop, counted from the middle of the first. Labels count from the middle of the first pixel
    of the photograph, of which the crop's is 1 / `ratios` [N]: from half of that after the region's edge.
    """
    camera = image_camera(params) * SCALE
    camera[:, :2, 3] += OFFSET + (ratios[:, None] - 1) / 2
    return camera


def region_camera(camera: Tensor, affine: Tensor, ratios: Tensor) -> Tensor:
    """From those to cameras [N,3,4] of labels for the region that `affine` [N,2,3] gives, which moves edges of pixels."""
    edges = camera.clone()
    edges[:, :2, 3] += 0.5
    moved = transform(edges, affine)
    moved[:, :2, 3] -= (0.5 * ratios * affine[:, :, 0].norm(dim=1))[:, None]
    return moved


def region_affine(points: Tensor, scale: Tensor, shift: Tensor, roll: Tensor) -> Tensor:
    """
    [N,2,3] from the cached crop to the 120x120 crop of the region that tracking would use for `points` [N,68,2+], varied.
    """
    low, high = points[:, :, :2].amin(1), points[:, :, :2].amax(1)
    side = (high - low).amax(1) * 2**0.5 * scale
    centre = (low + high) / 2 + shift * side[:, None]
    ratio = SIZE / side
    cos, sin = ratio * roll.cos(), ratio * roll.sin()
    linear = torch.stack([cos, -sin, sin, cos], 1).reshape(-1, 2, 2)
    return torch.cat([linear, SIZE / 2 - linear @ centre[:, :, None]], 2)


def sampling_grid(affine: Tensor, size: int) -> Tensor:
    """[N,size,size,2]: for each pixel of the crop at `size`, its place in the cached crop, in pixels."""
    line = (torch.arange(size, device=affine.device) + 0.5) * (SIZE / size)
    rows, columns = torch.meshgrid(line, line, indexing="ij")
    target = torch.stack([columns, rows], 2).reshape(1, -1, 2) - affine[:, None, :, 2]
    # A similarity's inverse is its transpose by its scale's square, and places are rows. The general inverse waits for the device.
    linear = affine[:, :, :2]
    inverse = linear / linear.square().sum(1, keepdim=True)
    # Edges of pixels are mapped, as a resize does it; centres lie half a pixel further in both pictures.
    return (target @ inverse).reshape(-1, size, size, 2) - 0.5


def sample(images: Tensor, places: Tensor, padding: str = "zeros") -> Tensor:
    """Bilinear values of [N,C,S,S] at places [N,h,w,2] in pixels."""
    grid = (places + 0.5) * (2 / images.shape[-1]) - 1
    return F.grid_sample(images, grid, mode="bilinear", padding_mode=padding, align_corners=False)


class Augmenter:
    """
    `model`: the whole face model, on the device of the batches. Everything random comes from the caller's generators: `generator` of that
    device for tensors, `host` of the CPU for what decides here what to do next: the device's numbers would have to be waited for.
    """

    def __init__(self, model: FaceModel, settings: AugmentSettings):
        self.settings = settings
        self.mirror = Mirror(model)
        self.profiler = Profiler(model, CROP)
        self.lids = _lids(model) if settings.blink else None
        self.landmarks = model.pick(model.landmarks)
        # The same vertices as the losses' coarse mesh; only their mean depth matters here.
        self.depth = model.sparse(500)

    def __call__(
        self, images: Tensor, params: Tensor, content: Tensor, yaw: Tensor, ratios: Tensor, generator: torch.Generator,
        host: torch.Generator, size: int = SIZE,
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        """
        `images` uint8 [N,144,144,3], `params` [N,P] for their middle region, `content` [N,4], `yaw` [N] radians, `ratios` [N] as a
        `Cache` has them. Returns pictures [N,3,size,size], 0..255, and their parameters; with clips N times `clip_frames` of both, frames consecutive.
        """
        frames = self.settings.clip_frames
        draw = (draw_clips if frames > 1 else draw_stills)(yaw, self.settings, generator)
        pixels = images.permute(0, 3, 1, 2).float()
        # Before they become clips, whose frames have one surround.
        pixels = fill_surround(pixels, content, draw.fill[::frames])
        if frames > 1:
            pixels, params, ratios = (part.repeat_interleave(frames, 0) for part in (pixels, params, ratios))
        pictures, labels = self.move(pixels, params, ratios, draw, host, size)
        return degrade(pictures, generator, host) if self.settings.colour else pictures, labels

    def move(self, pixels: Tensor, params: Tensor, ratios: Tensor, draw: Draw, host: torch.Generator, size: int) -> tuple[Tensor, Tensor]:
        """The geometric part alone."""
        self.landmarks.check(params)
        camera = crop_camera(params, ratios)
        flipped_params, flipped_camera = self.mirror(params, camera, CROP)
        flip = draw.mirror
        pixels = torch.where(flip[:, None, None, None], pixels.flip(3), pixels)
        params = torch.where(flip[:, None], flipped_params, params)
        camera = torch.where(flip[:, None, None], flipped_camera, camera)
        params, camera, turned_maps, turned = self._turn(params, camera, draw)
        points = project(camera, faces(self.landmarks, params))
        affine = region_affine(points, draw.scale, draw.shift, draw.roll)
        places = sampling_grid(affine, size)
        if draw.turned:
            places[turned] = sample(turned_maps, places[turned], "border").permute(0, 2, 3, 1)
        black = torch.rand((), generator=host).item() < 0.5
        pictures = sample(pixels, places, "zeros" if black else "reflection")
        return pictures, centre_depth(self.depth, with_image_camera(params, region_camera(camera, affine, ratios)))

    def _turn(self, params: Tensor, camera: Tensor, draw: Draw) -> tuple[Tensor, Tensor, Tensor, slice]:
        turned = slice(draw.turned)
        if not draw.turned:
            return params, camera, camera, turned
        # A mirrored head turns the other way.
        yaws = torch.where(draw.mirror, -draw.yaw, draw.yaw)[turned]
        changed = params.clone()
        if self.lids is not None:
            changed[:, self.lids] = torch.maximum(params[:, self.lids], draw.blink)
        moved, maps = self.profiler(params[turned], camera[turned], yaws, draw.pitch[turned], changed[turned])
        camera = camera.clone()
        camera[turned] = moved
        return changed, camera, maps, turned


def _lids(model: FaceModel) -> Tensor:
    """Places of the two closed eyes among the parameters."""
    names = ["eyeBlinkLeft", "eyeBlinkRight"]
    if any(name not in model.names for name in names):
        raise ValueError(f"Expected a face model with the expressions {' and '.join(names)} for the setting blink but it has none.")
    return torch.tensor([12 + model.shape.shape[2] + model.names.index(name) for name in names], device=model.mean.device)


def fill_surround(pixels: Tensor, content: Tensor, fill: Tensor) -> Tensor:
    """Other pictures of the batch behind the black surround: a tight photograph looks as if it went on."""
    line = torch.arange(pixels.shape[-1], device=pixels.device)
    x1, y1, x2, y2 = (content[:, index, None] for index in range(4))
    inside = ((line >= y1) & (line < y2))[:, :, None] & ((line >= x1) & (line < x2))[:, None, :]
    behind = pixels.roll(1, 0).flip(2)
    return torch.where((inside | ~fill[:, None, None])[:, None], pixels, behind)
