"""`python -m tdfa_train COMMAND`; see the README for one line on each."""

import argparse
import json
import sys
from dataclasses import fields
from pathlib import Path

import torch

from .augment.settings import AugmentSettings
from .checkpoint import FILE, load_checkpoint
from .config import TrainConfig
from .data.cache import open_cache
from .data.prepare import prepare_300w_lp, prepare_shared
from .deploy import Regressor, load_deployed, onnx_regressor, torch_regressor
from .evaluate import evaluate
from .export import export_onnx
from .face_model import load_face_model
from .losses import LOSSES
from .memory import keep_freed_memory
from .open_model.build import build, relabel
from .open_model.pack import pack_face, pack_regressor
from .networks import NETWORKS, build_network
from .networks.count import count
from .profiled import make_profiled, profiled_errors
from .results import write_results
from .shared import require
from .trainer import Trainer

ROOT = Path(__file__).resolve().parents[1]


def read_truth(text: str) -> bool:
    if text not in ("true", "false"):
        raise argparse.ArgumentTypeError(f"expected true or false but received {text}")
    return text == "true"


KINDS = {str: str, int: int, float: float, bool: read_truth}


def prepare(arguments: argparse.Namespace) -> None:
    model = load_face_model(arguments.face_model)
    if arguments.layout == "300w-lp":
        if arguments.data is None:
            raise ValueError("Expected --data FOLDER for the layout 300w-lp.")
        made = prepare_300w_lp(arguments.data, arguments.cache, model)
    else:
        made = prepare_shared(arguments.data or require("training"), arguments.cache, model)
    print(f"{made} crops in {arguments.cache}")


def read_config(arguments: argparse.Namespace) -> TrainConfig:
    """The run's own settings where it exists already, then the file's, then those of the command line."""
    values: dict = {}
    if (arguments.run / FILE).exists():
        values = load_checkpoint(arguments.run)["config"]
    if arguments.config:
        values = json.loads(arguments.config.read_text())
    augment = dict(values.get("augment", {}))
    for entry in fields(TrainConfig):
        if entry.name != "augment" and getattr(arguments, entry.name) is not None:
            values[entry.name] = getattr(arguments, entry.name)
    for entry in fields(AugmentSettings):
        if getattr(arguments, entry.name) is not None:
            augment[entry.name] = getattr(arguments, entry.name)
    return TrainConfig.from_dict({**values, "augment": augment})


def train(arguments: argparse.Namespace) -> None:
    keep_freed_memory()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    device = arguments.device or ("cuda" if torch.cuda.is_available() else "cpu")
    half = (arguments.precision or ("bfloat16" if device == "cuda" else "float32")) == "bfloat16"
    config = read_config(arguments)
    model = load_face_model(arguments.face_model)
    trainer = Trainer(config, open_cache(arguments.cache), model, arguments.run, device, half, arguments.start_from)
    print(json.dumps({"from_step": trainer.step, "steps_an_epoch": trainer.batches.an_epoch, **config.to_dict()}), flush=True)
    trainer.run(arguments.until, arguments.validate_every, lambda point: print(json.dumps(point), flush=True))
    if trainer.step >= config.steps:
        report(arguments)


def judged(regress: Regressor, arguments: argparse.Namespace) -> dict:
    model = load_face_model(arguments.face_model)
    evaluation = evaluate(regress, model)
    if arguments.profiled:
        pictures = make_profiled(arguments.profiled, load_face_model())
        evaluation["profiled"] = profiled_errors(regress, model, pictures)
    return evaluation


def report(arguments: argparse.Namespace) -> None:
    saved = load_checkpoint(arguments.run)
    evaluation = judged(torch_regressor(load_deployed(arguments.run)), arguments)
    write_results(arguments.name or arguments.run.name, TrainConfig.from_dict(saved["config"]), saved["curve"], evaluation)
    print(json.dumps(evaluation, indent=2))


def evaluate_model(arguments: argparse.Namespace) -> None:
    path: Path = arguments.model
    regress = onnx_regressor(path) if path.suffix == ".onnx" else torch_regressor(load_deployed(path))
    print(json.dumps(judged(regress, arguments), indent=2))


def export(arguments: argparse.Namespace) -> None:
    difference = export_onnx(load_deployed(arguments.run), arguments.output)
    print(f"{arguments.output}: {arguments.output.stat().st_size} bytes, equals PyTorch within {difference:.1e} deviations")


def make_open_model(arguments: argparse.Namespace) -> None:
    old = load_face_model(arguments.face_model)
    build(arguments.cache, old, arguments.output / "face.npz")
    errors = relabel(arguments.cache, old, load_face_model(arguments.output / "face.npz"), arguments.output / "cache")
    print(f"{arguments.output}: labels within {errors.mean():.2f} pixels of the old ones at the landmarks")


