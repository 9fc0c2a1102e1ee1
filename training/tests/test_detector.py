import json
import math
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from tdfa_train.augment.pipeline import crop_camera
from tdfa_train.data.cache import open_cache
from tdfa_train.detector.assign import RANGES, assign, may_answer
from tdfa_train.detector.batches import Batch, add_empty, make_batch, make_candidates, pad
from tdfa_train.detector.boxes import decode, encode, iou, make_cells, suppress
from tdfa_train.detector.compose import KINDS, compose, faceless, pick
from tdfa_train.detector.config import DetectorConfig
from tdfa_train.detector.data import Picture, Pictures, find_unsure, label, no_boxes, pieces_beside
from tdfa_train.detector.deploy import Deployed, torch_finder
from tdfa_train.detector.export import export_onnx
from tdfa_train.detector.heads import AHEAD, RISE, head_box, turn_heads
from tdfa_train.detector.loss import detector_loss, eiou_loss, ignored_cells
from tdfa_train.detector.network import FACE, OUTPUTS, STRIDES, Detector, flatten
from tdfa_train.detector.place import Area, Scene, move_boxes, move_matrix, put, sort_boxes
from tdfa_train.detector.find import fit, make_finder, read_outputs, sizes_of_looks
from tdfa_train.detector.results import write_results
from tdfa_train.detector.textures import KINDS as TEXTURES
from tdfa_train.detector.trainer import DetectorTrainer
from tdfa_train.detector.validate import best_overlaps
from tdfa_train.onnx_files import TOLERANCE
from tdfa_train.params import faces, project, yaw
from tdfa_train.pixels import to_planes
from toy import toy_cache, toy_model

SMALL = DetectorConfig(channels=16, steps=40, side=64, batch=2, large_side=96, large_every=2, warmup=5, mined=1, mined_from=3)


def face_picture(random: np.random.Generator, side: int = 96, face: float = 40.0) -> Picture:
    """A skin-coloured ellipse with eyes and a mouth on noise, and its box."""
    size = face * random.uniform(0.7, 1.3)
    middle = random.uniform(size * 0.7, side - size * 0.7, 2)
    y, x = np.mgrid[:side, :side]
    u, v = (x - middle[0]) / (size * 0.4), (y - middle[1]) / (size * 0.5)
    pixels = random.integers(0, 120, (side, side, 3), np.uint8)
    pixels[u**2 + v**2 < 1] = [220, 170, 140]
    pixels[((np.abs(u) - 0.4) ** 2 + (v + 0.2) ** 2 < 0.03) | (u**2 / 4 + (v - 0.5) ** 2 < 0.01)] = [40, 20, 20]
    half = np.array([size * 0.4, size * 0.5])
    return Picture(pixels, np.concatenate([middle - half, middle + half])[None])


def toy_pictures(count: int = 8) -> Pictures:
    random = np.random.default_rng(0)
    frames = [face_picture(random, 128) for _ in range(count)]
    crops = [face_picture(random, 144, 70) for _ in range(count)]
    return Pictures(frames, crops, [Picture(random.integers(0, 255, (90, 160, 3), np.uint8), no_boxes())])


def test_parameters_below_100_000() -> None:
    assert sum(weight.numel() for weight in Detector().parameters()) < 100_000


def test_cells_by_hand() -> None:
    cells = make_cells(64, 32)
    assert len(cells) == 8 * 4 + 4 * 2 + 2
    assert cells[9].tolist() == [1, 1, 8]
    assert cells[32 + 4].tolist() == [0, 1, 16]
    assert cells[-1].tolist() == [1, 0, 32]


def test_maps_are_flattened_in_the_cells_order() -> None:
    maps = [torch.zeros(1, 6, 4, 8), torch.zeros(1, 6, 2, 4), torch.zeros(1, 6, 1, 2)]
    maps[1][0, 3, 1, 2] = 7
    row = flatten(maps)[0, :, 3].argmax()
    assert make_cells(64, 32)[row].tolist() == [2, 1, 16]


