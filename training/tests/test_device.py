"""Training on a device that is not the CPU: everything that takes part lies there, and the result is the same."""

from pathlib import Path

import pytest
import torch
from far import FAR, FarTensor, far_device, near
from test_detector import SMALL, toy_pictures
from test_training import config
from torch import Tensor, nn
from toy import toy_cache

from tdfa_train import trainer
from tdfa_train.augment.settings import AugmentSettings
from tdfa_train.data.cache import open_cache
from tdfa_train.detector.trainer import DetectorTrainer
from tdfa_train.detector.validate import watch
from tdfa_train.face_model import load_face_model
from tdfa_train.trainer import Trainer
from tdfa_train.validate import Validation
from tdfa_train.training_run import TrainingRun

TURNED = AugmentSettings(profile=0.5)
STEPS = 2


@pytest.fixture(autouse=True)
def few_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainer, "SAMPLE_STEPS", 3)


def steps(folder: Path, changes: dict, device: str | torch.device, half: bool = False) -> tuple[Trainer, list[Tensor]]:
    """Some steps; the trainer and its costs."""
    settings = config(**{"batch": 8, "held_out": 4, "steps": STEPS, "augment": TURNED, **changes})
    run = Trainer(settings, open_cache(folder), load_face_model(folder / "model.npz"), folder / f"run-{device}", device, half)
    costs = []
    while run.step < STEPS:
        costs.append(run.advance())
    return run, costs


def assert_same(ours: nn.Module, theirs: nn.Module) -> None:
    there = ours.state_dict()
    for key, value in theirs.state_dict().items():
        assert isinstance(there[key], FarTensor), key
        torch.testing.assert_close(near(there[key]), value, rtol=0, atol=0)


def test_the_far_device_takes_no_tensor_of_the_cpu() -> None:
    with far_device():
        here, there = torch.ones(3), torch.ones(3, device=FAR)
        assert near(there + 1).tolist() == [2, 2, 2]
        assert (there * torch.tensor(2.0)).device == FAR
        with pytest.raises(RuntimeError, match="one device"):
            there + here
        with pytest.raises(RuntimeError, match="one device"):
            torch.cat([here, there])
        assert torch.rand(2, generator=torch.Generator(FAR), device=FAR).shape == (2,)
        for generator, device in ((torch.Generator(), FAR), (torch.Generator(FAR), "cpu")):
            with pytest.raises(RuntimeError, match="expected a generator"):
                torch.rand(2, generator=generator, device=device)


CASES = {
    "vertex": {},
    "frnet": {"loss": "frnet", "network": "mobile-frnet"},
    "look ahead": {"look_ahead": 2},
    "landmarks": {"landmark_weight": 1.0},
    "clips": {"augment": AugmentSettings(profile=0.5, clip_frames=2)},
}


@pytest.mark.parametrize("changes", CASES.values(), ids=CASES)
def test_a_regressor_trains_there_as_on_the_cpu(tmp_path: Path, changes: dict) -> None:
    toy_cache(tmp_path, 32)
    true, expected = steps(tmp_path, changes, "cpu")
    figures = true.figures()
    with far_device() as device:
        run, costs = steps(tmp_path, changes, device)
        assert isinstance(run.batches.images, FarTensor) and isinstance(run.batches(0)[0], FarTensor)
        assert run.figures() == figures
    assert [near(cost).item() for cost in costs] == [cost.item() for cost in expected]
    assert_same(run.mean.network, true.mean.network)


def test_convolutions_are_narrow_there_and_weights_are_not(tmp_path: Path) -> None:
    toy_cache(tmp_path, 32)
    _, wide = steps(tmp_path, {}, "cpu")
    kinds = []
    with far_device() as device:
        build = nn.Conv2d.forward

        def watched(layer: nn.Conv2d, pictures: Tensor) -> Tensor:
            result = build(layer, pictures)
            kinds.append(result.dtype)
            return result

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(nn.Conv2d, "forward", watched)
            run, narrow = steps(tmp_path, {}, device, half=True)
    assert set(kinds) == {torch.bfloat16}
    assert {value.dtype for value in run.network.parameters()} == {torch.float32}
    apart = [abs(near(ours).item() / theirs.item() - 1) for ours, theirs in zip(narrow, wide)]
    assert 0 < max(apart) < 0.02


def test_a_detector_trains_there_as_on_the_cpu() -> None:
    pictures = toy_pictures()
    true = DetectorTrainer(SMALL, pictures, Path("unused"), watch(pictures))
    expected = [true.advance().item() for _ in range(STEPS)]
    with far_device() as device:
        run = DetectorTrainer(SMALL, pictures, Path("unused"), watch(pictures, device), device)
        costs = [run.advance() for _ in range(STEPS)]
        assert run.figures() == true.figures()
    assert [near(cost).item() for cost in costs] == expected
    assert_same(run.mean.network, true.mean.network)


def test_held_out_pictures_are_drawn_with_the_numbers_of_the_cpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toy_cache(tmp_path, 8)
    cache, model, devices = open_cache(tmp_path), load_face_model(tmp_path / "model.npz"), []
    with far_device() as device:
        generator = torch.Generator
        monkeypatch.setattr(torch, "Generator", lambda where="cpu": devices.append(str(where)) or generator(where))
        made = Validation(cache, model.to(device), 64, device)
        assert all(isinstance(part, FarTensor) for part in [*made.plain[0], *made.turned[0]])
        monkeypatch.undo()
    assert set(devices) == {"cpu"}


@pytest.mark.parametrize("kind", ["regressor", "detector"])
def test_a_run_of_the_cpu_goes_on_there_with_its_step_counts_on_the_cpu(tmp_path: Path, kind: str) -> None:
    """AdamW asks for them at each step; on a GPU it would wait twice for each weight."""
    toy_cache(tmp_path, 32)
    settings = config(batch=8, held_out=4, steps=2, augment=TURNED)

    def make(device: str | torch.device) -> TrainingRun:
        if kind == "detector":
            return DetectorTrainer(SMALL, toy_pictures(), tmp_path / "run", device=device)
        return Trainer(settings, open_cache(tmp_path), load_face_model(tmp_path / "model.npz"), tmp_path / "run", device)

    make("cpu").run(until=1)
    with far_device() as device:
        run = make(device)
        assert run.step == 1
        run.advance()
        assert all(isinstance(value, FarTensor) for value in run.network.state_dict().values())
        moments = run.optimiser.state.values()
        assert all(isinstance(state["exp_avg"], FarTensor) for state in moments)
        assert {(type(state["step"]), float(state["step"])) for state in moments} == {(Tensor, 2.0)}
    true = make("cpu")
    true.advance()
    assert_same(run.network, true.network)