def pack(arguments: argparse.Namespace) -> None:
    pack_face(arguments.face, arguments.output / "face.safetensors")
    difference = pack_regressor(load_deployed(arguments.run), arguments.output / "regressor.onnx")
    for file in ("regressor.onnx", "face.safetensors"):
        print(f"{file}: {(arguments.output / file).stat().st_size} bytes")
    print(f"the regressor's small weights move its outputs by at most {difference:.3f} deviations")


def count_networks(arguments: argparse.Namespace) -> None:
    print(f"{'network':28}{'parameters':>12}{'multiply-adds':>16}{'operations':>14}   at {arguments.size}x{arguments.size}")
    for name in NETWORKS:
        counted = count(build_network(name), arguments.size)
        print(f"{name:28}{counted.parameters:12,}{counted.multiply_adds:16,}{counted.operations:14,}")


def _add_settings(parser: argparse.ArgumentParser) -> None:
    """One option for each setting; not given means the run's own or the default."""
    for settings in (TrainConfig, AugmentSettings):
        for entry in fields(settings):
            if entry.name == "augment":
                continue
            kind = KINDS[entry.type]
            choices = {"network": list(NETWORKS), "loss": list(LOSSES)}.get(entry.name)
            parser.add_argument(f"--{entry.name.replace('_', '-')}", type=kind, choices=choices, metavar=None if choices else entry.type.__name__.upper())


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("tdfa_train", description="Trains, evaluates and exports face alignment networks.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: object, text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=text)
        added.set_defaults(run_command=run)
        if name in ("report", "evaluate", "train"):
            text = "also on turned heads from the held-out crops of this cache, whose labels are for the shared folder's model"
            added.add_argument("--profiled", type=Path, metavar="CACHE", help=text)
        added.add_argument("--face-model", type=Path, help="bfm_noneck_v3.pkl or .npz; default: the shared folder's")
        return added

    added = command("prepare", prepare, "decode labelled pictures into a cache of crops")
    added.add_argument("--layout", choices=["shared", "300w-lp"], default="shared")
    added.add_argument("--data", type=Path, help="the folder; default: training in the shared folder")
    added.add_argument("--cache", type=Path, default=ROOT / ".cache")
    added = command("train", train, "train, or go on where the run in --run stopped")
    added.add_argument("--run", type=Path, required=True, help="folder of the checkpoint")
    added.add_argument("--cache", type=Path, default=ROOT / ".cache")
    added.add_argument("--start-from", type=Path, help="run, or packed .onnx, of the same network whose features a new run begins with")
    added.add_argument("--config", type=Path, help="settings as .json, as in results/*.json under config")
    added.add_argument("--device", help="default: cuda where there is one, else cpu")
    added.add_argument("--precision", choices=["float32", "bfloat16"], help="default: bfloat16 on a GPU, float32 on a CPU")
    added.add_argument("--threads", type=int, help="of the CPU")
    added.add_argument("--until", type=int, help="stop at this step, resume later")
    added.add_argument("--validate-every", type=int, default=500, help="steps between checkpoints")
    added.add_argument("--name", help="of the results; default: the run's folder")
    _add_settings(added)
    added = command("report", report, "evaluate a run as it is and write its results")
    added.add_argument("--run", type=Path, required=True)
    added.add_argument("--name")
    added = command("evaluate", evaluate_model, "NME of a run or an .onnx on the pictures with true points")
    added.add_argument("--model", type=Path, required=True)
    added = command("export", export, "write a run as .onnx")
    added.add_argument("--run", type=Path, required=True)
    added.add_argument("--output", type=Path, required=True)
    added = command("make-open-model", make_open_model, "our own face model, and labels for it from a cache with other labels")
    added.add_argument("--cache", type=Path, default=ROOT / ".cache")
    added.add_argument("--output", type=Path, required=True, help="folder for face.npz and cache/")
    added = command("pack", pack, "write the files of models/open")
    added.add_argument("--run", type=Path, required=True)
    added.add_argument("--face", type=Path, required=True, help="face.npz of make-open-model")
    added.add_argument("--output", type=Path, default=ROOT.parent / "models" / "open")
    added = command("count", count_networks, "parameters and operations of every network")
    added.add_argument("--size", type=int, default=120)
    return parser


def main(arguments: list[str] | None = None) -> int:
    parsed = build_parser().parse_args(arguments)
    try:
        parsed.run_command(parsed)
    except (FileNotFoundError, ValueError) as error:
        print(f"tdfa_train: {error}", file=sys.stderr)
        return 1
    return 0
