"""300W-LP's layout, and AFLW2000-3D's, which differ in where the points are."""

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
import scipy.io
import torch
from toy import needs_shared, toy_model

from tdfa_train.data.cache import open_cache, split
from tdfa_train.data.lp300w import read_300w_lp
from tdfa_train.data.prepare import prepare_300w_lp
from tdfa_train.face_model import load_face_model
from tdfa_train.shared import shared

LABEL = {"Pose_Para": np.ones(7), "Shape_Para": np.ones(199), "Exp_Para": np.ones(29), "pt2d": np.zeros((2, 68))}
POINTS = np.random.default_rng(0).uniform(1, 50, (68, 2))


def write(mat: Path, label: dict[str, np.ndarray], picture: bool = True) -> None:
    mat.parent.mkdir(parents=True, exist_ok=True)
    scipy.io.savemat(mat, label)
    if picture:
        cv2.imwrite(str(mat.with_suffix(".jpg")), np.zeros((50, 60, 3), np.uint8))


def real_layout(folder: Path) -> Path:
    """The AFLW2000-3D pictures as 300W-LP has its own: points apart, mirrored copies without any, code with an example."""
    for mat in shared("images/aflw2000").glob("*.mat"):
        label = {key: value for key, value in scipy.io.loadmat(mat).items() if not key.startswith("__")}
        points = label.pop("pt3d_68")[:2].T
        write(folder / "AFW" / mat.name, label, picture=False)
        shutil.copyfile(mat.with_suffix(".jpg"), folder / "AFW" / f"{mat.stem}.jpg")
        write(folder / f"landmarks/AFW/{mat.stem}_pts.mat", {"pts_2d": points + 3, "pts_3d": points}, picture=False)
        write(folder / "AFW_Flip" / mat.name, label)
    write(folder / "Code/example.mat", {"none": np.ones(3)})
    return folder


def toy_label(shape: float = 0, expression: float = 0, scale: float = 0.4) -> dict[str, np.ndarray]:
    """Of a toy face in the middle of a picture of 50 x 60 pixels, with the points that its parameters give."""
    model = toy_model()
    landmarks = model.pick(model.landmarks)
    coefficients = torch.full((2,), float(shape)), torch.full((1,), float(expression))
    face = (landmarks.mean + landmarks.shape @ coefficients[0] + landmarks.expression @ coefficients[1]).numpy() * scale
    points = np.stack([face[:, 0] + 30, 50 - (face[:, 1] + 25) + 1, face[:, 2]])
    pose = np.array([0, 0, 0, 30, 25, 0, scale])
    return {**LABEL, "Pose_Para": pose, "Shape_Para": np.full(199, shape), "Exp_Para": np.full(29, expression), "pt3d_68": points}


SENSELESS = {
    "no scale": ({"Pose_Para": np.array([0, 0, 0, 30, 25, 0, 0])}, "parameters"),
    "mirrored": ({"Pose_Para": np.array([0, 0, 0, 30, 25, 0, -0.4])}, "parameters"),
    "far": ({"Pose_Para": np.array([0, 0, 0, 3000, 2500, 0, 0.4])}, "parameters"),
    "huge coefficients": ({"Shape_Para": np.full(199, 1e300)}, "parameters"),
    "tiny points": ({"pt3d_68": np.vstack([25 + POINTS.T / 1000, np.zeros(68)])}, "points"),
    "points far apart": ({"pt3d_68": np.vstack([POINTS.T * 1e6, np.zeros(68)])}, "points"),
    "points outside": ({"pt3d_68": np.vstack([POINTS.T + 5000, np.zeros(68)])}, "points"),
}


@pytest.mark.parametrize("name", SENSELESS)
@pytest.mark.filterwarnings("ignore:overflow")
def test_a_senseless_label_is_passed_by_and_told(tmp_path: Path, capsys: pytest.CaptureFixture, name: str) -> None:
    change, reason = SENSELESS[name]
    write(tmp_path / "a.mat", toy_label())
    write(tmp_path / "b.mat", {**toy_label(), **change})
    write(tmp_path / "c.mat", toy_label(1, 1))
    assert prepare_300w_lp(tmp_path, tmp_path / "cache", toy_model()) == 2
    assert np.isfinite(open_cache(tmp_path / "cache").params).all()
    said = capsys.readouterr().err
    assert said.startswith(f"1 labels passed by, the first: {tmp_path / 'b.mat'}: its {reason}") and said.count("\n") == 1


