"""`python -m tdfa_train.detector COMMAND`."""

import argparse
import json
import sys
from dataclasses import fields
from pathlib import Path

import cv2
import torch

from ..checkpoint import FILE, load_checkpoint
from ..memory import keep_freed_memory
from ..shared import require
from .config import DetectorConfig
from .data import label, read_frames, read_training
from .deploy import LARGEST, load_deployed, onnx_finder
from .evaluate import Evaluation, load_teacher
from .export import export_onnx
from .network import Detector
from .results import write_results
from .trainer import DetectorTrainer
from .validate import watch

LABELS = Path(__file__).resolve().parents[2] / ".cache" / "detector-labels.npz"
THRESHOLD = 0.7
"""The product's default."""
UNSCALED = 1 << 14


def prepare(arguments: argparse.Namespace) -> None:
    crops, unsure = label(require("training"), load_teacher(), arguments.labels)
    print(f"{crops} crops with a face that the teacher is sure of, {unsure} places in frames of which it is not: {arguments.labels}")


def read_config(arguments: argparse.Namespace) -> DetectorConfig:
    """The run's own settings where it exists already, then those of the command line."""
    values = load_checkpoint(arguments.run)["config"] if (arguments.run / FILE).exists() else {}
    given = {entry.name: getattr(arguments, entry.name) for entry in fields(DetectorConfig)}
    return DetectorConfig.from_dict({**values, **{key: value for key, value in given.items() if value is not None}})


def train(arguments: argparse.Namespace) -> None:
    keep_freed_memory()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
        cv2.setNumThreads(arguments.threads)
    config = read_config(arguments)
    pictures = read_training(require("training"), arguments.labels)
    trainer = DetectorTrainer(config, pictures, arguments.run, watch(read_frames(require("training"))[1]))
    print(json.dumps({"from_step": trainer.step, **config.to_dict()}), flush=True)
    trainer.run(arguments.until, arguments.validate_every, lambda point: print(json.dumps(point), flush=True))


def evaluate(arguments: argparse.Namespace) -> None:
    """Prints the row of the threshold; with --run, writes all rows and the curves to training/results."""
    evaluation = Evaluation(onnx_finder(arguments.model, arguments.largest))
    rows = evaluation.figures()
    chosen = next((row for row in rows if row["threshold"] == arguments.threshold), None)
    if chosen is None:
        raise ValueError(f"Expected a threshold among {', '.join(str(row['threshold']) for row in rows)} but received {arguments.threshold}.")
    by_side = evaluation.by_side(onnx_finder(arguments.model, UNSCALED), arguments.threshold)
    record = {"bytes": arguments.model.stat().st_size, "largest": arguments.largest, **chosen, "by_side": by_side}
    record["empty"] = {name: len(pictures) for name, pictures in evaluation.empties.items()}
    print(json.dumps(record, indent=2))
    if arguments.run:
        saved = load_checkpoint(arguments.run)
        parameters = sum(weight.numel() for weight in Detector(saved["config"]["channels"]).parameters())
        about = {"parameters": parameters, "step": saved["step"], "seconds": saved["seconds"], "config": saved["config"]}
        write_results({**about, **record, "sweep": rows}, saved["curve"])


def export(arguments: argparse.Namespace) -> None:
    difference = export_onnx(load_deployed(arguments.run), arguments.output)
    print(f"{arguments.output}: {arguments.output.stat().st_size} bytes, equals PyTorch within {difference:.1e}")


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("tdfa_train.detector", description="Trains, evaluates and exports the face detector.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: object, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.set_defaults(run_command=run)
        return added

    added = command("prepare", prepare, "let YuNet draw the boxes that the pictures come without")
    added.add_argument("--labels", type=Path, default=LABELS)
    added = command("train", train, "train, or go on where the run in --run stopped")
    added.add_argument("--run", type=Path, required=True, help="folder of the checkpoint")
    added.add_argument("--labels", type=Path, default=LABELS)
    added.add_argument("--threads", type=int)
    added.add_argument("--until", type=int, help="stop at this step, resume later")
    added.add_argument("--validate-every", type=int, default=500, help="steps between checkpoints")
    for entry in fields(DetectorConfig):
        added.add_argument(f"--{entry.name.replace('_', '-')}", type=entry.type, metavar=entry.type.__name__.upper())
    added = command("evaluate", evaluate, "faces found and boxes where no face is")
    added.add_argument("--model", type=Path, required=True, help="the exported .onnx")
    added.add_argument("--run", type=Path, help="its run; given, results/detector.json and .png are written")
    added.add_argument("--largest", type=int, default=LARGEST, help="larger pictures are scaled down to this")
    added.add_argument("--threshold", type=float, default=THRESHOLD)
    added = command("export", export, "write a run as .onnx")
    added.add_argument("--run", type=Path, required=True)
    added.add_argument("--output", type=Path, required=True)
    return parser


def main(arguments: list[str] | None = None) -> int:
    parsed = build_parser().parse_args(arguments)
    try:
        parsed.run_command(parsed)
    except (FileNotFoundError, ValueError) as error:
        print(f"tdfa_train.detector: {error}", file=sys.stderr)
        return 1
    return 0
