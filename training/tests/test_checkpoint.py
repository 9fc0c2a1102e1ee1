"""A checkpoint is taken whole, or refused in one sentence."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from test_training import config, trainer

from tdfa_train.checkpoint import load_checkpoint
from tdfa_train.cli import main
from tdfa_train.config import TrainConfig
from tdfa_train.deploy import load_deployed


@pytest.fixture(scope="module")
def last(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkpoint")
    trainer(folder, config(steps=1, batch=2), 4).run()
    return folder / "run" / "last.pt"


def test_a_flipped_byte_is_noticed_wherever_it_changes_anything(last: Path, tmp_path: Path, capsys) -> None:
    content, whole = last.read_bytes(), load_checkpoint(last, TrainConfig)
    refused = 0
    for place in range(0, len(content), len(content) // 97):
        damaged = bytearray(content)
        damaged[place] ^= 0xFF
        (tmp_path / "last.pt").write_bytes(damaged)
        try:
            saved = load_checkpoint(tmp_path, TrainConfig)
        except ValueError as error:
            assert "something else or damaged" in str(error)
            refused += 1
        else:
            for part in ("network", "mean"):
                assert all(torch.equal(value, whole[part][key]) for key, value in saved[part].items())
    assert refused > 80
    (tmp_path / "last.pt").write_bytes(content[:40_000] + bytes([content[40_000] ^ 1]) + content[40_001:])
    assert main(f"export --run {tmp_path} --output {tmp_path}/a.onnx".split()) == 1
    assert "damaged" in capsys.readouterr().err and not (tmp_path / "a.onnx").exists()


def test_a_checkpoint_that_unpacks_to_more_than_the_file_is_never_unpacked(last: Path, tmp_path: Path, monkeypatch) -> None:
    with zipfile.ZipFile(last) as whole, zipfile.ZipFile(tmp_path / "last.pt", "w", zipfile.ZIP_DEFLATED) as packed:
        for name in whole.namelist():
            packed.writestr(name, whole.read(name) if name.endswith(".pkl") else bytes(2_000_000))
    monkeypatch.setattr(zipfile.ZipFile, "testzip", None)
    monkeypatch.setattr(torch, "load", None)
    with pytest.raises(ValueError, match="something else or damaged") as refused:
        load_checkpoint(tmp_path, TrainConfig)
    assert "larger than the file" in str(refused.value.__cause__)


def set_part(**parts: object) -> Callable[[dict], None]:
    return lambda saved: saved.update(parts)


EDITS: dict[str, Callable[[dict], object]] = {
    "normaliser": lambda saved: saved.pop("normaliser"),
    "normaliser's deviation": lambda saved: saved["normaliser"].pop("deviation"),
    "config's image_size": lambda saved: saved["config"].pop("image_size"),
    "config's network": lambda saved: saved["config"].update(network=3),
    "mean's head.conv.bias": lambda saved: saved["mean"].pop("head.conv.bias"),
    "mean": set_part(mean=[1, 2]),
    "network's features.0.conv.weight": lambda saved: saved["network"].update({"features.0.conv.weight": "none"}),
    "config": set_part(config=[("network", "mobilenet-v2")]),
    "curve's loss": set_part(curve=[{"step": 1, "seconds": 0.1}]),
    "optimiser's state": set_part(optimiser={}),
    "step": set_part(step="1"),
}


@pytest.mark.parametrize(("name", "edit"), EDITS.items(), ids=EDITS)
@pytest.mark.parametrize("command", ["export", "train"])
def test_an_edited_checkpoint_is_refused_by_what_it_lacks(name: str, edit: Callable, command: str, last: Path, tmp_path: Path, capsys) -> None:
    saved = torch.load(last)
    edit(saved)
    torch.save(saved, tmp_path / "last.pt")
    lines = {"export": "--output {0}/a.onnx", "train": "--cache {1}/cache --face-model {1}/cache/model.npz"}
    assert main(f"{command} --run {tmp_path} {lines[command].format(tmp_path, last.parents[1])}".split()) == 1
    said = capsys.readouterr().err
    assert f"but {name} is missing or of another form" in said and said.count("\n") == 1


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda saved: saved["mean"].pop("head.conv.weight"), "weights of the network"),
        (lambda saved: saved["config"].update(network="mobilenet-v2"), "weights of the network"),
        (lambda saved: saved["config"].update(network="resnet"), "received resnet"),
        (lambda saved: saved["config"].update(image_size=-5), "image_size"),
        (lambda saved: saved["normaliser"].update(mean=torch.zeros(99)), r"normaliser .* \[99\] and \[15\]"),
    ],
)
def test_parts_that_do_not_fit_each_other_are_refused(edit: Callable, words: str, last: Path, tmp_path: Path) -> None:
    saved = torch.load(last)
    edit(saved)
    torch.save(saved, tmp_path / "last.pt")
    with pytest.raises(ValueError, match=words):
        load_deployed(tmp_path)


def test_a_checkpoint_from_before_some_settings_still_loads(last: Path, tmp_path: Path) -> None:
    saved = torch.load(last)
    for setting in ("seed", "landmark_weight", "augment"):
        del saved["config"][setting]
    torch.save(saved, tmp_path / "last.pt")
    assert load_deployed(tmp_path).scale.shape == (15,)
    assert load_checkpoint(tmp_path, TrainConfig)["step"] == 1
