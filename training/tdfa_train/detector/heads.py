"""Heads turned to the side as the regressor's training turns them (`augment/profile.py`): pictures from the web hardly show profiles."""

from math import radians

import numpy as np
import torch

from ..augment.pipeline import crop_camera, sample
from ..augment.profile import Profiler
from ..data.cache import Cache
from ..data.crop import CROP
from ..face_model import FaceModel
from ..params import faces, project, yaw
from .boxes import iou
from .find import Find
from .teacher import SEEN

COUNT = 2500
LEAST, MOST = radians(45), radians(90)
"""Yaw, either side, drawn evenly between the two."""
AHEAD = radians(30)
"""Yaw up to which a head of a picture may be turned; further away its far side has to be made up."""
PITCH = radians(10)
"""Deviation."""
RISE = 0.2
"""Part of the landmarks' height that the teacher's box of a profile reaches above them; at the other sides the two agree."""
FITS = 0.5
"""Overlap with the landmarks' box from which the teacher's is taken instead: it is the better one, but is often missing."""


def turn_heads(cache: Cache, model: FaceModel, numbers: np.ndarray, teacher: Find, count: int = COUNT) -> tuple[np.ndarray, np.ndarray]:
    """
    Of the crops `numbers` some that look ahead, turned: pictures [n,144,144,3] uint8 and boxes [n,4]. `model` is that of the
    cache's labels.
    """
    random = np.random.default_rng(1)
    ahead = np.abs(yaw(torch.from_numpy(cache.params[numbers])).numpy()) < AHEAD
    chosen = np.sort(random.permutation(numbers[ahead])[:count])
    profiler, landmarks = Profiler(model, CROP), model.pick(model.landmarks)
    pictures, boxes = [], []
    for part in np.split(chosen, range(64, len(chosen), 64)):
        params, ratios = torch.from_numpy(cache.params[part]), torch.from_numpy(cache.ratios[part])
        wanted = random.uniform(LEAST, MOST, len(part)) * random.choice([-1, 1], len(part))
        by = torch.from_numpy(np.float32(wanted)) - yaw(params)
        pitch = torch.from_numpy(np.float32(random.normal(0, PITCH, len(part))))
        turned, places = profiler(params, crop_camera(params, ratios), by, pitch)
        before = torch.from_numpy(cache.images[part]).permute(0, 3, 1, 2).float()
        after = sample(before, places.permute(0, 2, 3, 1), "border").round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).numpy()
        points = project(turned, faces(landmarks, params))[:, :, :2].numpy()
        pictures.extend(after)
        boxes.extend(head_box(*pair, teacher) for pair in zip(after, points))
    return np.stack(pictures), np.float32(boxes)


def head_box(pixels: np.ndarray, points: np.ndarray, teacher: Find) -> np.ndarray:
    """[4]: the teacher's box where it has one that fits the landmarks [68,2], else one made from them."""
    low, high = points.min(0), points.max(0)
    own = np.concatenate([low - [0, RISE * (high - low)[1]], high])
    found = teacher(pixels, SEEN)[:, :4]
    overlaps = iou(torch.from_numpy(found), torch.from_numpy(own)[None]).numpy()
    return found[overlaps.argmax()] if len(found) and overlaps.max() >= FITS else own