def test_decoding_by_hand_and_back() -> None:
    cells = make_cells(64, 64)
    raw = torch.zeros(len(cells), 4)
    raw[0] = torch.tensor([0.5, 1.0, math.log(2), math.log(3)])
    assert decode(raw, cells)[0].tolist() == pytest.approx([4 - 8, 8 - 12, 4 + 8, 8 + 12])
    boxes = torch.tensor([10.0, 20.0, 37.0, 61.0]).expand(len(cells), 4)
    torch.testing.assert_close(decode(encode(boxes, cells), cells), boxes)


def test_iou_by_hand() -> None:
    a = torch.tensor([[0.0, 0, 4, 4], [0, 0, 4, 4], [0, 0, 4, 4]])
    b = torch.tensor([[2.0, 0, 6, 4], [0, 0, 4, 4], [5, 5, 6, 6]])
    assert iou(a, b).tolist() == pytest.approx([8 / 24, 1, 0])


def test_suppression_keeps_the_best() -> None:
    boxes = torch.tensor([[0.0, 0, 10, 10], [1, 0, 11, 10], [20, 20, 30, 30]])
    assert suppress(boxes, torch.tensor([0.6, 0.9, 0.7]), 0.3).tolist() == [1, 2]
    assert suppress(boxes[:0], torch.zeros(0), 0.3).tolist() == []


def test_eiou_by_hand() -> None:
    # IoU 1/3; around both 6 x 4; centres 2 apart; widths and heights alike. Then one twice as high.
    found = torch.tensor([[0.0, 0, 4, 4], [0, 0, 4, 8]])
    true = torch.tensor([[2.0, 0, 6, 4], [0, 0, 4, 4]])
    expected = [1 - 1 / 3 + 4 / (36 + 16), 1 - 1 / 2 + 4 / (16 + 64) + 16 / 64]
    assert eiou_loss(found, true).tolist() == pytest.approx(expected)


def test_a_stride_answers_for_sizes_of_its_own_near_the_centre() -> None:
    cells = make_cells(256, 256)
    boxes = torch.tensor([[[100.0, 100, 116, 116], [28, 28, 228, 228]]])
    allowed = may_answer(cells, boxes)[0]
    assert set(cells[allowed[0], 2].tolist()) == {8}
    assert set(cells[allowed[1], 2].tolist()) == {32}
    centres = (cells[allowed[0], :2] + 0.5) * 8
    assert (centres - 108).abs().max() < 20
    assert RANGES[8][1] > RANGES[16][0] and RANGES[16][1] > RANGES[32][0]


def test_assignment_prefers_cells_whose_boxes_fit() -> None:
    cells = make_cells(64, 64)
    boxes, real = torch.tensor([[[10.0, 10, 34, 34], [0, 0, 0, 0]]]), torch.tensor([[True, False]])
    raw = torch.full((1, len(cells), 6), -3.0)
    good = [int(((cells == torch.tensor([column, 2.0, 8])).all(1)).nonzero()) for column in (2.0, 3.0)]
    raw[0, good, 2:] = encode(boxes[0, :1].expand(2, 4), cells[good])
    targets = assign(raw, cells, boxes, real)
    assert targets.positive[0].nonzero()[:, 0].tolist() == good
    assert targets.overlap[0, good].tolist() == pytest.approx([1, 1], abs=1e-4)
    assert (targets.face[0, good] == 0).all()


def test_assignment_gives_each_face_a_cell_of_its_own() -> None:
    cells = make_cells(64, 64)
    boxes = torch.tensor([[[10.0, 10, 30, 30], [40, 36, 60, 56]]])
    targets = assign(torch.zeros(1, len(cells), 6), cells, boxes, torch.ones(1, 2, dtype=torch.bool))
    assert set(targets.face[targets.positive].tolist()) == {0, 1}
    assert not assign(torch.zeros(1, len(cells), 6), cells, boxes, torch.zeros(1, 2, dtype=torch.bool)).positive.any()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e38])
