import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import scipy.io
import torch
import torch.nn.functional as F
from toy import needs_shared, toy_cache, toy_model, toy_params, toy_pictures

from tdfa_train.augment.settings import AugmentSettings
from tdfa_train.batches import Batch
from tdfa_train.checkpoint import load_checkpoint, save_checkpoint
from tdfa_train.config import TrainConfig
from tdfa_train.data.cache import Cache, open_cache
from tdfa_train.data.lp300w import read_300w_lp, rotation
from tdfa_train.deploy import Deployed, load_deployed, onnx_regressor, torch_regressor
from tdfa_train.evaluate import by_yaw
from tdfa_train.export import export_onnx
from tdfa_train.face_model import FaceModel, load_face_model
from tdfa_train.losses import Loss
from tdfa_train.normalise import Normaliser
from tdfa_train.params import decode
from tdfa_train.pixels import to_planes
from tdfa_train.results import write_results
from tdfa_train.schedule import RunningMean, learning_rate
from tdfa_train.shared import shared
from tdfa_train.trainer import Trainer, pictures_seen
from tdfa_train.validate import FIGURES, Validation

STILL = AugmentSettings(profile=0, roll=0, scale=0, shift=0, background=0, mirror=0, colour=False)


def config(**changes: object) -> TrainConfig:
    small = {"network": "mobilenet-v1-0.25", "batch": 16, "steps": 40, "warmup": 5, "held_out": 0, "image_size": 64, "vertices": 100}
    return TrainConfig(**{**small, "augment": STILL, **changes})


def trainer(folder: Path, settings: TrainConfig, count: int = 32, initial: Path | None = None) -> Trainer:
    cache = folder / "cache"
    if not (cache / "labels.npz").exists():
        toy_cache(cache, count)
    return Trainer(settings, open_cache(cache), load_face_model(cache / "model.npz"), folder / "run", initial=initial)