def test_labels_without_a_picture_are_told(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    write(tmp_path / "a.mat", toy_label())
    write(tmp_path / "b.mat", toy_label(), picture=False)
    assert prepare_300w_lp(tmp_path, tmp_path / "cache", toy_model()) == 1
    assert capsys.readouterr().err == f"1 labels passed by, the first: {tmp_path / 'b.mat'} has no picture b.jpg beside it.\n"


@pytest.mark.parametrize("progressive", [0, 1])
def test_a_picture_that_was_cut_off_is_named(tmp_path: Path, progressive: int) -> None:
    write(tmp_path / "a.mat", toy_label(), picture=False)
    noise = np.random.default_rng(0).integers(0, 256, (50, 60, 3), np.uint8)
    whole = cv2.imencode(".jpg", noise, [cv2.IMWRITE_JPEG_PROGRESSIVE, progressive])[1].tobytes()
    (tmp_path / "a.jpg").write_bytes(whole)
    assert prepare_300w_lp(tmp_path, tmp_path / "cache", toy_model()) == 1
    for part in (0.5, 0.99):
        (tmp_path / "a.jpg").write_bytes(whole[: int(part * len(whole))])
        with pytest.raises(ValueError, match="Expected a whole picture but .*a.jpg ends in its middle."):
            prepare_300w_lp(tmp_path, tmp_path / "cache", toy_model())


@needs_shared("images/aflw2000")
def test_300w_lp_is_prepared_as_the_same_pictures_of_aflw2000_are(tmp_path: Path) -> None:
    model = load_face_model()
    assert prepare_300w_lp(shared("images/aflw2000"), tmp_path / "aflw", model) == 8
    assert prepare_300w_lp(real_layout(tmp_path / "300W_LP"), tmp_path / "lp", model) == 8
    ours, theirs = open_cache(tmp_path / "lp"), open_cache(tmp_path / "aflw")
    np.testing.assert_array_equal(ours.params, theirs.params)
    np.testing.assert_array_equal(ours.images, theirs.images)


PHOTOS = {
    "AFW_134212_1_0": "AFW_134212", "AFW_134212_2_17": "AFW_134212", "HELEN_1269874180_1_0": "HELEN_1269874180",
    "IBUG_image_014_01_2": "IBUG_image_014", "IBUG_image_006_3": "IBUG_image_006", "LFPW_image_train_0737_13": "LFPW_image_train_0737",
    "LFPW_image_test_0001_3": "LFPW_image_test_0001",
}  # fmt: skip


@pytest.mark.parametrize(("name", "photo"), PHOTOS.items())
def test_renderings_and_faces_of_a_photograph_share_its_name(tmp_path: Path, name: str, photo: str) -> None:
    for folder in ("AFW", "AFW_Flip"):
        write(tmp_path / folder / f"{name}.mat", {**LABEL, "pt3d_68": np.vstack([POINTS.T, np.zeros(68)])})
    assert {label.photo for label in read_300w_lp(tmp_path)} == {photo}


def test_pictures_of_other_names_are_photographs_of_their_own(tmp_path: Path) -> None:
    for name in ("image00002", "frame_1", "frame_2", "other/frame_2"):
        write(tmp_path / f"{name}.mat", {**LABEL, "pt3d_68": np.vstack([POINTS.T, np.zeros(68)])})
    assert len({label.photo for label in read_300w_lp(tmp_path)}) == 4


def test_no_photograph_of_300w_lp_is_held_out_and_trained_on(tmp_path: Path) -> None:
    """The renderings of each are told apart from the others' by a coefficient."""
    model = toy_model()
    for photo in range(6):
        for rendering in range(5):
            write(tmp_path / f"AFW/AFW_{1000 + photo}_1_{rendering}.mat", toy_label(photo, rendering))
    assert prepare_300w_lp(tmp_path, tmp_path / "cache", model) == 30
    training, held_out = split(open_cache(tmp_path / "cache"), 12)
    assert (len(training), len(held_out)) == (15, 12)
    seen, kept = (part.params[:, 12] for part in (training, held_out))
    assert not set(seen) & set(kept) and len(set(seen)) == 3
    # Shuffled, photographs and their renderings.
    assert seen.tolist() != sorted(seen) and training.params[:5, 14].tolist() != [0, 1, 2, 3, 4]


@needs_shared("images/aflw2000")
def test_points_of_both_layouts_count_from_1_and_cameras_from_0(tmp_path: Path) -> None:
    model = load_face_model()
    landmarks = model.pick(model.landmarks)
    for folder in (shared("images/aflw2000"), real_layout(tmp_path)):
        apart = []
        for label in read_300w_lp(folder):
            coefficients = (part[:size] for part, size in ((label.shape, 40), (label.expression, 10)))
            shape, expression = (torch.from_numpy(part).float() for part in coefficients)
            face = (landmarks.mean + landmarks.shape @ shape + landmarks.expression @ expression).numpy()
            projected = face @ label.camera[:, :3].T + label.camera[:, 3]
            apart.append(label.points.T - projected[:, :2])
        # The stand-in's bases leave a pixel or two at a point, nothing on average.
        np.testing.assert_allclose(np.mean(apart, (0, 1)), 1, atol=0.3)


def test_points_are_those_beside_the_set(tmp_path: Path, monkeypatch) -> None:
    write(tmp_path / "HELEN/a.mat", LABEL)
    write(tmp_path / "landmarks/HELEN/a_pts.mat", {"pts_3d": POINTS}, picture=False)
    write(tmp_path / "HELEN_Flip/a.mat", LABEL)
    write(tmp_path / "HELEN_Flip/b.mat", {**LABEL, "pt3d_68": np.vstack([2 * POINTS.T, np.zeros(68)])})
    first, second = read_300w_lp(tmp_path)
    np.testing.assert_array_equal(first.points, POINTS.T)
    np.testing.assert_array_equal(second.points, 2 * POINTS.T)
    monkeypatch.chdir(tmp_path / "HELEN")
    (label,) = read_300w_lp(Path("."))
    np.testing.assert_array_equal(label.points, POINTS.T)


def test_points_in_neither_place_are_one_sentence_with_both(tmp_path: Path) -> None:
    write(tmp_path / "AFW/a.mat", LABEL)
    with pytest.raises(FileNotFoundError, match="pt3d_68 in .*AFW/a.mat or as pts_3d in .*landmarks/AFW/a_pts.mat"):
        list(read_300w_lp(tmp_path))


@pytest.mark.parametrize("value", [np.zeros((68, 2)), POINTS.T, np.full((68, 2), np.nan)], ids=["equal", "turned", "nan"])
def test_points_of_300w_lp_that_are_none_are_named(tmp_path: Path, value: np.ndarray) -> None:
    write(tmp_path / "AFW/a.mat", LABEL)
    write(tmp_path / "landmarks/AFW/a_pts.mat", {"pts_3d": value}, picture=False)
    with pytest.raises(ValueError, match="pts_3d in .*landmarks/AFW/a_pts.mat"):
        list(read_300w_lp(tmp_path))
