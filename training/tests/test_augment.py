from dataclasses import replace

import pytest
import torch
from toy import toy_model, toy_params, toy_pictures

from tdfa_train.augment import colour
from tdfa_train.augment.pipeline import Augmenter, fill_surround
from tdfa_train.augment.settings import AugmentSettings
from tdfa_train.augment.veil import veil
from tdfa_train.data.crop import content_box
from tdfa_train.mirror import mirrored_vertices
from tdfa_train.params import decode, yaw

STILL = AugmentSettings(profile=0, roll=0, scale=0, shift=0, mirror=0, background=0, colour=False)


def augmented(settings: AugmentSettings, count: int = 6, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    model, params = toy_model(), toy_params(count)
    pictures = torch.from_numpy(toy_pictures(model, params))
    content = torch.tensor([[0, 0, 144, 144]]).expand(count, 4)
    generators = (torch.Generator().manual_seed(seed + part) for part in (0, 1000))
    return Augmenter(model, settings)(pictures, params, content, yaw(params), torch.ones(count), *generators)


def dots_at(pictures: torch.Tensor, params: torch.Tensor, of: int, vertex: int | None = None) -> torch.Tensor:
    """Colours [N,3] of the pictures at the place of landmark `of`, or of a vertex, that `params` say."""
    chosen = toy_model().landmarks[of] if vertex is None else vertex
    x, y = decode(toy_model(), params)[:, chosen, :2].round().long().unbind(1)
    return pictures[torch.arange(len(x)), :, y, x]


@pytest.mark.parametrize("change", [{}, {"roll": 20.0}, {"scale": 0.2, "shift": 0.05}, {"profile": 1.0, "largest_yaw": 30.0}])
def test_labels_stay_on_what_they_mean(change: dict) -> None:
    """Landmark 35, in the middle of the toy's nose, has a colour of its own."""
    expected = dots_at(*augmented(STILL), of=35)
    assert (expected - 100).abs().max(1).values.min() > 60
    pictures, params = augmented(replace(STILL, **change))
    assert (dots_at(pictures, params, of=35) - expected).abs().mean() < 20


def test_mirrored_labels_land_on_mirrored_dots() -> None:
    expected = dots_at(*augmented(STILL), of=35)
    pictures, params = augmented(replace(STILL, mirror=1.0))
    partner = int(mirrored_vertices(toy_model())[toy_model().landmarks[35]])
    assert (dots_at(pictures, params, of=35, vertex=partner) - expected).abs().mean() < 20
    torch.testing.assert_close(yaw(params), -yaw(augmented(STILL)[1]), rtol=0, atol=1e-3)


def test_same_seed_same_batch() -> None:
    first, again, other = (augmented(AugmentSettings(), seed=seed) for seed in (1, 1, 2))
    assert torch.equal(first[0], again[0]) and torch.equal(first[1], again[1])
    assert not torch.equal(first[0], other[0])


def test_heads_turn_up_to_the_largest_yaw() -> None:
    _, params = augmented(replace(STILL, profile=1.0, largest_yaw=80.0, pitch=0.0), count=60)
    angles = yaw(params).rad2deg().abs()
    assert angles.max() <= 81
    assert angles.max() > 60


def test_clips_drift_steadily() -> None:
    pictures, params = augmented(AugmentSettings(clip_frames=4), count=3)
    assert len(pictures) == len(params) == 12
    points = decode(toy_model(), params)[:, toy_model().landmarks, :2].reshape(3, 4, 68, 2)
    steps = (points[:, 1:] - points[:, :-1]).norm(dim=3).mean(2)
    assert steps.min() > 0.01
    assert steps.max() < 12
    # A clip's frames are closer to each other than to another clip's.
    assert steps.max() < (points[0, 0] - points[1, 0]).norm(dim=1).mean() + 12


def test_degraded_pictures_are_8_bit() -> None:
    pictures, _ = augmented(AugmentSettings(), count=16)
    assert pictures.min() >= 0 and pictures.max() <= 255
    assert torch.equal(pictures, pictures.round())


def test_motion_blur_keeps_the_mean_and_smears() -> None:
    images = torch.zeros(8, 3, 32, 32)
    images[:, :, 16, 16] = 255
    blurred = colour.motion_blur(images, torch.Generator().manual_seed(3), part=1.0)
    torch.testing.assert_close(blurred.sum((2, 3)), images.sum((2, 3)), rtol=1e-4, atol=1e-2)
    assert (blurred > 1).sum() > (images > 1).sum()


def test_a_veil_covers_a_side_of_some_pictures() -> None:
    images = torch.full((400, 3, 48, 32), 120.0)
    # Black on top: hair is that dark then, or of a colour of its own.
    images[:, :, :6] = 0
    veiled = veil(images, torch.Generator().manual_seed(0))
    assert veiled.shape == images.shape and torch.isfinite(veiled).all()
    # Streaks are half as bright again at most; `degrade` clamps.
    assert veiled.min() >= 0 and veiled.max() <= 300
    changed = (veiled != images).any(1)
    hidden = changed[changed.any(2).any(1)]
    assert 0.2 < len(hidden) / len(images) < 0.4
    left, right = hidden[:, 12:, :8].float().mean((1, 2)), hidden[:, 12:, -8:].float().mean((1, 2))
    # One side, less than half of the picture; either side as often.
    assert (torch.minimum(left, right) < 0.5).all() and hidden.float().mean((1, 2)).max() < 0.5
    assert 0.4 < (left > right).float().mean() < 0.6
    dark = veiled[:, :, 12:].amax(1)[changed[:, 12:]] < 1
    assert 0.3 < dark.float().mean() < 0.7


def test_veils_follow_the_seed_and_the_chance() -> None:
    images = torch.rand(8, 3, 40, 40, generator=torch.Generator().manual_seed(9)) * 255
    first, again, other = (veil(images, torch.Generator().manual_seed(seed), 1.0) for seed in (1, 1, 2))
    assert torch.equal(first, again) and not torch.equal(first, other)
    assert torch.equal(veil(images, torch.Generator().manual_seed(1), 0.0), images)


def test_surround_is_filled_from_another_picture() -> None:
    pixels = torch.zeros(2, 3, 8, 8)
    pixels[0], pixels[1, :, 2:6, 2:6] = 9.0, 5.0
    content = torch.tensor([[0, 0, 8, 8], [2, 2, 6, 6]])
    filled = fill_surround(pixels, content, torch.tensor([True, True]))
    assert torch.equal(filled[0], pixels[0])
    assert filled[1, 0, 0, 0] == 9 and filled[1, 0, 3, 3] == 5
    assert torch.equal(fill_surround(pixels, content, torch.tensor([False, False])), pixels)


def test_the_frames_of_a_clip_have_one_surround() -> None:
    model, params = toy_model(), toy_params(3)
    pictures = torch.tensor([40, 80, 120], dtype=torch.uint8)[:, None, None, None].repeat(1, 144, 144, 3)
    content = torch.tensor([[30, 30, 110, 110]]).expand(3, 4)
    augmenter = Augmenter(model, replace(STILL, background=1.0, clip_frames=4))
    augmenter.move = lambda pixels, params, *_: (pixels, params)
    frames, labels = augmenter(pictures, params, content, yaw(params), torch.ones(3), torch.Generator().manual_seed(0), torch.Generator())
    assert frames[:, 0, 70, 70].tolist() == [40] * 4 + [80] * 4 + [120] * 4
    assert frames[:, 0, 5, 5].tolist() == [120] * 4 + [40] * 4 + [80] * 4
    assert torch.equal(labels, params.repeat_interleave(4, 0))


def test_content_box() -> None:
    crop = torch.full((20, 20, 3), 4, dtype=torch.uint8).numpy()
    crop[3:15, 5:18] = 100
    assert content_box(crop) == (5, 3, 18, 15)
