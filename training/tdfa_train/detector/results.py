"""What the detector's run leaves in the repository: settings, figures and a picture of both curves."""

from pathlib import Path

from ..results import FOLDER, draw_cost, drawing, write_record

NAME = "detector"


def write_results(record: dict, curve: list[dict], folder: Path = FOLDER) -> None:
    """detector.json and detector.png."""
    write_record(folder, NAME, record)
    draw(record, curve, folder / f"{NAME}.png")


def draw(record: dict, curve: list[dict], path: Path) -> None:
    """Left: cost and held-out figures over the steps. Right: what each threshold finds, and finds wrongly."""
    rows = record["sweep"]
    thresholds = [row["threshold"] for row in rows]
    with drawing(path, 2, 12) as (left, right):
        steps = draw_cost(left, curve, "training")
        parts = left.twinx()
        for key in ("recall", "iou"):
            parts.plot(steps, [point.get(key) for point in curve], label=f"held out, {key}")
        parts.set(ylim=(0.5, 1))
        parts.legend(loc="lower right")
        for key in ("frames", "held_out", "iou"):
            right.plot(thresholds, [row[key] for row in rows], label=key)
        right.plot(thresholds, [row["turned"]["60-90"] for row in rows], label="heads turned 60 to 90 degrees")
        right.set(xlabel="threshold", ylim=(0.5, 1.01), title="thresholds")
        right.axvline(record["threshold"], color="silver")
        false = right.twinx()
        false.plot(thresholds, [row["false_in_100"] for row in rows], color="tab:red", label="false boxes in 100 pictures")
        false.set(ylim=(0, None))
        handles = [handle for axes in (right, false) for handle in axes.get_legend_handles_labels()[0]]
        right.legend(handles=handles, loc="lower left")