@pytest.mark.parametrize("places", [slice(None), FACE, slice(2, 4)])
def test_assignment_leaves_it_to_the_loss_to_show_what_is_no_number(value: float, places: int | slice) -> None:
    cells = make_cells(64, 64)
    boxes, real = torch.tensor([[[10.0, 10, 34, 34]]]), torch.tensor([[True]])
    raw = torch.zeros(1, len(cells), 6)
    raw[..., places] = value
    assert assign(raw, cells, boxes, real).overlap.isfinite().all()
    if not math.isfinite(value):
        assert not detector_loss(raw, cells, boxes, real, torch.zeros(1, 1, 4), 1.0).isfinite()


def test_loss_without_a_face_is_the_cross_entropy_of_the_counted_cells() -> None:
    cells = make_cells(32, 32)
    raw = torch.zeros(1, len(cells), 6)
    nothing, ignored = torch.zeros(1, 1, 4), torch.tensor([[[0.0, 0, 16, 16]]])
    # 16 + 4 + 1 cells; the box covers 4 centres of stride 8 and 1 of stride 16, and touches that of stride 32.
    assert ignored_cells(cells, ignored).sum() == 5
    loss = detector_loss(raw, cells, nothing, torch.zeros(1, 1, dtype=torch.bool), ignored, 5.0)
    assert loss.item() == pytest.approx(16 * math.log(2), rel=1e-5)


def test_loss_of_a_perfect_answer_is_almost_nothing() -> None:
    cells = make_cells(64, 64)
    boxes = torch.tensor([[[10.0, 10, 34, 34]]])
    raw = torch.full((1, len(cells), 6), -20.0)
    best = int(((cells == torch.tensor([2.0, 2, 8])).all(1)).nonzero())
    raw[0, best] = torch.cat([torch.tensor([20.0, 20.0]), encode(boxes[0, 0], cells[best : best + 1])[0]])
    assert detector_loss(raw, cells, boxes, torch.ones(1, 1, dtype=torch.bool), torch.zeros(1, 1, 4), 5.0) < 1e-4


def test_a_turned_square_keeps_its_size_and_a_mirrored_one_its_side() -> None:
    square = np.array([[10.0, 20, 30, 40]])
    moved = move_boxes(square, move_matrix((20, 30), (50, 50), 2.0, 0.4, True))
    np.testing.assert_allclose(moved, [[30, 30, 70, 70]])
    mirrored = move_boxes(np.array([[0.0, 0, 10, 20]]), move_matrix((50, 0), (50, 0), 1.0, 0.0, True))
    np.testing.assert_allclose(mirrored, [[90, 0, 100, 20]])


def test_boxes_follow_the_pixels() -> None:
    pixels = np.zeros((100, 80, 3), np.uint8)
    pixels[40:60, 30:50] = 255
    for smooth in (False, True):
        scene = Scene(np.zeros((200, 200, 3), np.uint8))
        picture = Picture(pixels, np.array([[30.0, 40, 50, 60]]))
        for scale, area in ((0.5, Area(20, 30, 90, 90)), (2.0, Area(100, 100, 100, 100))):
            put(scene, picture, area, move_matrix((40, 50), (45, 40), scale, 0.0, True), smooth)
            x1, y1, x2, y2 = scene.boxes[-1].round().astype(int)
            seen = np.argwhere(scene.pixels[area.y : area.y + area.height, area.x : area.x + area.width, 0] > 127)
            top, left = seen.min(0) + [area.y, area.x]
            assert abs(top - y1) <= 1 and abs(left - x1) <= 1
            assert np.abs(seen.max(0) + 1 + [area.y, area.x] - [y2, x2]).max() <= 1


def test_faces_hardly_seen_are_neither_face_nor_background() -> None:
    scene = Scene(np.zeros((100, 100, 3), np.uint8))
    whole, half_out, tiny, outside = [10.0, 10, 40, 40], [-30.0, 10, 10, 50], [50.0, 50, 55, 55], [200.0, 0, 240, 40]
    sort_boxes(scene, np.array([whole, half_out, tiny, outside]), Area(0, 0, 100, 100))
    assert [box.tolist() for box in scene.boxes] == [whole]
    assert [box.tolist() for box in scene.ignored] == [[0, 10, 10, 50], tiny]


