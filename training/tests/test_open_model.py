from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from safetensors.numpy import save
from scipy.spatial.transform import Rotation
from toy import needs_shared, toy_model, toy_params

from tdfa_train.open_model.build import build
from tdfa_train.open_model.chart import MOUTH, SIZE, embed
from tdfa_train.open_model.fit import fit
from tdfa_train.open_model.grid import grid_places, grid_triangles, locate, nodes_on_landmarks
from tdfa_train.open_model.ict import boundary_loops
from tdfa_train.data.cache import write_cache
from tdfa_train.deploy import Deployed
from tdfa_train.files import read_safetensors
from tdfa_train.networks import build_network
from tdfa_train.normalise import Normaliser
from tdfa_train.open_model.pack import pack_regressor, read_features, shrink
from tdfa_train.open_model.shapes import principal


def small_mesh(side: int = 7) -> tuple[np.ndarray, np.ndarray]:
    """A bumpy square with a hole of one cell in its middle."""
    rows, columns = np.divmod(np.arange(side * side), side)
    points = np.stack([columns, -rows, np.sin(columns) * np.cos(rows)], 1).astype(float)
    cells = [(r, c) for r in range(side - 1) for c in range(side - 1) if (r, c) != (side // 2, side // 2)]
    quads = np.array([[r * side + c, (r + 1) * side + c, (r + 1) * side + c + 1, r * side + c + 1] for r, c in cells])
    return points, np.concatenate([quads[:, :3], quads[:, [0, 2, 3]]])


def test_boundary_loops_are_the_outline_and_the_hole() -> None:
    _, triangles = small_mesh()
    loops = boundary_loops(triangles)
    assert [len(loop) for loop in loops] == [24, 4]
    assert set(loops[1].tolist()) == {24, 25, 31, 32}


def test_an_embedding_puts_each_free_vertex_among_its_neighbours_and_folds_nothing() -> None:
    points, triangles = small_mesh()
    outline = boundary_loops(triangles)[0]
    uv = embed(points, triangles, outline, points[outline, :2])
    a, b, c = (uv[triangles[:, corner]] for corner in range(3))
    area = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
    assert (np.sign(area) == np.sign(area[0])).all()
    np.testing.assert_array_equal(uv[outline], points[outline, :2])


def test_located_places_are_found_again_by_their_weights() -> None:
    points, triangles = small_mesh()
    places = np.array([[0.3, -0.9], [5.5, -2.2], [2.0, -2.0]])
    weights = locate(places, points[:, :2], triangles)
    np.testing.assert_allclose(weights @ points[:, :2], places, atol=1e-12)
    np.testing.assert_allclose(np.asarray(weights.sum(1)), 1)
    # In the hole: a near point of the rim.
    np.testing.assert_allclose(locate(np.array([[3.5, -3.2]]), points[:, :2], triangles) @ points[:, :2], [[3.5, -3.0]], atol=0.1)


def test_nodes_move_onto_landmarks_and_the_outline_stays() -> None:
    landmarks = np.array([[20.3, 30.4], [21.2, 30.1], [70.5, 80.5]])
    places, nodes = nodes_on_landmarks(landmarks)
    np.testing.assert_allclose(places[nodes], landmarks, atol=1e-9)
    grid = places.reshape(SIZE, SIZE, 2)
    np.testing.assert_array_equal(grid[0, :, 1], 0)
    np.testing.assert_array_equal(grid[:, -1, 0], SIZE - 1)
    assert np.abs(places - grid_places()).max() < 1


def test_a_landmark_between_two_nodes_is_at_the_first_whatever_rounding_says() -> None:
    middle = np.array([[47.5, 33.2], [47.5, 76.4]])
    chosen = [nodes_on_landmarks(middle + [[less, 0], [-less, 0]])[1].tolist() for less in (0, 1e-12, -1e-12)]
    assert chosen == [[33 * SIZE + 47, 76 * SIZE + 47]] * 3


def test_the_grid_is_closed_but_for_its_outline_and_the_mouth() -> None:
    triangles = grid_triangles()
    loops = boundary_loops(triangles)
    assert [len(loop) for loop in loops] == [4 * (SIZE - 1), 2 * (MOUTH.right - MOUTH.left) + 2]
    assert len(triangles) == 2 * ((SIZE - 1) ** 2 - (MOUTH.right - MOUTH.left))
    # Counter-clockwise with y down: turned about, x times y is positive with y up.
    x, y = grid_places().T
    a, b, c = triangles.T
    assert (((x[b] - x[a]) * (y[a] - y[c]) - (x[c] - x[a]) * (y[a] - y[b])) > 0).all()


def test_principal_shapes_have_no_rigid_part_and_the_deviation_of_what_they_span() -> None:
    random = np.random.default_rng(0)
    mean = random.normal(size=(50, 3)) * 30
    turn = np.cross([0, 0, 1.0], mean - mean.mean(0))
    shapes = np.stack([turn, np.ones((50, 3)), *random.normal(size=(3, 50, 3))])
    found = principal(shapes, mean, 5)
    assert np.abs(found[3:]).max() < 1e-9
    assert np.abs(found.sum(1)).max() < 1e-9
    assert np.abs((found * turn).sum((1, 2))).max() < 1e-6
    assert found[:3].reshape(3, -1) @ found[:3].reshape(3, -1).T == pytest.approx(np.diag((found[:3] ** 2).sum((1, 2))), abs=1e-9)


def test_principal_shapes_have_the_same_signs_however_they_are_computed() -> None:
    random = np.random.default_rng(0)
    mean, shapes = random.normal(size=(50, 3)) * 30, random.normal(size=(5, 50, 3))
    expected = principal(shapes, mean, 4)
    # The same distribution, so the same shapes; but a decomposition of it has other signs.
    for others in (-shapes, shapes[::-1], shapes * np.array([1, -1, 1, -1, -1])[:, None, None]):
        np.testing.assert_allclose(principal(others, mean, 4), expected, atol=1e-9)


def test_a_fit_finds_the_pose_and_the_coefficients_that_made_the_points() -> None:
    random = np.random.default_rng(1)
    mean, basis = torch.from_numpy(random.normal(size=(68, 3)) * 40), torch.from_numpy(random.normal(size=(6, 68, 3)) * 12)
    true = torch.from_numpy(np.concatenate([random.normal(size=(5, 4)), random.uniform(0.05, 0.9, (5, 2))], 1))
    true[0, 4] = 0.0
    rotation = torch.from_numpy(Rotation.random(5, random).as_matrix())
    scale, move = torch.linspace(0.6, 2, 5, dtype=torch.float64), torch.from_numpy(random.normal(size=(5, 3)) * 30)
    faces = mean + torch.einsum("nk,klc->nlc", true, basis)
    targets = scale[:, None, None] * (faces @ rotation.transpose(1, 2)) + move[:, None]
    found = fit(mean, basis, 4, targets)
    torch.testing.assert_close(found.rotation, rotation, atol=2e-3, rtol=0)
    torch.testing.assert_close(found.coefficients, true, atol=2e-2, rtol=0)
    assert (found.points(mean, basis) - targets).abs().max() < 0.3
    assert found.coefficients[:, 4:].min() >= 0
    assert found.coefficients[:, 4:].max() <= 1


@pytest.mark.parametrize("change", ["few", "equal"])
def test_a_face_model_is_not_learned_from_few_or_equal_labels(tmp_path: Path, change: str) -> None:
    params = toy_params(5) if change == "few" else toy_params(1).expand(12, -1)
    write_cache(tmp_path, np.zeros((len(params), 144, 144, 3), np.uint8), params.numpy())
    with pytest.raises(ValueError, match="more than 8 crops of different expressions"):
        build(tmp_path, toy_model(), tmp_path / "face.npz")


def test_small_weights_give_nearly_the_same_network(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Conv2d(3, 16, 3), torch.nn.ReLU(), torch.nn.Conv2d(16, 200, 1), torch.nn.AdaptiveAvgPool2d(1))
    path, x = tmp_path / "network.onnx", torch.randn(2, 3, 12, 12)
    torch.onnx.export(network, (x,), str(path), dynamo=False, input_names=["x"], output_names=["y"])
    before = path.stat().st_size
    model = onnx.load(path)
    shrink(model)
    data = model.SerializeToString()
    assert len(data) < before / 2
    y = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"]).run(None, {"x": x.numpy()})[0]
    expected = network(x).detach().numpy()
    assert 0 < np.abs(y - expected).max() < 0.02 * np.abs(expected).max()


@pytest.mark.parametrize("size", [120, 64])
def test_training_takes_up_a_packed_network(tmp_path: Path, size: int) -> None:
    torch.manual_seed(0)
    network = build_network("mobilenet-v1-0.25", 20)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            for part in (module.weight, module.bias, module.running_mean):
                torch.nn.init.uniform_(part, 0.1, 1)
            torch.nn.init.uniform_(module.running_var, 0.8, 1.2)
    deployed = Deployed(network, Normaliser(torch.zeros(20), torch.ones(20)), size).eval()
    assert pack_regressor(deployed, tmp_path / "network.onnx") < 0.1
    features = read_features(tmp_path / "network.onnx")
    for name, value in network.state_dict().items():
        if value.is_floating_point() and name.startswith("features."):
            torch.testing.assert_close(features[name], value, atol=0.01 * float(value.abs().max()), rtol=0)


@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: data[:30], lambda data: data[:-1], lambda data: data.replace(b"F32", b"I08")])
def test_safetensors_come_back_or_are_refused(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    path, values = tmp_path / "a.safetensors", np.arange(6, dtype=np.float32).reshape(2, 3)
    path.write_bytes(save({"b": np.ones(3, np.float16), "a": values}, {"id": "x"}))
    arrays, metadata = read_safetensors(path, "a", "b")
    np.testing.assert_array_equal(arrays["a"], values)
    assert metadata == {"id": "x"}
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError, match="something else or damaged"):
        read_safetensors(path, "a", "b")


@needs_shared("upstream/ICT-FaceKit/ict_face_head.npz")
def test_our_face_is_symmetric_whole_and_has_its_landmarks() -> None:
    from tdfa_train.open_model.chart import chart
    from tdfa_train.open_model.grid import make_grid
    from tdfa_train.open_model.ict import read_ict
    from tdfa_train.open_model.shapes import make_shapes

    face = read_ict()
    shapes = make_shapes(face, make_grid(chart(face), face.triangles, face.landmarks))
    np.testing.assert_allclose(shapes.mean[shapes.landmarks], face.neutral[face.landmarks], atol=0.01)
    mirrored = shapes.mean.reshape(SIZE, SIZE, 3)[:, ::-1] * [-1, 1, 1]
    apart = np.linalg.norm(mirrored.reshape(-1, 3) - shapes.mean, axis=1)
    assert np.percentile(apart, 95) < 1
    assert apart.max() < 6
    a, b, c = (shapes.mean[grid_triangles()[:, corner]] for corner in range(3))
    towards_viewer = np.cross(b - a, c - a)[:, 2] > 0
    assert towards_viewer.mean() > 0.95
