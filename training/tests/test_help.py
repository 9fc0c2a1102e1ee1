"""The command lines explain themselves."""

from dataclasses import fields
from types import ModuleType

import pytest

from tdfa_train import cli
from tdfa_train.config import RunConfig, TrainConfig
from tdfa_train.detector import cli as detector_cli
from tdfa_train.detector.config import DetectorConfig
from tdfa_train.settings import OPTIONS


@pytest.mark.parametrize(("program", "settings"), [(cli, TrainConfig), (detector_cli, DetectorConfig)])
def test_training_tells_what_stands_below_each_setting_and_its_default(
    program: ModuleType, settings: type[RunConfig], capsys: pytest.CaptureFixture
) -> None:
    with pytest.raises(SystemExit):
        program.main(["train", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    assert "--warmup INT Steps of linear rise. (default: " in text
    for entry in fields(settings):
        if entry.type in OPTIONS:
            explained = text.rsplit(f" --{entry.name.replace('_', '-')} ", 1)[1].split(" --", 1)[0]
            assert f"(default: {entry.default})" in explained, entry.name
