"""The files that a face model comes in give the same one."""

import json
import pickle
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from test_training import config, trainer
from toy import needs_shared, toy_model

from tdfa_train import cli
from tdfa_train.data.cache import open_cache, write_labels
from tdfa_train.face_model import FaceModel, load_face_model
from tdfa_train.export import export_onnx
from tdfa_train.deploy import load_deployed
from tdfa_train.open_model.pack import pack_face
from tdfa_train.params import decode

OPEN = Path(__file__).resolve().parents[2] / "models" / "open"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run, its network, a frame with points, and the toy model as .npz and packed; its basis has 16 bits here as there."""
    folder = tmp_path_factory.mktemp("face")
    trainer(folder, config(steps=1, batch=2), 8).run()
    export_onnx(load_deployed(folder / "run"), folder / "network.onnx")
    model = toy_model()
    shape, expression = (np.float32(np.float16(part)) for part in (model.shape, model.expression))
    np.savez(
        folder / "face.npz", mean=model.mean, shape=shape, expression=expression, landmarks=model.landmarks,
        triangles=np.array([[0, 1, 2], [1, 3, 2]]), expression_names=np.array(["eyeBlink_L"]),
    )  # fmt: skip
    pack_face(folder / "face.npz", folder / "face.safetensors")
    frames = folder / "images" / "youtube_faces"
    frames.mkdir(parents=True)
    cv2.imwrite(str(frames / "a.png"), open_cache(folder / "cache").images[0])
    (frames / "landmarks68.json").write_text(json.dumps({"a.png": np.random.default_rng(0).uniform(30, 110, (68, 2)).tolist()}))
    return folder


def assert_same(ours: FaceModel, theirs: FaceModel) -> None:
    for part in ("mean", "shape", "expression", "landmarks"):
        mine, other = getattr(ours, part), getattr(theirs, part)
        assert mine.dtype == other.dtype and torch.equal(mine, other), part
    assert ours.names == theirs.names


def test_a_packed_model_is_the_one_it_was_packed_from(folder: Path) -> None:
    packed = load_face_model(folder / "face.safetensors")
    assert_same(packed, load_face_model(folder / "face.npz"))
    assert packed.names == ("eyeBlinkLeft",)


def test_the_products_model_is_read() -> None:
    model = load_face_model(OPEN / "face.safetensors")
    assert (model.mean.shape, model.outputs, len(model.names)) == ((9216, 3), 84, 32)
    assert 100 < float(np.ptp(model.mean.numpy()[:, 1])) < 250  # Millimetres.
    assert {"eyeBlinkLeft", "eyeBlinkRight"} < set(model.names)


def run(line: str) -> int:
    return cli.main(line.split())


def test_commands_take_a_packed_model(folder: Path, tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("TDFA_SHARED", str(folder))
    monkeypatch.setattr("tdfa_train.cli.write_results", lambda *record: None)
    figures = []
    for name in ("face.npz", "face.safetensors"):
        assert run(f"evaluate --model {folder}/network.onnx --face-model {folder}/{name}") == 0
        figures.append(json.loads(capsys.readouterr().out))
    assert figures[0] == figures[1] and set(figures[0]) == {"frames"}
    line = f"--cache {folder}/cache --face-model {folder}/face.safetensors --network mobilenet-v1-0.25 --batch 2 --held-out 0 --steps 1"
    assert run(f"train --run {tmp_path}/new {line} --start-from {folder}/run --profile 1 --image-size 64") == 0
    assert run(f"export --run {tmp_path}/new --face-model {folder}/face.safetensors --output {tmp_path}/a.onnx") == 0
    assert run(f"pack --run {tmp_path}/new --face {folder}/face.safetensors --output {tmp_path}/packed") == 0
    assert (tmp_path / "packed/face.safetensors").read_bytes() == (folder / "face.safetensors").read_bytes()


def test_labels_are_made_for_a_model_that_is_there(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder / "cache", tmp_path / "cache")
    cache = open_cache(tmp_path / "cache")
    write_labels(tmp_path / "cache", cache.params, cache.content, np.arange(8) // 3, cache.ratios)
    models = f"--face-model {folder}/face.npz --face {folder}/face.safetensors"
    assert run(f"make-open-model --cache {tmp_path}/cache {models} --output {tmp_path}/open") == 0
    assert [path.name for path in (tmp_path / "open").iterdir()] == ["cache"]
    model, made = load_face_model(folder / "face.safetensors"), open_cache(tmp_path / "open/cache")
    np.testing.assert_array_equal(made.photos, np.arange(8) // 3)
    old, new = (decode(model.pick(model.landmarks), torch.from_numpy(cache.params)) for cache in (open_cache(folder / "cache"), made))
    assert (old - new)[..., :2].norm(dim=2).mean() < 2


@needs_shared("images/youtube_faces")
def test_the_products_network_and_model_give_the_figure_of_their_card(monkeypatch, capsys) -> None:
    monkeypatch.setattr("tdfa_train.evaluate.LARGE_POSE", "nowhere")
    assert run(f"evaluate --model {OPEN}/regressor.onnx --face-model {OPEN}/face.safetensors") == 0
    assert json.loads(capsys.readouterr().out)["frames"] == pytest.approx(3.51, abs=0.01)


def test_another_model_with_as_many_parameters_is_refused(folder: Path, tmp_path: Path, capsys) -> None:
    data = dict(np.load(folder / "face.npz"))
    np.savez(tmp_path / "other.npz", **{**data, "mean": data["mean"] * [1.3, 1, 1]})
    shutil.copytree(folder / "cache", tmp_path / "cache")
    cache, face = open_cache(tmp_path / "cache"), load_face_model(folder / "face.npz")
    write_labels(tmp_path / "cache", cache.params, cache.content, cache.photos, cache.ratios, face.fingerprint())
    line = f"train --run {tmp_path}/run --cache {tmp_path}/cache --network mobilenet-v1-0.25 --batch 2 --held-out 0 --steps 2 --until 1 --image-size 64"
    assert run(f"{line} --face-model {tmp_path}/other.npz") == 1
    assert "the face model of the cache's labels but received another one" in capsys.readouterr().err
    # The packed one is the same, in 16 bits.
    assert run(f"{line} --face-model {folder}/face.safetensors") == 0
    write_labels(tmp_path / "cache", cache.params, cache.content, cache.photos, cache.ratios)
    for command in (line, f"pack --run {tmp_path}/run --output {tmp_path}/packed --face {tmp_path}/other.npz", f"report --run {tmp_path}/run"):
        assert run(f"{command} --face-model {tmp_path}/other.npz") == 1
        assert f"the face model of the run in {tmp_path}/run but received another one" in capsys.readouterr().err
    assert not (tmp_path / "packed").exists()


class Evil:
    """Bytes as an array of pointers: to read it is to follow them."""

    def __reduce__(self) -> tuple:
        return np.ndarray, ((3, 1), np.dtype("O"), b"A" * 24)


class Objects:
    def __reduce__(self) -> tuple:
        return np.dtype, ("O8",)


def test_a_pickle_gets_nothing_of_numpys_own(tmp_path: Path) -> None:
    sound = {"u": np.zeros((6, 1)), "w_shp": np.zeros((6, 2), order="F"), "w_exp": np.zeros((6, 1), ">f4"), "keypoints": np.zeros(204, np.int64)}
    path = tmp_path / "face.pkl"
    path.write_bytes(pickle.dumps(sound, 3))
    assert load_face_model(path).outputs == 15
    for value in (Evil(), Objects(), np.array([None]), np.zeros(3, "datetime64[s]"), "text", 3, None):
        for protocol in (2, 3, 4):
            path.write_bytes(pickle.dumps({**sound, "u": value}, protocol))
            with pytest.raises(ValueError, match="face model|a pickle with u"):
                load_face_model(path)


@pytest.mark.parametrize(
    "change",
    [
        {"landmarks": np.full(68, 10**12)}, {"landmarks": np.full(68, -1)}, {"landmarks": np.full(68, np.nan)}, {"landmarks": np.zeros(3, int)},
        {"mean": np.zeros(4)}, {"mean": np.zeros((3, 3))}, {"mean": np.full((5, 3), np.nan)}, {"shape": np.zeros(5)},
        {"expression": np.zeros((5, 3, 1), complex)}, {"expression_names": np.array("jawOpen")},
    ],
)  # fmt: skip
def test_arrays_that_make_no_face_model_are_named(tmp_path: Path, change: dict) -> None:
    sound = {"mean": np.zeros((5, 3)), "shape": np.zeros((5, 3, 2)), "expression": np.zeros((5, 3, 1)), "landmarks": np.zeros(68, int)}
    np.savez(tmp_path / "face.npz", **{**sound, **change})
    if "expression_names" in change:
        assert load_face_model(tmp_path / "face.npz").names == ("jawOpen",)
        return
    with pytest.raises(ValueError, match="Expected a face model in .*face.npz: finite numbers"):
        load_face_model(tmp_path / "face.npz")


def test_arrays_made_to_fill_the_memory_are_refused(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("tdfa_train.files.LARGEST", 10_000)
    np.savez_compressed(tmp_path / "face.npz", mean=np.zeros(10_000))
    with pytest.raises(ValueError, match="Expected an .npz"):
        load_face_model(tmp_path / "face.npz")