def test_what_may_be_a_face_is_never_background() -> None:
    face, maybe = np.array([[60.0, 56, 90, 96]]), np.array([[4.0, 4, 14, 16]])
    frame, unsure = (Picture(np.zeros((128, 128, 3), np.uint8), face, boxes) for boxes in (no_boxes(), maybe))
    scene = Scene(np.zeros((128, 128, 3), np.uint8))
    put(scene, unsure, Area(0, 0, 128, 128), move_matrix((0, 0), (0, 0), 1.0, 0.0, False))
    np.testing.assert_allclose(scene.boxes, face)
    np.testing.assert_allclose(scene.ignored, maybe)
    assert len(pieces_beside(frame)) == 4
    # Left of and above both there is nothing.
    assert [piece.shape for piece in pieces_beside(unsure)] == [(128, 34, 3), (28, 128, 3)]


def test_unsure_is_what_the_teacher_sees_besides_the_labels() -> None:
    def teacher(pixels: np.ndarray, threshold: float) -> np.ndarray:
        assert pixels.shape == (128, 128, 3) and threshold < 0.5
        return np.array([[20.0, 20, 60, 60, 0.9], [100, 100, 120, 120, 0.4]])

    unsure = find_unsure(np.zeros((64, 64, 3), np.uint8), np.array([[11.0, 11, 31, 31]]), teacher)
    assert unsure.tolist() == [[50, 50, 60, 60]]
    assert len(find_unsure(np.zeros((64, 64, 3), np.uint8), no_boxes(), teacher)) == 2


def sees(*boxes: list[float]):
    """A teacher that sees these wherever it looks."""
    return lambda pixels, threshold: np.array([[*box, 0.9] for box in boxes]).reshape(-1, 5)


