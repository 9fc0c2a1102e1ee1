"""What a user does wrong is answered by one sentence and a status of 1."""

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from test_detector import SMALL, toy_pictures
from test_training import config, trainer
from toy import toy_cache, toy_model

from tdfa_train import cli
from tdfa_train.checkpoint import load_checkpoint, save_checkpoint
from tdfa_train.command import show
from tdfa_train.config import TrainConfig
from tdfa_train.deploy import load_deployed
from tdfa_train.detector import cli as detector_cli
from tdfa_train.detector.config import DetectorConfig
from tdfa_train.detector.trainer import DetectorTrainer
from tdfa_train.detector.validate import watch
from tdfa_train.export import export_onnx
from tdfa_train.files import alone_in

Main = Callable[[list[str]], int]
regressor, detector = cli.main, detector_cli.main


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of each kind, a cache, a network, and files that are none of these."""
    folder = tmp_path_factory.mktemp("errors")
    trainer(folder, config(steps=1, batch=2), 8).run()
    DetectorTrainer(SMALL, toy_pictures(2), folder / "detector").run(until=1)
    export_onnx(load_deployed(folder / "run"), folder / "network.onnx")
    wide = toy_model()
    np.savez(folder / "wide.npz", mean=wide.mean, shape=wide.basis, expression=wide.expression, landmarks=wide.landmarks)
    for name in ("garbage.onnx", "garbage.pt", "garbage.pkl", "garbage.npz", "garbage.safetensors", "garbage.json"):
        (folder / name).write_bytes(b"none of these")
    np.savez(folder / "other.npz", mean=np.zeros(3))
    packable = toy_model()
    parts = {key: getattr(packable, key) for key in ("mean", "shape", "expression", "landmarks")}
    np.savez(folder / "packable.npz", triangles=np.array([[0, 1, 2]]), expression_names=np.array(["jawOpen"]), **parts)
    (folder / "full/face.safetensors").mkdir(parents=True)
    torch.save({"state_dict": {}}, folder / "other.pth")
    (folder / "list.json").write_text("[1]")
    (folder / "unknown.json").write_text('{"speed": 3}')
    (folder / "type.json").write_text('{"vertices": "many"}')
    (folder / "augment.json").write_text('{"augment": {"fog": 1}}')
    (folder / "negative.json").write_text('{"learning_rate": -1}')
    return folder


TRAIN = "train --run {0}/new --cache {0}/cache --face-model {0}/cache/model.npz --held-out 0 --network mobilenet-v1-0.25 --batch 2"
WRONG: list[tuple[Main, str, str]] = [
    (regressor, "prepare --data {0}/nowhere --cache {0}/made --face-model {0}/cache/model.npz", "no such file"),
    (regressor, "prepare --data {0} --layout 300w-lp --cache {0}/made --face-model {0}/garbage.pkl", "Expected 3DDFA_V2's face model"),
    (regressor, "prepare --data {0} --layout 300w-lp --cache {0}/made --face-model {0}/cache/model.npz", "beside NAME.mat"),
    (regressor, "export --run {0}/nowhere --output {0}/a.onnx", "there is none"),
    (regressor, "export --run {0}/garbage.pt --output {0}/a.onnx", "something else or damaged"),
    (regressor, "export --run {0}/network.onnx --output {0}/a.onnx", "something else or damaged"),
    (regressor, "export --run {0}/other.pth --output {0}/a.onnx", "another program"),
    (regressor, "export --run {0}/detector --output {0}/a.onnx", "run with other settings"),
    (regressor, "export --run {0}/run --output {0}/garbage.pt/a.onnx", "garbage.pt/a.onnx but the system refuses"),
    (regressor, "export --run {0}/run --output {0}/cache", "name of a file to write but {0}/cache is a folder"),
    (regressor, "pack --run {0}/run --face {0}/packable.npz --output {0}/full", "full/face.safetensors is a folder"),
    (regressor, "make-open-model --cache {0}/cache --face-model {0}/cache/model.npz --face {0}/cache/model.npz --output {0}/garbage.pt", "garbage.pt/cache/images.npy but the system refuses"),
    (regressor, "evaluate --model {0}/nowhere.onnx --face-model {0}/cache/model.npz", "no such file"),
    (regressor, "evaluate --model {0}/garbage.onnx --face-model {0}/cache/model.npz", "something else or damaged"),
    (regressor, "evaluate --model {0}/network.onnx --face-model {0}/garbage.npz", "Expected an .npz"),
    (regressor, "evaluate --model {0}/network.onnx --face-model {0}/garbage.safetensors", "Expected a .safetensors"),
    (regressor, "evaluate --model {0}/network.onnx --face-model {0}/nowhere.safetensors", "no such file"),
    (regressor, "evaluate --model {0}/network.onnx --face-model {0}/other.npz", "shape, expression, landmarks is not among them"),
    (regressor, "pack --run {0}/run --face {0}/garbage.npz --output {0}/packed", "Expected an .npz"),
    (regressor, "pack --run {0}/run --face {0}/wide.npz --output {0}/packed", "16 parameters a face"),
    (regressor, TRAIN + " --cache {0}/nowhere", "prepared crops"),
    (regressor, TRAIN + " --face-model {0}/wide.npz", "16 parameters a face"),
    (regressor, TRAIN + " --held-out 8", "more than the 8 crops"),
    (regressor, TRAIN + " --blink 0.5", "eyeBlinkLeft"),
    (regressor, TRAIN + " --image-size 15", "from 16 to 1024 for the setting image_size"),
    (regressor, TRAIN + " --image-size 100000", "from 16 to 1024 for the setting image_size"),
    (regressor, TRAIN + " --profiled {0}/cache", "trains on all: leave --profiled out"),
    (regressor, TRAIN + " --held-out 2 --profiled {0}/nowhere", "prepared crops in {0}/nowhere"),
    (regressor, TRAIN + " --run {0}/garbage.pt/new", "garbage.pt/new but the system refuses"),
    (regressor, "report --run {0}/run --face-model {0}/cache/model.npz --profiled {0}/cache", "trains on all: leave --profiled out"),
    (regressor, TRAIN + " --decay nan", "from 0 for the setting decay"),
    (regressor, TRAIN + " --decay 5", "from 0 to 1 for the setting decay"),
    (regressor, TRAIN + " --ema 2", "from 0 to 1 for the setting ema"),
    (regressor, TRAIN + " --profile 3", "from 0 to 1 for the setting profile"),
    (regressor, TRAIN + " --mirror 7", "from 0 to 1 for the setting mirror"),
    (regressor, TRAIN + " --largest-yaw 720", "from 0 to 180 for the setting largest_yaw"),
    (regressor, TRAIN + " --seed 123456789012345678901234567890", "for the setting seed"),
    (regressor, TRAIN + " --steps 0", "at least 1 for the setting steps"),
    (regressor, TRAIN + " --batch 1", "at least 2 for the setting batch"),
    (regressor, TRAIN + " --batch 9", "at most the 8 crops"),
    (regressor, TRAIN + " --clip-frames 0", "at least 1 for the setting clip_frames"),
    (regressor, TRAIN + " --batch 8 --clip-frames 16", "multiple of the 16 of clip_frames"),
    (regressor, TRAIN + " --batch 20 --clip-frames 8", "multiple of the 8 of clip_frames"),
    (regressor, TRAIN + " --start-from {0}/garbage.onnx", "something else or damaged"),
    (regressor, TRAIN + " --start-from {0}/detector", "run with other settings"),
    (regressor, TRAIN + " --config {0}/garbage.json", "it is no JSON"),
    (regressor, TRAIN + " --config {0}/list.json", "by their names"),
    (regressor, TRAIN + " --config {0}/unknown.json", "received speed"),
    (regressor, TRAIN + " --config {0}/type.json", "Expected int for the setting vertices"),
    (regressor, TRAIN + " --config {0}/augment.json", "received fog"),
    (regressor, TRAIN + " --config {0}/negative.json", "from 0 for the setting learning_rate"),
    (regressor, TRAIN + " --run {0}/run --network mobilenet-v2", "network mobilenet-v1-0.25, not mobilenet-v2"),
    (regressor, TRAIN + " --run {0}/detector", "run with other settings"),
    (detector, "prepare --cache {0}/nowhere --labels {0}/labels.npz", "prepared crops"),
    (detector, "train --run {0}/new --side 100", "multiple of 32"),
    (detector, "train --run {0}/new --steps 0", "at least 1 for the setting steps"),
    (detector, "train --run {0}/new --mined 10", "mined_from"),
    (detector, "train --run {0}/new --batch 1", "at least 2 for the setting batch"),
    (detector, "train --run {0}/run", "run with other settings"),
    (detector, "export --run {0}/run --output {0}/a.onnx", "run with other settings"),
    (detector, "export --run {0}/garbage.pt --output {0}/a.onnx", "something else or damaged"),
    (detector, "export --run {0}/detector --output {0}/cache", "{0}/cache is a folder"),
    (detector, "evaluate --model {0}/nowhere.onnx", "no such file"),
    (detector, "evaluate --model {0}/network.onnx", "lacks cls_8"),
]


@pytest.mark.parametrize(("main", "line", "words"), WRONG, ids=[line.replace("{0}/", "") for _, line, _ in WRONG])
def test_what_is_wrong_is_said_in_one_sentence(main: Main, line: str, words: str, folder: Path, capsys) -> None:
    before = sorted(folder.rglob("*"))
    assert main(line.format(folder).split()) == 1
    said = capsys.readouterr()
    assert words.format(folder) in said.err and ".part" not in said.err and said.err.startswith("tdfa_train") and said.err.count("\n") == 1
    assert said.out == ""
    left = {path.name for path in folder.rglob("*")} - {path.name for path in before}
    assert left <= {"made"}, left


def test_two_processes_do_not_train_the_same_run(folder: Path, tmp_path: Path, capsys) -> None:
    line = TRAIN.format(folder).replace(f"{folder}/new", f"{tmp_path}/run").split() + "--image-size 64 --steps 4 --until 1".split()
    with alone_in(tmp_path / "run"):
        assert regressor(line) == 1
    said = capsys.readouterr().err
    assert said == f"tdfa_train: Expected {tmp_path}/run for this process alone but another one is at work in it: wait for it, or name another folder.\n"
    assert not (tmp_path / "run").exists()
    assert regressor(line) == 0


@pytest.mark.parametrize("option", ["--name a/b", "--name ..", "--threads 100000"])
def test_an_option_out_of_range_is_refused(folder: Path, option: str, capsys) -> None:
    with pytest.raises(SystemExit) as exit:
        regressor(f"{TRAIN.format(folder)} {option}".split())
    assert exit.value.code == 2 and "expected" in capsys.readouterr().err


def test_a_rate_that_is_far_too_high_is_said_before_anything_is_kept(folder: Path, tmp_path: Path, capsys) -> None:
    line = TRAIN.format(folder).replace(f"{folder}/new", f"{tmp_path}/new")
    assert regressor(f"{line} --held-out 2 --steps 2 --warmup 0 --decay 0 --learning-rate 1e9 --image-size 64 --until 1".split()) == 1
    said = capsys.readouterr()
    assert "diverged by step 1 (there is no checkpoint yet)" in said.err and not (tmp_path / "new").exists()
    assert [json.loads(row)["from_step"] for row in said.out.splitlines()] == [0]


@pytest.mark.parametrize("rate", [1e9, 1e30])
def test_a_detector_that_diverges_between_two_checkpoints_is_said(tmp_path: Path, rate: float) -> None:
    pictures = toy_pictures()
    settings = replace(SMALL, steps=8, warmup=0, decay=0.0, learning_rate=rate)
    with pytest.raises(ValueError, match="diverged by step [48] .*--learning-rate"):
        DetectorTrainer(settings, pictures, tmp_path, watch(pictures)).run(validate_every=4)


def test_a_full_gpu_is_said_in_one_sentence(folder: Path, monkeypatch, capsys) -> None:
    def fill(*arguments: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory.\nTried to allocate 2.00 GiB.")

    monkeypatch.setattr("tdfa_train.cli.Trainer", fill)
    assert regressor(TRAIN.format(folder).split()) == 1
    said = capsys.readouterr()
    assert "smaller --batch" in said.err and said.err.startswith("tdfa_train: ") and said.err.count("\n") == 1


@pytest.mark.parametrize(("ampere", "line", "half"), [(True, "", True), (False, "", False), (False, "--precision bfloat16", True), (True, "--precision float32", False)])
def test_a_gpu_computes_in_bfloat16_where_it_has_it(ampere: bool, line: str, half: bool, folder: Path, monkeypatch) -> None:
    def begin(*arguments: object) -> None:
        assert arguments[5] == half
        raise ValueError("as expected")

    monkeypatch.setattr("tdfa_train.command.device", torch.device)
    monkeypatch.setattr("tdfa_train.cli.Trainer", begin)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation=True: including_emulation or ampere)
    assert regressor(f"{TRAIN.format(folder)} --device cuda {line}".split()) == 1


@pytest.mark.parametrize(("main", "line"), [(regressor, "--cache {0}/nowhere"), (detector, "--labels {0}/nowhere")])
def test_float32_is_not_rounded_in_the_convolutions_of_a_gpu(main: Main, line: str, folder: Path, monkeypatch) -> None:
    monkeypatch.setenv("TDFA_SHARED", str(folder))
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
    assert main(f"train --run {folder}/nowhere {line.format(folder)}".split()) == 1
    assert not torch.backends.cudnn.allow_tf32


def test_no_line_is_json_that_is_none(capsys) -> None:
    show({"plain": 3.5})
    for value in (math.inf, math.nan):
        with pytest.raises(ValueError, match="finite figures.*--learning-rate"):
            show({"plain": value}, 2)
    assert capsys.readouterr().out == '{"plain": 3.5}\n'


def test_figures_of_no_picture_are_an_error_but_a_run_is_recorded_without(folder: Path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("TDFA_SHARED", str(folder))
    monkeypatch.setattr("tdfa_train.cli.write_results", lambda *record: records.append(record))
    records: list[tuple] = []
    model = f"--face-model {folder}/cache/model.npz"
    assert regressor(f"evaluate --model {folder}/network.onnx {model}".split()) == 1
    assert "images/youtube_faces or images/aflw2000" in capsys.readouterr().err
    assert regressor(f"report --run {folder}/run --name short {model}".split()) == 0
    assert "no figures" in capsys.readouterr().err and records[0][0] == "short" and records[0][4] == {}


@pytest.mark.parametrize("line", ["--until 0", "--threads -1", "--validate-every 0", "--device toaster", "--device meta", "--batch many", "--colour maybe"])
def test_an_option_that_is_none_ends_with_the_usage(line: str, folder: Path, capsys) -> None:
    with pytest.raises(SystemExit, match="2"):
        regressor(f"{TRAIN.format(folder)} {line}".split())
    assert "error: argument" in capsys.readouterr().err


def test_the_command_line_wins_over_the_file_and_that_over_the_run(tmp_path: Path) -> None:
    run = trainer(tmp_path, config(steps=1, batch=2, warmup=7), 4)
    save_checkpoint(tmp_path / "run", run.state())
    file = tmp_path / "settings.json"
    file.write_text('{"steps": 50, "seed": 9, "augment": {"roll": 1.0}}')
    line = f"train --run {tmp_path}/run --config {file} --seed 3 --shift 0.5"
    read = cli.read_config(cli.command_line().parser.parse_args(line.split()))
    assert (read.warmup, read.steps, read.seed) == (7, 50, 3)
    assert (read.augment.colour, read.augment.roll, read.augment.shift) == (False, 1.0, 0.5)


def test_another_face_model_is_refused_when_a_run_goes_on(tmp_path: Path) -> None:
    run = trainer(tmp_path, config(steps=1, batch=2), 4)
    state = run.state()
    state["network"] = {key: value[:14] if key.startswith("head.") else value for key, value in state["network"].items()}
    save_checkpoint(tmp_path / "run", state)
    with pytest.raises(ValueError, match="another face model"):
        trainer(tmp_path, config(steps=1, batch=2))


def test_a_failed_write_leaves_what_was_there(tmp_path: Path) -> None:
    run = trainer(tmp_path, config(steps=1, batch=2), 4)
    save_checkpoint(tmp_path / "run", run.state())
    with pytest.raises(Exception, match="pickle"):
        save_checkpoint(tmp_path / "run", {**run.state(), "curve": lambda: None})
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["last.pt"]
    assert load_checkpoint(tmp_path / "run", TrainConfig)["step"] == 0


def test_settings_come_back_as_they_were_saved() -> None:
    for settings in (config(), SMALL):
        assert type(settings).from_dict(settings.to_dict()) == settings
    with pytest.raises(ValueError, match="received network"):
        DetectorConfig.from_dict({"network": "x"})
