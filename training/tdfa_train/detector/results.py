"""What the detector's run leaves in the repository: settings, figures and a picture of both curves."""

import json
from pathlib import Path

from ..results import FOLDER

NAME = "detector"


def write_results(record: dict, curve: list[dict], folder: Path = FOLDER) -> None:
    """detector.json and detector.png."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{NAME}.json").write_text(json.dumps(record, indent=2) + "\n")
    draw(record, curve, folder / f"{NAME}.png")


def draw(record: dict, curve: list[dict], path: Path) -> None:
    """Left: cost and held-out figures over the steps. Right: what each threshold finds, and finds wrongly."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(12, 4), dpi=80)
    steps = [point["step"] for point in curve]
    left.plot(steps, [point["loss"] for point in curve], color="silver", label="cost")
    left.set(xlabel="step", ylabel="cost", yscale="log", title="training")
    parts = left.twinx()
    for key in ("recall", "iou"):
        parts.plot(steps, [point.get(key) for point in curve], label=f"held out, {key}")
    parts.set(ylim=(0.5, 1))
    parts.legend(loc="lower right")
    rows = record["sweep"]
    thresholds = [row["threshold"] for row in rows]
    for key in ("frames", "held_out", "iou"):
        right.plot(thresholds, [row[key] for row in rows], label=key)
    right.set(xlabel="threshold", ylim=(0.5, 1.01), title="thresholds")
    right.axvline(record["threshold"], color="silver")
    false = right.twinx()
    false.plot(thresholds, [row["false_in_100"] for row in rows], color="tab:red", label="false boxes in 100 pictures")
    false.set(ylim=(0, None))
    handles = [handle for axes in (right, false) for handle in axes.get_legend_handles_labels()[0]]
    right.legend(handles=handles, loc="lower left")
    figure.tight_layout()
    figure.savefig(path)
    pyplot.close(figure)