def test_a_teacher_that_sees_no_face_is_told(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("tdfa_train.detector.data.HELD_OUT_CROPS", 1)
    jpeg = cv2.imencode(".jpg", np.zeros((32, 32, 3), np.uint8))[1].tobytes()
    (tmp_path / "crops.bin").write_bytes(4 * jpeg)
    np.savez(tmp_path / "crops.npz", offsets=len(jpeg) * np.arange(5))
    cache = open_cache(toy_cache(tmp_path / "cache", 4))
    with pytest.raises(ValueError, match="sure of one face but it is in none of 3"):
        label(tmp_path, sees(), cache, toy_model(), tmp_path / "labels.npz")
    assert not (tmp_path / "labels.npz").exists()


def test_a_turned_head_has_the_teachers_box_or_that_of_its_landmarks() -> None:
    pixels, points = np.zeros((144, 144, 3), np.uint8), np.array([[40.0, 50], [80, 100], [60, 70]])
    own = [40, 50 - RISE * 50, 80, 100]
    assert head_box(pixels, points, sees()).tolist() == own
    assert head_box(pixels, points, sees([0, 0, 30, 30])).tolist() == own
    assert head_box(pixels, points, sees([0, 0, 30, 30], [42, 38, 82, 98])).tolist() == [42, 38, 82, 98]


def test_heads_that_look_ahead_are_turned_far(tmp_path) -> None:
    model, cache = toy_model(), open_cache(toy_cache(tmp_path, 24))
    camera = cache.params[0, :12].reshape(3, 4)
    camera[:, :3] = camera[:, :3] @ np.array([[0.6, 0, 0.8], [0, 1, 0], [-0.8, 0, 0.6]])
    aside = yaw(torch.from_numpy(cache.params[:10])).abs() > AHEAD
    assert aside.tolist() == [True] + 9 * [False]
    pictures, boxes = turn_heads(cache, model, np.arange(10), sees())
    again, _ = turn_heads(cache, model, np.arange(10), sees())
    assert pictures.shape == (9, 144, 144, 3) and pictures.dtype == np.uint8 and np.array_equal(pictures, again)
    params = torch.from_numpy(cache.params[1:10])
    before = project(crop_camera(params, torch.ones(len(params))), faces(model.pick(model.landmarks), params))[:, :, :2]
    width, narrow = (before.amax(1) - before.amin(1))[:, 0].numpy(), boxes[:, 2] - boxes[:, 0]
    # A bump half as deep as it is wide: at 45 degrees it is seen 3/4 as wide, at 90 half.
    assert (narrow < 0.9 * width).all() and (narrow > 0.35 * width).all() and narrow.std() > 1
    assert len(turn_heads(cache, model, np.arange(10), sees(), 3)[0]) == 3


def test_turned_heads_are_a_part_of_what_is_picked() -> None:
    random, others, heads = np.random.default_rng(0), [1, 2], [3]
    picked = [pick(random, others, heads, 0.25) for _ in range(4000)]
    assert picked.count(3) == pytest.approx(1000, abs=110) and picked.count(1) == pytest.approx(1500, abs=130)
    assert {pick(random, others, [], 0.25) for _ in range(50)} == {1, 2}


@pytest.mark.parametrize("maker", [maker for maker, _ in KINDS])
def test_scenes(maker) -> None:
    pictures = toy_pictures()
    scenes = [maker(np.random.default_rng(seed), pictures, 96) for seed in range(25)]
    assert all(scene.pixels.shape == (96, 96, 3) and scene.pixels.dtype == np.uint8 for scene in scenes)
    assert any(scene.boxes for scene in scenes) == (maker.__name__ != "empty")
    for box in (box for scene in scenes for box in scene.boxes):
        assert (box[2:] > box[:2]).all() and ((box[:2] + box[2:]) / 2 > 0).all() and ((box[:2] + box[2:]) / 2 < 96).all()


@pytest.mark.parametrize("draw", set(TEXTURES), ids=lambda draw: draw.__name__)
def test_textures(draw) -> None:
    drawn = [draw(np.random.default_rng(seed), 70, 50) for seed in range(10)]
    assert all(pixels.shape == (50, 70, 3) and pixels.dtype == np.uint8 for pixels in drawn)
    assert len({pixels.tobytes() for pixels in drawn}) == 10


def test_pictures_without_faces_hold_no_face() -> None:
    pictures, random = toy_pictures(), np.random.default_rng(3)
    skin = [220, 170, 140]
    for frame in pictures.frames:
        pieces = pieces_beside(frame)
        assert pieces and not any((piece == skin).all(2).any() for piece in pieces)
        covered = faceless(random, pictures, frame).pixels
        x1, y1, x2, y2 = frame.boxes[0].astype(int)
        assert (covered[y1:y2, x1:x2] != frame.pixels[y1:y2, x1:x2]).any(2).mean() > 0.2


def test_a_batch_depends_on_its_number_alone() -> None:
    pictures = toy_pictures()
    first, again, next_one = (make_batch(pictures, SMALL, number) for number in (4, 4, 5))
    assert torch.equal(first.pictures, again.pictures) and torch.equal(first.boxes, again.boxes)
    assert first.pictures.shape == (2, 3, 64, 64) and next_one.pictures.shape == (2, 3, 96, 96)
    assert compose(np.random.default_rng(0), pictures, 64).pixels.shape == (64, 64, 3)


def test_the_hardest_pictures_without_a_face_join_the_batch() -> None:
    pictures = toy_pictures()
    trainer = DetectorTrainer(SMALL, pictures, Path("unused"))
    candidates = make_candidates(pictures, SMALL, 4)
    with torch.no_grad():
        seen = flatten(trainer.mean.network(candidates))[..., 0].amax(1)
    batch = trainer.batch(4)
    assert batch.pictures.shape == (3, 3, 64, 64) and torch.equal(batch.pictures[-1], candidates[seen.argmax()])
    assert not batch.real[-1].any()
    assert trainer.batch(5).pictures.shape == (2, 3, 96, 96)
    assert add_empty(batch, candidates).ignored.shape[0] == 6


def test_overfits_eight_pictures() -> None:
    random = np.random.default_rng(5)
    pictures = [face_picture(random, 64, 28) for _ in range(8)]
    boxes, real = pad([list(picture.boxes) for picture in pictures])
    images = to_planes(torch.from_numpy(np.stack([picture.pixels for picture in pictures])))
    batch = Batch(images, boxes, real, torch.zeros(8, 1, 4))
    trainer = DetectorTrainer(DetectorConfig(channels=16, steps=150, warmup=10, ema=0.9, learning_rate=1e-2), Pictures([], [], []), Path("unused"))
    costs = [trainer.train_on(batch).item() for _ in range(150)]
    assert costs[-1] < 0.25 * costs[0]
    find = torch_finder(Deployed(trainer.mean.network))
    for picture in pictures:
        found = find(picture.pixels, 0.5)
        assert len(found) == 1 and best_overlaps(found, picture.boxes)[0] > 0.6


def test_goes_on_where_it_was_killed(tmp_path) -> None:
    pictures = toy_pictures()
    DetectorTrainer(SMALL, pictures, tmp_path / "whole").run(until=6, validate_every=3)
    DetectorTrainer(SMALL, pictures, tmp_path / "parts").run(until=3, validate_every=3)
    resumed = DetectorTrainer(SMALL, pictures, tmp_path / "parts")
    assert resumed.step == 3
    resumed.run(until=6, validate_every=3)
    whole = DetectorTrainer(SMALL, pictures, tmp_path / "whole")
    for mine, theirs in zip(resumed.network.state_dict().values(), whole.network.state_dict().values()):
        torch.testing.assert_close(mine, theirs)
    assert [point["step"] for point in resumed.curve] == [3, 6]


@pytest.mark.parametrize(("cores", "threads"), [(2, 0), (4, 3), (64, 8)])
def test_pictures_made_in_threads_are_the_same(cores: int, threads: int, tmp_path, monkeypatch) -> None:
    pictures = toy_pictures()
    alone = DetectorTrainer(SMALL, pictures, tmp_path)
    expected = [alone.advance().item() for _ in range(4)]
    monkeypatch.setattr(torch, "get_num_threads", lambda: cores)
    makers = []

    def watched(*arguments: object) -> Batch:
        makers.append(threading.current_thread().name)
        return make_batch(*arguments)

    monkeypatch.setattr("tdfa_train.detector.trainer.make_batch", watched)
    run = DetectorTrainer(SMALL, pictures, tmp_path)
    assert [run.advance().item() for _ in range(4)] == expected
    assert (run.threads._max_workers if run.threads else 0) == threads
    assert len(run.coming) == (8 if threads else 0) and (threading.current_thread().name in makers) == (not threads)


def trained_a_little() -> Deployed:
    trainer = DetectorTrainer(SMALL, toy_pictures(), Path("unused"))
    for number in range(4):
        trainer.train_on(make_batch(trainer.pictures, SMALL, number))
    return Deployed(trainer.network)


def test_normalisation_inside_the_convolutions_changes_little() -> None:
    network = Detector(16).eval()
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.running_mean, -0.1, 0.1)
            torch.nn.init.uniform_(module.running_var, 0.5, 2)
    image = torch.randint(0, 256, (1, 64, 64, 3), dtype=torch.uint8)
    with torch.no_grad():
        raw = flatten(network(to_planes(image)))
        named = dict(zip(OUTPUTS, Deployed(network)(image)))
    torch.testing.assert_close(torch.cat([named[f"bbox_{s}"] for s in (8, 16, 32)], 1), raw[..., 2:], atol=5e-3, rtol=0)
    torch.testing.assert_close(torch.cat([named[f"obj_{s}"] for s in (8, 16, 32)], 1), raw[..., :1].sigmoid(), atol=1e-3, rtol=0)
    torch.testing.assert_close(torch.cat([named[f"cls_{s}"] for s in (8, 16, 32)], 1), raw[..., 1:2].sigmoid(), atol=1e-3, rtol=0)


