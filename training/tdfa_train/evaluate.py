"""NME on pictures with true points, ROI from the true points."""

import numpy as np
import torch

from .data.evaluation import Sample, read_aflw2000, read_frames
from .data.shared_crops import SharedCrops, read_shared_crops
from .deploy import Regressor
from .face_model import FaceModel
from .params import SIZE, decode
from .shared import shared

BINS = ((0, 30), (30, 60), (60, 90))
"""|yaw| in degrees, lower edge excluded save for the first; the last one has no end."""

FRAMES, LARGE_POSE = SETS = ("images/youtube_faces", "images/aflw2000")
"""Pictures with true points in the shared folder."""


TRAINING = "training"
"""Crops with true points of the frames' data set, in the shared folder."""


def nme(predicted: np.ndarray, truth: np.ndarray) -> float:
    """Mean distance of [68,2] points over the root of the true points' bounding box area, percent (AFLW2000-3D protocol)."""
    width, height = truth.max(0) - truth.min(0)
    return float(100 * np.linalg.norm(predicted - truth, axis=1).mean() / np.sqrt(width * height))


def crop_points(regress: Regressor, model: FaceModel, crops: list[np.ndarray]) -> np.ndarray:
    """[n,68,2] float64 pixels of the crops."""
    sparse = model.pick(model.landmarks)
    parts = [torch.from_numpy(regress(np.stack(crops[start : start + 64]))) for start in range(0, len(crops), 64)]
    return np.concatenate([decode(sparse, params)[:, :, :2].numpy().astype(np.float64) for params in parts])


def sizes(points: np.ndarray) -> np.ndarray:
    """[n,1,1] root of the bounding box area of [n,68,2] points."""
    return np.sqrt((points.max(1) - points.min(1)).prod(1))[:, None, None]


def sample_errors(regress: Regressor, model: FaceModel, samples: list[Sample], offset: np.ndarray | float = 0) -> np.ndarray:
    """[n] NME in percent. `offset` [68,2] moves the network's points, in sizes of its face."""
    points = crop_points(regress, model, [sample.crop for sample in samples])
    points += offset * sizes(points)
    errors = []
    for sample, own in zip(samples, points):
        x1, y1, x2, _ = sample.roi
        errors.append(nme(own * ((x2 - x1) / SIZE) + [x1, y1], sample.truth))
    return np.array(errors)


def mean_offset(regress: Regressor, model: FaceModel, crops: SharedCrops) -> np.ndarray:
    """[68,2] from the network's points to the true ones on average, in sizes of the face: in what its convention differs from theirs."""
    truth = crops.true_crop_points()
    found = crop_points(regress, model, [crops.region(int(index)) for index in crops.true_index])
    return ((truth - found) / sizes(found)).mean(0)


def by_yaw(errors: np.ndarray, yaw: np.ndarray) -> dict[str, float]:
    """Mean of each bin of |yaw| (degrees) that has pictures."""
    angles = np.abs(yaw)
    last = BINS[-1][1]
    inside = {f"{low}-{high}": ((angles <= high) | (high == last)) & ((angles > low) | (low == 0)) for low, high in BINS}
    return {name: float(errors[chosen].mean()) for name, chosen in inside.items() if chosen.any()}


def evaluate(regress: Regressor, model: FaceModel) -> dict[str, object]:
    """
    {"frames": mean NME of the frames, "frames_convention": the same with the network's mean offset from other frames' true points
    taken away, "aflw2000": mean NME, "pictures": NME of each AFLW2000-3D picture, "bins": by yaw, with the bins' unweighted mean
    and their standard deviation}; sets that are not in the shared folder are left out.
    """
    result: dict[str, object] = {}
    if (folder := shared(FRAMES)) is not None:
        samples = read_frames(folder)
        result["frames"] = float(sample_errors(regress, model, samples).mean())
        if (training := shared(TRAINING)) is not None:
            offset = mean_offset(regress, model, read_shared_crops(training))
            result["frames_convention"] = float(sample_errors(regress, model, samples, offset).mean())
    if (folder := shared(LARGE_POSE)) is not None:
        samples = read_aflw2000(folder)
        errors = sample_errors(regress, model, samples)
        result["aflw2000"] = float(errors.mean())
        result["pictures"] = {f"{s.name} ({s.yaw:.0f} deg)": round(float(e), 2) for s, e in zip(samples, errors)}
        bins = by_yaw(errors, np.array([sample.yaw for sample in samples]))
        means = list(bins.values())
        result["bins"] = {**bins, "mean": float(np.mean(means)), "std": float(np.std(means))}
    return result