def test_overfits_32_pictures(tmp_path: Path) -> None:
    """And the exported network gives what PyTorch gives, on the pictures themselves."""
    run = trainer(tmp_path, config(steps=160, learning_rate=4e-3, ema=0.9))
    run.run(validate_every=1000)
    deployed = load_deployed(tmp_path / "run")
    cache, model = open_cache(tmp_path / "cache"), load_face_model(tmp_path / "cache" / "model.npz")
    pictures, true = run.batches(0)
    found = run.normaliser.decode(run.mean.network(pictures))
    apart = (decode(model, found) - decode(model, true))[..., :2].norm(dim=2).mean()
    untrained = (decode(model, run.normaliser.mean.expand_as(true)) - decode(model, true))[..., :2].norm(dim=2).mean()
    assert apart < 1.5 < untrained / 2
    difference = export_onnx(deployed, tmp_path / "network.onnx")
    assert difference < 1e-4
    crops = np.ascontiguousarray(cache.images[:4, 12:132, 12:132])
    theirs, ours = onnx_regressor(tmp_path / "network.onnx")(crops), torch_regressor(deployed)(crops)
    np.testing.assert_allclose(theirs, ours, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("size", [48, 64, 72, 112])
def test_crops_for_a_network_of_small_ones_are_the_same_wherever_it_runs(tmp_path: Path, size: int) -> None:
    numbers = 3 * size * size
    deployed = Deployed(torch.nn.Flatten(), Normaliser(torch.zeros(numbers), torch.ones(numbers)), size)
    export_onnx(deployed, tmp_path / "small.onnx")
    crops = np.random.default_rng(1).integers(0, 256, (2, 120, 120, 3), np.uint8)
    small = F.interpolate(to_planes(torch.from_numpy(crops)), (size, size), mode="bilinear").flatten(1)
    for regress in (torch_regressor(deployed), onnx_regressor(tmp_path / "small.onnx")):
        np.testing.assert_allclose(regress(crops), small, rtol=0, atol=1e-6)


@pytest.mark.parametrize("changes", [{}, {"loss": "frnet"}, {"look_ahead": 2}, {"landmark_weight": 1.0}, {"network": "mobile-frnet"}])
def test_every_setting_trains(tmp_path: Path, changes: dict) -> None:
    run = trainer(tmp_path, config(steps=4, batch=4, **changes), 16)
    run.run()
    assert all(torch.isfinite(value).all() for value in run.network.state_dict().values())
    assert run.step == 4


@pytest.mark.parametrize("look_ahead", [0, 2])
def test_a_stopped_run_goes_on_as_if_it_had_not_stopped(tmp_path: Path, look_ahead: int) -> None:
    torch.manual_seed(0)
    whole, torn = tmp_path / "whole", tmp_path / "torn"
    settings = config(steps=8, augment=AugmentSettings(profile=0.5), held_out=4, look_ahead=look_ahead)
    trainer(whole, settings).run(validate_every=4)
    trainer(torn, settings).run(until=4)
    trainer(torn, settings).run(validate_every=4)
    ours, theirs = (load_checkpoint(folder / "run", TrainConfig) for folder in (whole, torn))
    for part in ("network", "mean"):
        for key, value in ours[part].items():
            torch.testing.assert_close(theirs[part][key], value, rtol=0, atol=0)
    assert [point["step"] for point in theirs["curve"]] == [4, 8]
    assert {"plain", "turned"} <= set(theirs["curve"][-1])


@pytest.mark.parametrize("broken", ["cost", "weights", "figures"])
def test_a_run_that_diverges_keeps_its_checkpoint(tmp_path: Path, broken: str) -> None:
    trainer(tmp_path, config(steps=8, batch=4)).run(until=2)
    run = trainer(tmp_path, config(steps=8, batch=4))
    advance = run.advance

    def diverge() -> torch.Tensor:
        cost = advance()
        if broken == "cost":
            return cost * torch.nan
        if broken == "figures":
            run.figures = lambda: {"plain": 3.0, "turned": torch.inf}
            return cost
        # As after a step whose cost was finite and whose gradient was not.
        next(run.mean.network.parameters()).fill_(torch.inf)
        return cost

    run.advance = diverge
    with pytest.raises(ValueError, match="diverged by step 4 .the checkpoint of step 2 is kept.*--learning-rate"):
        run.run(until=4)
    kept = load_checkpoint(tmp_path / "run", TrainConfig)
    assert kept["step"] == 2 and all(torch.isfinite(value).all() for value in kept["mean"].values())


def test_a_look_ahead_ends_where_the_run_does(tmp_path: Path) -> None:
    settings = config(steps=7, batch=4, look_ahead=3)
    run = trainer(tmp_path, settings, 16)
    # Where it is stopped changes nothing: a look-ahead is whole.
    run.run(until=2)
    assert run.step == 3
    run = trainer(tmp_path, settings)
    run.run(validate_every=2)
    assert run.step == 7 and [point["step"] for point in run.curve] == [3, 6, 7]
    assert load_checkpoint(tmp_path / "run", TrainConfig)["step"] == 7


def test_each_step_of_a_look_ahead_has_a_rate_of_its_own(tmp_path: Path) -> None:
    settings = config(steps=8, batch=4, look_ahead=4, warmup=4, decay=0.5)
    run = trainer(tmp_path, settings, 16)
    rates: list[float] = []
    descend = run.descend

    def noting(cost: torch.Tensor) -> None:
        rates.append(run.optimiser.param_groups[0]["lr"])
        descend(cost)

    run.descend = noting
    run.run()
    rising, falling = ([learning_rate(settings, step) for step in steps] for steps in (range(4), range(4, 8)))
    assert rising == sorted(set(rising)) and falling == sorted(set(falling), reverse=True)
    # Of either candidate.
    assert rates == [*rising, *rising, *falling, *falling]


@pytest.mark.parametrize(("look_ahead", "steps", "left"), [(0, 40, 2 / 11), (1, 40, 2 / 11), (20, 40, 0.7**20), (20, 5, 0.4**5)])
def test_the_running_mean_forgets_as_many_steps_as_were_made(tmp_path: Path, look_ahead: int, steps: int, left: float) -> None:
    run = trainer(tmp_path, config(steps=steps, batch=4, look_ahead=look_ahead), 16)

    def learn(loss: Loss, number: int) -> torch.Tensor:
        for weight in run.network.parameters():
            weight.data.fill_(1)
        return torch.zeros(())

    run.train_on = learn
    for weight in run.mean.network.parameters():
        weight.fill_(0)
    run.advance()
    for weight in run.mean.network.parameters():
        torch.testing.assert_close(weight, torch.full_like(weight, 1 - left))


def test_the_running_mean_follows_a_network_whose_state_was_loaded() -> None:
    network = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 1), torch.nn.BatchNorm2d(4))
    mean = RunningMean(network, 0.0)
    state = {key: torch.full_like(value, 3) for key, value in network.state_dict().items()}
    network.load_state_dict(state)
    mean.network.load_state_dict({key: torch.zeros_like(value) for key, value in state.items()})
    mean.update(step=1)
    for key, value in mean.network.state_dict().items():
        assert (value == (0 if key.endswith("num_batches_tracked") else 3)).all(), key


