import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from toy import needs_shared, toy_model, toy_params

from tdfa_train.augment.draw import draw_stills
from tdfa_train.augment.pipeline import Augmenter, crop_camera, region_affine, sample, sampling_grid
from tdfa_train.augment.profile import Profiler, turn
from tdfa_train.augment.settings import AugmentSettings
from tdfa_train.augment.splat import NOWHERE, fill_holes, splat
from tdfa_train.data.crop import CROP, MARGIN, cut, widen
from tdfa_train.face_model import load_face_model
from tdfa_train.mirror import Mirror, mirrored_vertices
from tdfa_train.params import SIZE, centre_depth, decode, faces, image_camera, project, transform, with_image_camera, yaw


def test_decode_has_3ddfa_v2s_convention() -> None:
    model, params = toy_model(), toy_params(2)
    camera = params[:, :12].reshape(2, 3, 4)
    x, y, z = (faces(model, params) @ camera[:, :, :3].transpose(1, 2) + camera[:, None, :, 3]).unbind(2)
    torch.testing.assert_close(decode(model, params), torch.stack([x - 1, 120 - y, z], 2), rtol=0, atol=1e-4)


def test_image_camera_and_back() -> None:
    params = toy_params(3)
    torch.testing.assert_close(with_image_camera(params, image_camera(params)), params, rtol=0, atol=1e-5)


def test_transform_moves_the_points_as_the_picture() -> None:
    model, params = toy_model(), toy_params(1)
    affine = torch.tensor([[[0.0, -2.0, 5.0], [2.0, 0.0, 7.0]]])  # quarter turn, twice the size
    before = decode(model, params)
    after = project(transform(image_camera(params), affine), faces(model, params))
    torch.testing.assert_close(after[..., 0], -2 * before[..., 1] + 5, rtol=0, atol=1e-3)
    torch.testing.assert_close(after[..., 1], 2 * before[..., 0] + 7, rtol=0, atol=1e-3)
    torch.testing.assert_close(after[..., 2], 2 * before[..., 2], rtol=0, atol=1e-3)


def test_centre_depth_changes_nothing_else() -> None:
    model, params = toy_model(), toy_params(3)
    before, after = decode(model, params), decode(model, centre_depth(model, params))
    torch.testing.assert_close(after[..., 2].mean(1), torch.zeros(3), rtol=0, atol=1e-4)
    torch.testing.assert_close(after[..., :2], before[..., :2])


def test_mirror_is_exact_on_a_symmetric_face() -> None:
    model, params = toy_model(), toy_params(4)
    coefficients, camera = Mirror(model)(params, crop_camera(params, torch.ones(4)), CROP)
    before = project(crop_camera(params, torch.ones(4)), faces(model, params))[:, mirrored_vertices(model)]
    after = project(camera, faces(model, coefficients))
    torch.testing.assert_close(after[..., 0], CROP - 1 - before[..., 0], rtol=0, atol=0.01)
    torch.testing.assert_close(after[..., 1:], before[..., 1:], rtol=0, atol=0.01)


def test_mirrors_of_some_vertices_are_those_of_all() -> None:
    model = toy_model()
    assert torch.equal(mirrored_vertices(model, model.landmarks), mirrored_vertices(model)[model.landmarks])


@pytest.mark.parametrize("side", [60, 144, 400])
@pytest.mark.parametrize(("mirror", "roll"), [(0.0, 0.0), (1.0, 0.0), (0.0, 40.0), (1.0, 40.0)])
def test_labels_stay_on_their_pixels_whatever_the_size_of_the_photographs(side: int, mirror: float, roll: float) -> None:
    """A dot at a landmark of the photograph, followed through the cut, mirroring and rotation."""
    model, params = toy_model(), toy_params(1)
    nose = model.landmarks[35]
    roi = (50.0, 40.0, 50.0 + side, 40.0 + side)
    x, y = (decode(model, params)[0, nose, :2] * side / SIZE).numpy() + roi[:2]
    line = np.arange(100 + side)
    dot = 255 * np.exp(-((line[None] - x) ** 2 + (line[:, None] - y) ** 2) / (2 * (side / 40) ** 2))
    crop = cut(np.repeat(dot[..., None], 3, 2).round().astype(np.uint8), widen(roi, MARGIN), CROP)
    ratios = torch.tensor([CROP / MARGIN / side])
    settings = AugmentSettings(profile=0, roll=0, scale=0, shift=0, background=0, mirror=mirror)
    host = torch.Generator().manual_seed(0)
    draw = replace(draw_stills(yaw(params), settings, host), roll=torch.tensor([math.radians(roll)]))
    pixels = torch.from_numpy(crop)[None].permute(0, 3, 1, 2).float()
    pictures, labels = Augmenter(model, settings).move(pixels, params, ratios, draw, host, SIZE)
    light, places = pictures[0, 0].double(), torch.arange(SIZE).double()
    seen = torch.stack([light.sum(0) @ places, light.sum(1) @ places]) / light.sum()
    meant = decode(model, labels)[0, mirrored_vertices(model)[nose] if mirror else nose, :2].double()
    # Labels count from the middle of the photograph's first pixel, whose size here is that of the face.
    larger = image_camera(labels)[0, 0, :3].norm() / image_camera(params)[0, 0, :3].norm()
    pixel = (SIZE / side * larger).double()
    torch.testing.assert_close(meant + pixel / 2 - 0.5, seen, rtol=0, atol=0.05)