def test_export_equals_pytorch(tmp_path) -> None:
    path = tmp_path / "detector.onnx"
    assert export_onnx(trained_a_little(), path) <= TOLERANCE
    assert [entry.name for entry in tmp_path.iterdir()] == ["detector.onnx"]


def test_the_largest_export_is_small(tmp_path) -> None:
    export_onnx(Deployed(Detector()), tmp_path / "detector.onnx")
    assert (tmp_path / "detector.onnx").stat().st_size < 300_000


def test_input_is_scaled_down_and_padded_as_in_the_product() -> None:
    padded, scale = fit(np.full((100, 33, 3), 9, np.uint8), 640)
    assert padded.shape == (128, 64, 3) and scale == 1
    assert (padded[:100, :33] == 9).all() and not padded[100:].any() and not padded[:, 33:].any()
    padded, scale = fit(np.zeros((689, 1536, 3), np.uint8), 640)
    assert padded.shape == (288, 640, 3) and scale == pytest.approx(640 / 1536)


def test_results_are_the_record_and_a_picture_of_both_curves(tmp_path) -> None:
    parts = {"held_out": 0.9, "iou": 0.8, "false_in_100": 3.0, "turned": {"60-90": 0.7}}
    rows = [{"threshold": t, "frames": 1 - t / 4, **parts} for t in (0.3, 0.5, 0.7)]
    record = {"threshold": 0.5, "sweep": rows}
    write_results(record, [{"step": step, "loss": 5 / step, "recall": 0.8, "iou": 0.7} for step in (1, 2, 3)], tmp_path)
    assert json.loads((tmp_path / "detector.json").read_text()) == record
    assert (tmp_path / "detector.png").read_bytes().startswith(b"\x89PNG")


