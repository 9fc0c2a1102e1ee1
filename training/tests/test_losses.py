import math
import weakref
from collections.abc import Callable

import pytest
import torch
from toy import toy_model, toy_params

from tdfa_train.face_model import FaceModel
from tdfa_train.losses import LOSSES, Loss, build_loss
from tdfa_train.losses.landmark import LandmarkRegularised
from tdfa_train.losses.meta_joint import Batch, MetaJoint, Step
from tdfa_train.losses.parameter import ParameterDistance, WeightedParameterDistance
from tdfa_train.losses.vertex import VertexDistance, VertexWing, wing
from tdfa_train.normalise import Normaliser
from tdfa_train.params import decode


def two_vertices() -> tuple[FaceModel, Normaliser]:
    """Vertices (3,0,0) and (0,4,0); one component moves the first along z. Not normalised, so outputs are parameters."""
    mean = torch.tensor([[3.0, 0, 0], [0, 4.0, 0]])
    shape = torch.tensor([[[0.0], [0.0], [2.0]], [[0.0], [0.0], [0.0]]])
    model = FaceModel(mean, shape, torch.zeros(2, 3, 0), torch.tensor([0]))
    return model, Normaliser(torch.zeros(13), torch.ones(13))


def identity_params() -> torch.Tensor:
    return torch.tensor([[1.0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0]])


def test_pdc_is_the_mean_squared_difference() -> None:
    cost = ParameterDistance()(torch.tensor([[1.0, 2.0]]), torch.tensor([[0.0, 4.0]]))
    assert cost.item() == pytest.approx((1 + 4) / 2)


def test_vdc_by_hand() -> None:
    model, normaliser = two_vertices()
    moved = identity_params()
    moved[0, 3] += 2  # x offset: both vertices by 2
    moved[0, 12] += 3  # component: the first vertex by 6 in z
    assert VertexDistance(model, normaliser)(moved, identity_params()).item() == pytest.approx((4 + 36 + 4) / 2)


def test_wpdc_weights_by_hand() -> None:
    model, normaliser = two_vertices()
    true, predicted = identity_params(), identity_params() + 1
    weights = WeightedParameterDistance(model, normaliser).weights(predicted, true)[0]
    # A row of the camera: x of the vertices (3), y (4), z (0), offset on both (root 2). The component: 2 x 1 along z.
    row = [3, 4, 0, math.sqrt(2)]
    assert weights.tolist() == pytest.approx([*row, *row, *row, 2])
    cost = WeightedParameterDistance(model, normaliser)(predicted, true).item()
    assert cost == pytest.approx((3 * sum(row) + 2) / 4 / 13)


@pytest.mark.parametrize("fast", [False, True])
def test_wpdc_weights_are_how_far_vertices_move(fast: bool) -> None:
    model, true = toy_model(), toy_params(3)
    normaliser = Normaliser.of(toy_params(50, seed=2))
    predicted = normaliser.encode(toy_params(3, seed=4))
    weights = WeightedParameterDistance(model, normaliser, fast).weights(predicted, normaliser.encode(true))
    for index in range(true.shape[1]):
        one = true.clone()
        one[:, index] = normaliser.decode(predicted)[:, index]
        movement = (decode(model, one) - decode(model, true)).square().sum((1, 2)).sqrt()
        # The toy's cameras are scaled rotations, where fWPDC is exact.
        torch.testing.assert_close(weights[:, index], movement, rtol=2e-3, atol=1e-2)


def test_fast_wpdc_differs_where_the_camera_is_no_rotation() -> None:
    model, normaliser = two_vertices()
    true = identity_params()
    true[0, 10] = 3.0  # z is stretched
    exact, fast = (WeightedParameterDistance(model, normaliser, f).weights(true + 1, true)[0, 12] for f in (False, True))
    assert exact.item() == pytest.approx(2 * 3)
    assert fast.item() == pytest.approx(2 * math.sqrt((1 + 1 + 9) / 3))


def test_wing_by_hand_and_continuous() -> None:
    d = torch.tensor([0.0, -2.0, 10.0, 15.0])
    constant = 10 - 10 * math.log(6)
    expected = [0, 10 * math.log(2), 10 - constant, 15 - constant]
    assert wing(d).tolist() == pytest.approx(expected)
    below, above = wing(torch.tensor([10 - 1e-4, 10 + 1e-4])).tolist()
    assert above - below == pytest.approx(0, abs=1e-3)


def test_vertex_wing_gives_landmarks_half_of_the_weight() -> None:
    model, normaliser = two_vertices()
    moved = identity_params()
    moved[0, 12] += 1  # only the first vertex, the landmark, moves: 2 in z
    expected = (10 * math.log(2) / 3 + 0) / 2
    assert VertexWing(model, normaliser)(moved, identity_params()).item() == pytest.approx(expected)


def test_frnet_loss_is_the_weighted_sum() -> None:
    model = toy_model().sparse(100)
    normaliser = Normaliser.of(toy_params(50))
    mine, true = (normaliser.encode(toy_params(4, seed)) for seed in (5, 6))
    terms = [build_loss(name, model, normaliser)(mine, true) for name in ("wpdc", "wing")]
    assert build_loss("frnet", model, normaliser)(mine, true).item() == pytest.approx((0.5 * terms[0] + terms[1]).item())


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_is_zero_at_the_truth_and_falls_towards_it(name: str) -> None:
    model = toy_model().sparse(100)
    normaliser = Normaliser.of(toy_params(50))
    true = normaliser.encode(toy_params(4))
    loss = build_loss(name, model, normaliser)
    far = (true + 0.5 * torch.randn(true.shape, generator=torch.Generator().manual_seed(0))).requires_grad_()
    cost = loss(far, true)
    cost.backward()
    assert loss(true, true).item() == pytest.approx(0, abs=1e-4)
    assert loss((far - 1e-3 * far.grad / far.grad.norm()).detach(), true) < cost


