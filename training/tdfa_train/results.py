"""What a run leaves in the repository: settings, curve and a row of figures; never a checkpoint."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from .config import TrainConfig
from .files import replacing, to_json
from .networks import build_network
from .networks.count import count
from .validate import FIGURES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FOLDER = Path(__file__).resolve().parents[1] / "results"


def write_results(name: str, config: TrainConfig, curve: list[dict], pictures: int, evaluation: dict, folder: Path = FOLDER) -> None:
    """`name`.json (settings and figures), `name`.png (curve) and the row of `name` in results.md. `pictures`: that training saw."""
    size = count(build_network(config.network))
    record = {
        "name": name,
        "network": config.network,
        "parameters": size.parameters,
        "multiply_adds": size.multiply_adds,
        "operations": size.operations,
        "pictures": pictures,
        "seconds": curve[-1]["seconds"] if curve else 0,
        "validation": {key: curve[-1][key] for key in FIGURES if curve and key in curve[-1]},
        "evaluation": evaluation,
        "config": config.to_dict(),
    }
    write_record(folder, name, record)
    if curve:
        draw_curve(curve, folder / f"{name}.png", name)
    write_table(folder)


def write_table(folder: Path = FOLDER) -> None:
    """results.md from all records in `folder`, in the form of the Mobile-FRNet paper's table."""
    lines = [
        "# Results",
        "",
        "NME in percent. frames: 40 YouTube Faces frames; then the 8 AFLW2000-3D pictures: their mean, by |yaw|, the mean of the",
        "bins and their deviation. Held out: the teacher's labels on crops kept from training, as they are and with heads turned.",
        "In the rows ablation-* and open-mobilenet-v1-0.5 turned is of an older rule, by which some heads went beyond their profile,",
        "and training drew other random numbers than the same commands do now.",
        "GFLOPs: all operations for a crop of 120x120, a multiply-add as one (`python -m tdfa_train count`).",
        "",
        "| run | network | params M | GFLOPs | pictures M | frames | AFLW2000 | 0-30 | 30-60 | 60-90 | mean | std | held out | turned |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    records = [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]
    # The detector's record, which lies there too, is of another form.
    records = [record for record in records if "network" in record]
    lines += [_row(record) for record in sorted(records, key=lambda record: record["network"])]
    (folder / "results.md").write_text("\n".join(lines) + "\n")


def _row(record: dict) -> str:
    evaluation, validation = record["evaluation"], record["validation"]
    bins = evaluation.get("bins", {})

    def shown(value: float | None) -> str:
        return "" if value is None else f"{value:.2f}"

    cells = [
        record["name"],
        record["network"],
        f"{record['parameters'] / 1e6:.2f}",
        f"{record['operations'] / 1e9:.3f}",
        shown(record["pictures"] / 1e6),
        shown(evaluation.get("frames")),
        shown(evaluation.get("aflw2000")),
        *(shown(bins.get(key)) for key in ("0-30", "30-60", "60-90", "mean", "std")),
        *(shown(validation.get(key)) for key in ("plain", "turned")),
    ]
    return f"| {' | '.join(cells)} |"


def write_record(folder: Path, name: str, record: dict) -> None:
    text = to_json(record, 2) + "\n"
    with replacing(folder / f"{name}.json") as temporary:
        temporary.write_text(text)


@contextmanager
def drawing(path: Path, panels: int = 1, width: float = 7) -> Iterator[list["Axes"]]:
    """Empty panels side by side, written to `path` (.png) when the block ends."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, panels, figsize=(width, 4), dpi=80, squeeze=False)
    try:
        yield list(axes[0])
        figure.tight_layout()
        figure.savefig(path)
    finally:
        pyplot.close(figure)


def draw_cost(axes: "Axes", curve: list[dict], title: str) -> list[int]:
    """The cost of each point of a curve; returns the points' steps."""
    steps = [point["step"] for point in curve]
    axes.plot(steps, [point["loss"] for point in curve], color="silver", label="cost")
    axes.set(xlabel="step", ylabel="cost", yscale="log", title=title)
    return steps


def draw_curve(curve: list[dict], path: Path, title: str) -> None:
    """Cost and held-out NME over the steps."""
    with drawing(path) as (left,):
        steps = draw_cost(left, curve, title)
        right = left.twinx()
        for key, colour in (("plain", "tab:blue"), ("turned", "tab:orange")):
            if key in curve[-1]:
                right.plot(steps, [point.get(key) for point in curve], color=colour, label=f"held out, {key}")
        right.set(ylabel="NME %", yscale="log")
        left.figure.legend(loc="upper right", bbox_to_anchor=(0.88, 0.86))