def test_a_step_of_the_running_mean_walks_no_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    network = torch.nn.Conv2d(3, 4, 1)
    mean = RunningMean(network, 0.5)
    monkeypatch.setattr(torch.nn.Module, "named_modules", None)
    monkeypatch.setattr(torch.nn.Module, "state_dict", None)
    mean.update(step=1)


@pytest.mark.parametrize("broken", ["vdc", "fwpdc"])
def test_a_look_ahead_records_and_goes_on_with_what_it_keeps(tmp_path: Path, broken: str) -> None:
    run = trainer(tmp_path, config(steps=4, batch=4, look_ahead=2), 16)
    (sound,) = run.meta.candidates.keys() - {broken}
    costs = []

    def watched(mine: torch.Tensor, true: torch.Tensor) -> torch.Tensor:
        costs.append((mine - true).square().mean())
        return costs[-1]

    run.meta.candidates.update({sound: watched, broken: lambda mine, true: mine.mean() * torch.nan})
    run.run(validate_every=2)
    assert [point["loss"] for point in run.curve] == [pytest.approx(costs[1].item()), pytest.approx(costs[3].item())]
    assert [(point[f"kept_{sound}"], point[f"kept_{broken}"]) for point in run.curve] == [(1, 0), (1, 0)]
    run.meta.candidates[sound] = run.meta.candidates[broken]
    run.config = config(steps=6, batch=4, look_ahead=2)
    with pytest.raises(ValueError, match="diverged by step 6"):
        run.run()


def test_candidates_of_a_look_ahead_pull_alike(tmp_path: Path) -> None:
    """Where one is much smaller, it goes where the other's moments carry it."""
    run = trainer(tmp_path, config(steps=4, batch=8, look_ahead=2), 16)
    pictures, true = run.batch(0)
    predicted = run.network(pictures).detach().requires_grad_()
    costs, pulls = {}, {}
    for name, loss in (*run.meta.candidates.items(), ("plain", run.meta.candidates["fwpdc"].loss)):
        costs[name] = loss(predicted, true)
        (pulls[name],) = torch.autograd.grad(costs[name], predicted)
    torch.testing.assert_close(costs["fwpdc"], costs["vdc"])
    cosine = torch.nn.functional.cosine_similarity(pulls["fwpdc"].flatten(), pulls["plain"].flatten(), dim=0)
    assert cosine > 0.9999
    assert 0.03 < pulls["fwpdc"].norm() / pulls["vdc"].norm() < 30


def test_a_run_goes_on_with_the_crops_that_it_was_begun_with(tmp_path: Path) -> None:
    trainer(tmp_path, config(steps=8, batch=4), 16).run(until=2)
    with pytest.raises(ValueError, match="Expected the 16 crops that .*run was begun with but received 17 others: give their --cache"):
        Trainer(config(steps=8, batch=4), open_cache(toy_cache(tmp_path / "other", 17)), toy_model(), tmp_path / "run")
    again = open_cache(tmp_path / "cache")
    made_anew, others = (replace(again, params=again.params * factor) for factor in (np.float32(1 + 1e-5), np.linspace(1, 1.1, 16, dtype=np.float32)[:, None]))
    assert Trainer(config(steps=8, batch=4), made_anew, toy_model(), tmp_path / "run").step == 2
    with pytest.raises(ValueError, match="received 16 others"):
        Trainer(config(steps=8, batch=4), others, toy_model(), tmp_path / "run")
    saved = load_checkpoint(tmp_path / "run", TrainConfig)
    del saved["data"]
    save_checkpoint(tmp_path / "run", saved)
    assert Trainer(config(steps=8, batch=4), open_cache(tmp_path / "other"), toy_model(), tmp_path / "run").step == 2