def test_unknown_loss_is_refused() -> None:
    with pytest.raises(ValueError, match="wpdc"):
        build_loss("l7", *two_vertices())


def test_landmark_regression_by_hand() -> None:
    model, normaliser = two_vertices()
    true = identity_params()
    # The landmark (3,0,0) projects to x 3 - 1 = 2, y 120 - 0; in half crops from the middle: 2/60 - 1 and 1.
    right = torch.tensor([[2 / 60 - 1, 1.0]])
    loss = LandmarkRegularised(ParameterDistance(), model, normaliser, weight=2.0)
    assert loss(torch.cat([true, right], 1), true).item() == pytest.approx(0, abs=1e-9)
    # The squared difference of the 13 parameters is 13, on average 1; that of the two coordinates 0.09 / 2.
    points = (right + torch.tensor([[0.3, 0.0]])).requires_grad_()
    cost = loss(torch.cat([true + 1, points], 1), true)
    assert cost.item() == pytest.approx(1 + 2 * 1)
    cost.backward()
    assert points.grad.tolist() == [[pytest.approx(2 * 1 / (0.09 / 2) * 2 * 0.3 / 2), 0]]
    # Landmarks that are right leave the loss alone.
    assert loss(torch.cat([true + 1, right], 1), true).item() == pytest.approx(1)


@pytest.mark.parametrize("name", ["vdc", "fwpdc"])
def test_landmark_regression_weighs_as_much_as_the_loss_whatever_that_counts_in(name: str) -> None:
    model = toy_model().sparse(100)
    normaliser = Normaliser.of(toy_params(50))
    true = normaliser.encode(toy_params(4))
    plain = build_loss(name, model, normaliser)
    params, points = true + 0.5, 0.1 * torch.ones(4, 2 * 68)
    both = LandmarkRegularised(plain, model, normaliser, weight=1.0)(torch.cat([params, points], 1), true)
    assert both.item() == pytest.approx(2 * plain(params, true).item())


def stepper(network: torch.nn.Module, optimiser: torch.optim.Optimizer, batch: Callable[[int], Batch]) -> Step:
    """Trains the network once on the batch of a number, and gives the cost."""

    def step(loss: Loss, number: int) -> torch.Tensor:
        pictures, true = batch(number)
        optimiser.zero_grad()
        cost = loss(network(pictures), true)
        cost.backward()
        optimiser.step()
        return cost.detach()

    return step


def test_meta_joint_keeps_the_loss_that_leads_further() -> None:
    network = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.constant_(network.weight, 0.0)
    optimiser = torch.optim.SGD(network.parameters(), 0.1, momentum=0.5)
    one = torch.ones(1, 1)
    # Steps by 0.1 towards 1 with momentum, or away from it.
    towards, away = (lambda mine, true: -mine.mean()), (lambda mine, true: mine.mean())

    # Costs: of weights 0 and 0.1 by the loss that is kept, be it the first or the last.
    batch = lambda number: (one, one)
    step = stepper(network, optimiser, batch)
    meta = MetaJoint({"away": away, "towards": towards}, lambda mine, true: (mine - true).square().mean())
    assert meta.advance(network, optimiser, step, batch, range(2)) == ("towards", pytest.approx(-0.1))
    assert network.weight.item() == pytest.approx(0.1 + (0.1 + 0.05))
    # The kept candidate's momentum goes on, untouched by the other's.
    turned = MetaJoint(dict(reversed(meta.candidates.items())), meta.judge)
    assert turned.advance(network, optimiser, step, batch, range(2, 3)) == ("towards", pytest.approx(-0.25))
    assert network.weight.item() == pytest.approx(0.25 + 0.1 + 0.075)


@pytest.mark.parametrize("order", [("sound", "broken"), ("broken", "sound"), ("broken",)])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_meta_joint_goes_on_with_the_loss_whose_numbers_are_finite(order: tuple[str, ...], value: float) -> None:
    network = torch.nn.Linear(1, 1, bias=False)
    optimiser = torch.optim.SGD(network.parameters(), 0.1)
    one = torch.ones(1, 1)
    losses = {"sound": lambda mine, true: (mine - true).square().mean(), "broken": lambda mine, true: (mine * value).mean()}

    batch = lambda number: (one, one)
    step = stepper(network, optimiser, batch)
    meta = MetaJoint({name: losses[name] for name in order}, losses["sound"])
    kept, cost = meta.advance(network, optimiser, step, batch, range(2))
    finite = "sound" in order
    assert kept == ("sound" if finite else "broken")
    assert math.isfinite(cost) == math.isfinite(network.weight.item()) == finite


def test_meta_joint_keeps_no_batch_but_the_one_it_judges_on() -> None:
    network = torch.nn.Linear(1, 1)
    optimiser = torch.optim.SGD(network.parameters(), 0.1)
    asked, made = [], []

    def batch(number: int) -> tuple[torch.Tensor, torch.Tensor]:
        assert sum(picture() is not None for picture in made) <= 1
        asked.append(number)
        pictures = torch.ones(1, 1)
        made.append(weakref.ref(pictures))
        return pictures, torch.ones(1, 1)

    distance = lambda mine, true: (mine - true).square().mean()
    MetaJoint({"one": distance, "other": distance}, distance).advance(network, optimiser, stepper(network, optimiser, batch), batch, range(4, 9))
    assert asked == [9, *range(4, 9), *range(4, 9)]
