"""Figures on pictures with true points."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from toy import toy_model, toy_params

from tdfa_train.data.crop import CROP, OFFSET, SCALE, cut
from tdfa_train.data.evaluation import Sample
from tdfa_train.data.shared_crops import read_shared_crops
from tdfa_train.evaluate import evaluate
from tdfa_train.params import SIZE, decode

FACES = 3


def write_crops(folder: Path, images: list[np.ndarray], points: np.ndarray) -> None:
    """`points` [n,68,2] pixels of the crops, true for all."""
    jpegs = [cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 100])[1].tobytes() for image in images]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "crops.bin").write_bytes(b"".join(jpegs))
    packed = np.round(points.transpose(0, 2, 1) * 64).astype(np.int16)
    np.savez(
        folder / "crops.npz", offsets=np.cumsum([0, *map(len, jpegs)]), param=np.zeros((len(images), 62), np.float32),
        lms64=np.pad(packed, [(0, 0), (0, 1), (0, 0)]), gt64=packed, gt_index=np.arange(len(images)),
    )  # fmt: skip


def test_the_region_of_a_crop_is_what_parameters_refer_to(tmp_path: Path) -> None:
    """As the product cuts it: here a spot in a picture that holds the crop at twice its size."""
    picture = np.zeros((2 * CROP, 2 * CROP, 3), np.float32)
    cv2.circle(picture, (170, 110), 12, (255, 255, 255), -1)
    crop = cv2.resize(picture, (CROP, CROP), interpolation=cv2.INTER_AREA)
    write_crops(tmp_path, [crop], np.full((1, 68, 2), OFFSET + SCALE * 30))
    crops = read_shared_crops(tmp_path)
    side = 2 * SCALE * SIZE
    roi = (2 * OFFSET, 2 * OFFSET, 2 * OFFSET + side, 2 * OFFSET + side)
    expected = cut(picture.astype(np.uint8), roi, SIZE)

    def centre(image: np.ndarray) -> np.ndarray:
        weight = image[..., 0].astype(np.float64)
        return np.array([(weight * grid).sum() for grid in np.meshgrid(np.arange(SIZE), np.arange(SIZE))]) / weight.sum()

    # Regions are cut in whole pixels: half a pixel of the picture is a quarter of one here.
    np.testing.assert_allclose(centre(crops.region(0)), centre(expected), atol=0.3)
    np.testing.assert_allclose(crops.true_crop_points(), 30, atol=0.02)


def test_the_offset_of_a_convention_is_taken_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TDFA_SHARED", str(tmp_path))
    model, params = toy_model(), toy_params(1)
    found = decode(model.pick(model.landmarks), params)[0, :, :2].double().numpy()
    truth = found + np.random.default_rng(0).normal(0, 3, found.shape)
    blank = np.zeros((CROP, CROP, 3), np.uint8)
    write_crops(tmp_path / "training", [blank] * FACES, np.stack([truth * SCALE + OFFSET] * FACES))
    (tmp_path / "images/youtube_faces").mkdir(parents=True)
    # A face of twice the size: offsets are in sizes of the face.
    sample = Sample("a", blank[:SIZE, :SIZE], (10, 20, 10 + 2 * SIZE, 20 + 2 * SIZE), truth * 2 + [10, 20], None)
    monkeypatch.setattr("tdfa_train.evaluate.read_frames", lambda folder: [sample])
    figures = evaluate(lambda crops: params.expand(len(crops), -1).numpy(), model)
    assert set(figures) == {"frames", "frames_convention"}
    assert figures["frames"] > 3
    assert figures["frames_convention"] == pytest.approx(0, abs=0.02)