def test_held_out_heads_are_turned_up_to_their_profile() -> None:
    model, params = toy_model(), toy_params(64)
    for index, camera in enumerate(params[:, :12].view(-1, 3, 4)):
        camera[:, :3] = torch.from_numpy(0.75 * rotation(0.0, (-1) ** index, 0.0))
    cache = Cache(toy_pictures(model, params), params.numpy(), np.tile([0, 0, 144, 144], (64, 1)), np.arange(64), np.ones(64, np.float32))
    ((_, labels),) = Validation(cache, model, 64, torch.device("cpu")).turned
    nose = labels[:, :12].view(-1, 3, 4)[:, :, 2]
    # Towards the viewer still, but for what the pitch adds, and to the side that they showed before.
    assert (nose[:, 2] / nose.norm(dim=1)).min() > -0.1
    assert (nose[:, 0].sign() == params[:, 2].sign()).all()


def test_a_resumed_run_has_the_rate_and_decay_that_it_is_given(tmp_path: Path) -> None:
    trainer(tmp_path, config(steps=8, batch=4)).run(until=2)
    (group,) = trainer(tmp_path, config(steps=8, batch=4, learning_rate=1e-5, weight_decay=0.5)).optimiser.param_groups
    assert (group["lr"], group["weight_decay"]) == (1e-5, 0.5)


def test_a_run_starts_from_the_features_of_another(tmp_path: Path) -> None:
    first = trainer(tmp_path / "first", config(steps=2))
    first.run()
    second = trainer(tmp_path / "second", config(steps=2, image_size=96), initial=tmp_path / "first" / "run")
    theirs, ours = first.mean.network.state_dict(), second.network.state_dict()
    assert all(torch.equal(ours[key], theirs[key]) for key in ours if key.startswith("features."))
    with pytest.raises(ValueError, match="another network"):
        trainer(tmp_path / "third", config(network="mobilenet-v2"), initial=tmp_path / "first" / "run")


def test_pictures_are_counted_through_another_batch_and_an_older_checkpoint(tmp_path: Path) -> None:
    trainer(tmp_path, config(steps=8, batch=4)).run(until=2)
    folder = tmp_path / "run"
    saved = load_checkpoint(folder, TrainConfig)
    assert saved.pop("pictures") == 8 == pictures_seen(saved)
    save_checkpoint(folder, saved)
    trainer(tmp_path, config(steps=8, batch=16)).run(until=3)
    run = trainer(tmp_path, config(steps=8, batch=8, look_ahead=2))
    run.run(until=5)
    assert run.pictures == pictures_seen(load_checkpoint(folder, TrainConfig)) == 2 * 4 + 16 + 2 * 8


def test_of_expressions_with_names_the_coefficients_are_judged(tmp_path: Path) -> None:
    toy_cache(tmp_path, 5)
    cache, model = open_cache(tmp_path), toy_model()
    true = torch.from_numpy(cache.params)

    def figures(model: FaceModel) -> dict[str, float]:
        # Gives the mean, whatever it sees.
        network, normaliser = (lambda pictures: torch.zeros(len(pictures), 15)), Normaliser(true.mean(0), torch.ones(15))
        return Validation(cache, model, 64, torch.device("cpu"))(network, normaliser)

    assert set(figures(model)) == {"plain", "turned"}
    named = figures(replace(model, names=("jawOpen",)))
    spread = (true[:, -1] - true[:, -1].mean()).abs().mean().item()
    assert set(named) == set(FIGURES) and spread > 0.5
    assert (named["expression_plain"], named["expression_turned"]) == (pytest.approx(spread), pytest.approx(spread))


