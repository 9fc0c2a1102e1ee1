"""A step of training by the rules of CUDA: what is narrow, which optimiser runs, and that nothing waits for the GPU."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from cuda_rules import CUDA, CudaTensor, cuda_rules
from test_training import config
from toy import toy_cache

from tdfa_train import trainer
from tdfa_train.augment.settings import AugmentSettings
from tdfa_train.data.cache import open_cache
from tdfa_train.face_model import load_face_model
from tdfa_train.trainer import Trainer
from tdfa_train.validate import FIGURES

AUGMENT = AugmentSettings(profile=0.5, blink=0.5)
CASES = {
    "vertex": {}, "frnet": {"loss": "frnet", "network": "mobile-frnet"}, "landmarks": {"landmark_weight": 1.0},
    "clips": {"augment": replace(AUGMENT, clip_frames=2)},
}  # fmt: skip


def without_backward(run: Trainer, cost: torch.Tensor) -> None:
    for weight in run.network.parameters():
        weight.grad = torch.zeros_like(weight)
    torch.nn.utils.clip_grad_norm_(run.network.parameters(), run.LARGEST_GRADIENT)
    run.optimiser.step()


@pytest.mark.parametrize("changes", CASES.values(), ids=CASES)
def test_a_step_follows_the_rules_of_cuda_and_waits_for_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict) -> None:
    monkeypatch.setattr(trainer, "SAMPLE_STEPS", 2)
    monkeypatch.setattr(Trainer, "descend", without_backward)
    toy_cache(tmp_path, 24)
    toy = load_face_model(tmp_path / "model.npz")
    lids = torch.cat([toy.shape[..., 1:], toy.expression], 2)
    model = replace(toy, shape=toy.shape[..., :1], expression=lids, names=("eyeBlinkLeft", "eyeBlinkRight"))
    settings = config(**{"batch": 8, "held_out": 4, "steps": 4, "augment": AUGMENT, **changes})
    with cuda_rules() as rules:
        run = Trainer(settings, open_cache(tmp_path), model, tmp_path / "run", CUDA, half=True)
        # Makes the optimiser's moments, and brings the order of an epoch there.
        run.advance()
        rules.calls.clear()
        rules.waits.clear()
        cost = run.advance()
        calls, waits = list(rules.calls), list(rules.waits)
        assert set(run.figures()) == set(FIGURES)
    assert waits == []
    assert isinstance(cost, CudaTensor) and cost.dtype == torch.float32
    # One is the blur of the augmentation, which is no part of the network.
    wide = [kinds for name, kinds in calls if name == "convolution" and kinds != {torch.bfloat16}]
    assert wide == [{torch.float32}]
    assert any(name == "_fused_adamw_" for name, _ in calls)