def answers(boxes: list[list[float]]):
    """A network that sees these boxes x1 y1 x2 y2 score in every input, whatever it shows."""

    def run(image: torch.Tensor) -> dict[str, torch.Tensor]:
        cells = make_cells(image.shape[2], image.shape[1])
        raw, score = torch.zeros(len(cells), 4), torch.zeros(len(cells), 1)
        for box in boxes:
            corners = torch.tensor(box[:4])
            nearest = ((cells[:, :2] + 0.5) * cells[:, 2:] - (corners[:2] + corners[2:]) / 2).abs().sum(1).argmin()
            raw[nearest], score[nearest] = encode(corners[None], cells[nearest][None])[0], box[4]
        counts = [int((cells[:, 2] == stride).sum()) for stride in STRIDES]
        parts = {name: part.split(counts) for name, part in (("cls", score), ("obj", score), ("bbox", raw))}
        return {f"{name}_{stride}": part[None] for name, all_parts in parts.items() for stride, part in zip(STRIDES, all_parts)}

    return run


def test_closer_looks_are_for_small_faces_alone() -> None:
    assert sizes_of_looks(320, 320) == [320] and sizes_of_looks(320, 480) == [320, 480] and sizes_of_looks(320, 1280) == [320, 640, 1280]
    picture = np.zeros((320, 640, 3), np.uint8)
    run = answers([[10, 10, 50, 50, 0.9], [100, 20, 200, 120, 0.8]])
    (first, second) = make_finder(run, [320])(picture, 0.5)
    assert first.tolist() == pytest.approx([20, 20, 100, 100, 0.9], abs=1e-4) and second[4] == pytest.approx(0.8)
    # Seen again at 640: 40 pixels there are 40 of the picture, a part of the face of 80; 100 are too large for that look.
    assert len(make_finder(run, [320, 640])(picture, 0.5)) == 2
    small = make_finder(answers([[200, 10, 230, 40, 0.7]]), [320, 640])(picture, 0.5)
    assert small[:, 2].tolist() == pytest.approx([460, 230], abs=1e-4)
    assert len(make_finder(run, [320, 640])(picture[:, :320], 0.5)) == 2


def test_scores_are_geometric_means_of_clamped_outputs() -> None:
    outputs = {}
    for stride in (8, 16, 32):
        for name, channels in (("cls", 1), ("obj", 1), ("bbox", 4)):
            outputs[f"{name}_{stride}"] = torch.zeros(1, (64 // stride) ** 2, channels)
    outputs["cls_16"][0, 5], outputs["obj_16"][0, 5] = 0.5, 1.1
    found = read_outputs(outputs, 64, 64, 0.3)
    np.testing.assert_allclose(found, [[8, 8, 24, 24, math.sqrt(0.5)]], rtol=1e-6)