def test_another_network_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    trainer(tmp_path, config(steps=1)).run()
    with pytest.raises(ValueError, match="mobilenet-v1-0.25"):
        trainer(tmp_path, config(network="mobilenet-v2"))


def test_results_are_rows_curves_and_settings(tmp_path: Path) -> None:
    curve = [{"step": step, "loss": 5.0 / step, "seconds": 1.0 * step, "plain": 9.0 / step, "turned": 12.0 / step} for step in (1, 2, 3)]
    write_results("a", config(), curve, 1_230_000, {"frames": 4.1, "bins": {"0-30": 3.0}}, tmp_path)
    write_results("b", config(network="mobile-frnet"), curve, 48, {}, tmp_path)
    table = (tmp_path / "results.md").read_text().splitlines()
    assert table[-2].startswith("| b | mobile-frnet |") and table[-1].startswith("| a | mobilenet-v1-0.25 | 0.23 |")
    assert "| 1.23 | 4.10 |" in table[-1]
    # As `count` has it under operations, and the README's table.
    assert [row.split(" | ")[3] for row in table[-2:]] == ["0.102", "0.014"]
    with pytest.raises(ValueError, match="finite figures"):
        write_results("a", config(), curve, 48, {"frames": float("nan")}, tmp_path)
    assert json.loads((tmp_path / "a.json").read_text())["evaluation"]["frames"] == 4.1
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_errors_by_yaw_count_each_edge_once() -> None:
    errors, angles = np.array([1.0, 2.0, 3.0, 4.0, 9.0]), np.array([0.0, -30.0, 30.5, 60.0, -90.9])
    assert by_yaw(errors, angles) == {"0-30": 1.5, "30-60": 3.5, "60-90": 9.0}
    assert by_yaw(errors[:1], angles[:1]) == {"0-30": 1.0}
    # Labels of heads that look away go beyond the right angle.
    assert by_yaw(errors[:2], np.array([10, -95.0])) == {"0-30": 1.0, "60-90": 2.0}


@pytest.mark.parametrize(("key", "value"), [("Pose_Para", np.zeros(3)), ("pt3d_68", np.ones((3, 68))), ("Exp_Para", np.full(29, np.nan))])
def test_a_label_of_300w_lp_that_is_none_is_named(tmp_path: Path, key: str, value: np.ndarray) -> None:
    label = {"Pose_Para": np.ones(7), "Shape_Para": np.ones(199), "Exp_Para": np.ones(29), "pt3d_68": np.arange(204).reshape(3, 68)}
    cv2.imwrite(str(tmp_path / "face.jpg"), np.zeros((50, 50, 3), np.uint8))
    scipy.io.savemat(tmp_path / "face.mat", label)
    assert len(list(read_300w_lp(tmp_path))) == 1
    scipy.io.savemat(tmp_path / "face.mat", {**label, key: value})
    with pytest.raises(ValueError, match=f"{key} in .*face.mat"):
        list(read_300w_lp(tmp_path))


@needs_shared("images/aflw2000")
def test_300w_lp_layout_gives_labels_that_go_through_the_points(tmp_path: Path) -> None:
    """AFLW2000-3D has the layout of 300W-LP; the stand-in's bases leave up to a few percent."""
    from tdfa_train.data.prepare import prepare_300w_lp
    from tdfa_train.data.evaluation import read_aflw2000
    from tdfa_train.evaluate import nme

    model = load_face_model()
    assert prepare_300w_lp(shared("images/aflw2000"), tmp_path, model) == 8
    cache = open_cache(tmp_path)
    points = decode(model.pick(model.landmarks), torch.from_numpy(cache.params))[:, :, :2].numpy()
    samples = read_aflw2000(shared("images/aflw2000"))
    errors = []
    for own in points:
        per_sample = []
        for sample in samples:
            x1, y1, x2, _ = sample.roi
            per_sample.append(nme(own * ((x2 - x1) / 120) + [x1, y1], sample.truth))
        errors.append(min(per_sample))
    assert np.mean(errors) < 3