@needs_shared("standin/bfm_noneck_v3.pkl")
@needs_shared("training/crops.npz")
def test_mirror_of_the_basel_face_model() -> None:
    from tdfa_train.data.shared_crops import read_shared_crops
    from tdfa_train.shared import require

    model = load_face_model()
    params = torch.from_numpy(read_shared_crops(require("training")).params[:50])
    coefficients, camera = Mirror(model)(params, image_camera(params), 120)
    landmarks = model.pick(model.landmarks)
    partner = mirrored_vertices(landmarks)
    assert partner[:17].tolist() == list(range(16, -1, -1))
    before, after = decode(landmarks, params)[:, partner], project(camera, faces(landmarks, coefficients))
    distance = torch.stack([119 - before[..., 0] - after[..., 0], before[..., 1] - after[..., 1]]).norm(dim=0)
    # Pixels of 120; not zero, since the model's landmarks do not lie quite symmetrically.
    assert distance.mean() < 0.4


def test_turn_adds_yaw() -> None:
    params = toy_params(5)
    camera = params[:, :12].reshape(-1, 3, 4)
    camera[:, :, :3] = 0.8 * torch.eye(3)
    turned = turn(camera, torch.full((5,), math.radians(40)), torch.zeros(5))
    angles = yaw(torch.cat([turned.reshape(5, 12), params[:, 12:]], 1)).rad2deg()
    torch.testing.assert_close(angles, torch.full((5,), 40.0), rtol=0, atol=0.01)


def test_region_affine_centres_the_landmarks() -> None:
    points = torch.tensor([[[20.0, 30, 0], [60, 90, 0]]])
    affine = region_affine(points, torch.ones(1), torch.zeros(1, 2), torch.zeros(1))
    corners = points[0, :, :2] @ affine[0, :, :2].T + affine[0, :, 2]
    # The side is the diagonal of the bounding square of 60, so the taller dimension spans 120 / sqrt 2.
    torch.testing.assert_close(corners.mean(0), torch.tensor([60.0, 60.0]))
    assert (corners[1] - corners[0])[1].item() == pytest.approx(120 / math.sqrt(2), abs=1e-3)


def test_sampling_maps_edges_to_edges() -> None:
    ramp = torch.arange(144.0).expand(1, 1, 144, 144)
    affine = torch.tensor([[[1.0, 0, -12], [0, 1.0, -12]]])  # the middle 120 pixels, one to one
    torch.testing.assert_close(sample(ramp, sampling_grid(affine, 120))[0, 0, 5], torch.arange(12.0, 132.0))
    half = sample(ramp, sampling_grid(affine, 60))[0, 0, 5]
    torch.testing.assert_close(half, torch.arange(12.5, 132.0, 2.0))


def test_splat_shows_the_nearer_point() -> None:
    points = torch.tensor([[[2.0, 1.0, 0.0], [2.0, 1.0, 50.0], [0.0, 3.0, NOWHERE]]])
    source = torch.tensor([[[9.0, 9.0], [5.0, 6.0], [7.0, 7.0]]])
    places, weight = splat(points, source, 4)
    assert places[0, :, 1, 2].tolist() == pytest.approx([5, 6])
    assert weight[0, 0].count_nonzero() == 1


def test_splat_ignores_what_falls_outside() -> None:
    points = torch.tensor([[[-5.0, 1.0, 0.0], [9.0, 1.0, 0.0], [1e6, -1e6, 3.0]]])
    _, weight = splat(points, torch.ones(1, 3, 2), 4)
    assert weight.count_nonzero() == 0


def test_holes_take_their_surroundings() -> None:
    values, weight = torch.full((1, 2, 9, 9), 3.0), torch.ones(1, 1, 9, 9)
    weight[0, 0, 3:6, 3:6] = 0
    values[0, :, 3:6, 3:6] = 100
    torch.testing.assert_close(fill_holes(values, weight), torch.full((1, 2, 9, 9), 3.0))


def test_profile_by_nothing_leaves_the_picture() -> None:
    model, params = toy_model(), toy_params(2)
    _, places = Profiler(model, CROP)(params, crop_camera(params, torch.ones(len(params))), torch.zeros(2), torch.zeros(2))
    rows, columns = torch.meshgrid(torch.arange(CROP), torch.arange(CROP), indexing="ij")
    error = (places - torch.stack([columns, rows])).abs()[:, :, 8:-8, 8:-8]
    assert error.mean() < 0.35
    assert error.max() < 4


def test_profiled_picture_shows_landmarks_where_the_labels_are() -> None:
    model, params = toy_model(), toy_params(3)
    angles = torch.tensor([0.3, -0.5, 0.5])
    camera, places = Profiler(model, CROP)(params, crop_camera(params, torch.ones(len(params))), angles, torch.full((3,), 0.1))
    face = faces(model, params)
    before, after = project(crop_camera(params, torch.ones(len(params))), face), project(camera, face)
    # On the nose's ridge nothing is hidden.
    ridge = (model.mean[:, :2].abs() < 12).all(1).nonzero()[:, 0]
    found = sample(places, after[:, ridge, None, :2], "border")[..., 0].transpose(1, 2)
    assert (found - before[:, ridge, :2]).norm(dim=2).mean() < 1.0
