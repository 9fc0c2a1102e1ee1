"""`python -m tdfa_train.detector COMMAND`."""

import argparse
from pathlib import Path

from ..checkpoint import load_checkpoint, load_latest
from ..command import CommandLine, add_progress, positive, show, start
from ..data.cache import open_cache
from ..face_model import load_face_model
from ..files import alone_in
from ..profiled import make_profiled, open_profiled
from ..settings import add_options, given_options
from ..shared import require
from .config import DetectorConfig
from .data import label, read_training
from .deploy import LARGEST, load_deployed, onnx_finder
from .evaluate import THRESHOLDS, Evaluation, load_teacher
from .export import export_onnx
from .network import Detector
from .results import write_results
from .trainer import DetectorTrainer
from .validate import watch

CACHE = Path(__file__).resolve().parents[2] / ".cache"
LABELS = CACHE / "detector-labels.npz"
THRESHOLD = 0.75
"""The product's default."""
UNSCALED = 1 << 14


def prepare(arguments: argparse.Namespace) -> None:
    cache, model = open_cache(arguments.cache), load_face_model(arguments.face_model)
    crops, heads, unsure = label(require("training"), load_teacher(), cache, model, arguments.labels)
    print(f"{crops} crops with a face that the teacher is sure of, {heads} heads turned, {unsure} places in frames of which it is not sure: {arguments.labels}")


def read_config(arguments: argparse.Namespace) -> DetectorConfig:
    """The run's own settings where it exists already, then those of the command line."""
    saved = load_latest(arguments.run, DetectorConfig)
    return DetectorConfig.from_dict({**(saved["config"] if saved else {}), **given_options(DetectorConfig, arguments)})


def train(arguments: argparse.Namespace) -> None:
    start(arguments)
    config = read_config(arguments)
    pictures, held_out = read_training(require("training"), arguments.labels)
    with alone_in(arguments.run):
        trainer = DetectorTrainer(config, pictures, arguments.run, watch(held_out, arguments.device), arguments.device)
        show({"from_step": trainer.step, **config.to_dict()})
        trainer.run(arguments.until, arguments.validate_every, show)


def evaluate(arguments: argparse.Namespace) -> None:
    """Prints the row of the threshold; with --run, writes all rows and the curves to training/results."""
    find = onnx_finder(arguments.model, arguments.largest)
    evaluation = Evaluation(find, make_profiled(open_profiled(arguments.cache), load_face_model(arguments.face_model)))
    rows = evaluation.figures()
    chosen = next(row for row in rows if row["threshold"] == arguments.threshold)
    by_side = evaluation.by_side(onnx_finder(arguments.model, UNSCALED), arguments.threshold)
    record = {"bytes": arguments.model.stat().st_size, "largest": arguments.largest, **chosen, "by_side": by_side}
    record["turned_teacher"] = evaluation.teacher_turned
    record["empty"] = {name: len(pictures) for name, pictures in evaluation.empties.items()}
    show(record, 2)
    if arguments.run:
        saved = load_checkpoint(arguments.run, DetectorConfig)
        parameters = sum(weight.numel() for weight in Detector(saved["config"]["channels"]).parameters())
        about = {"parameters": parameters, "step": saved["step"], "seconds": saved["seconds"], "config": saved["config"]}
        write_results({**about, **record, "sweep": rows}, saved["curve"])


def export(arguments: argparse.Namespace) -> None:
    difference = export_onnx(load_deployed(arguments.run), arguments.output)
    print(f"{arguments.output}: {arguments.output.stat().st_size} bytes, equals PyTorch within {difference:.1e}")


def add_cache(parser: argparse.ArgumentParser, text: str) -> None:
    parser.add_argument("--cache", type=Path, default=CACHE, help=text)
    parser.add_argument("--face-model", type=Path, help="of the cache's labels; default: the shared folder's")


def command_line() -> CommandLine:
    line = CommandLine("tdfa_train.detector", "Trains, evaluates and exports the face detector.")
    added = line.add("prepare", prepare, "let YuNet draw the boxes that the pictures come without, and turn heads")
    added.add_argument("--labels", type=Path, default=LABELS)
    add_cache(added, "crops as `python -m tdfa_train prepare` leaves them")
    added = line.add("train", train, "train, or go on where the run in --run stopped")
    added.add_argument("--run", type=Path, required=True, help="folder of the checkpoint")
    added.add_argument("--labels", type=Path, default=LABELS)
    add_progress(added)
    add_options(added, DetectorConfig)
    added = line.add("evaluate", evaluate, "faces found and boxes where no face is")
    added.add_argument("--model", type=Path, required=True, help="the exported .onnx")
    added.add_argument("--run", type=Path, help="its run; given, results/detector.json and .png are written")
    add_cache(added, "of whose held-out crops heads are turned")
    added.add_argument("--largest", type=positive, default=LARGEST, help="larger pictures are scaled down to this")
    added.add_argument("--threshold", type=float, choices=THRESHOLDS, default=THRESHOLD)
    added = line.add("export", export, "write a run as .onnx")
    added.add_argument("--run", type=Path, required=True)
    added.add_argument("--output", type=Path, required=True)
    return line


def main(arguments: list[str] | None = None) -> int:
    return command_line().main(arguments)
