"""`python -m tdfa_train COMMAND`; see the README for one line on each."""

import argparse
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import torch

from .augment.settings import AugmentSettings
from .checkpoint import load_checkpoint, load_latest
from .command import CommandLine, Run, add_progress, positive, show, start
from .config import TrainConfig
from .data.cache import open_cache
from .data.prepare import prepare_300w_lp, prepare_shared
from .deploy import Regressor, load_deployed, onnx_regressor, torch_regressor
from .evaluate import SETS, evaluate
from .export import export_onnx
from .face_model import load_face_model
from .files import alone_in
from .losses import LOSSES
from .networks import NETWORKS, build_network
from .networks.count import count
from .open_model.build import build, relabel
from .open_model.pack import pack_face, pack_regressor
from .profiled import HELD_OUT, make_profiled, open_profiled, profiled_errors
from .results import write_results
from .settings import add_options, given_options
from .shared import require
from .trainer import Trainer, face_of, pictures_seen

ROOT = Path(__file__).resolve().parents[1]


def prepare(arguments: argparse.Namespace) -> None:
    model = load_face_model(arguments.face_model)
    if arguments.layout == "300w-lp" and arguments.data is None:
        raise ValueError("Expected --data FOLDER for the layout 300w-lp.")
    make = prepare_300w_lp if arguments.layout == "300w-lp" else prepare_shared
    source = arguments.data or require("training")
    with alone_in(arguments.cache):
        made = make(source, arguments.cache, model)
    print(f"{made} crops in {arguments.cache}")


def read_config(arguments: argparse.Namespace) -> TrainConfig:
    """The run's own settings where it exists already, then the file's, then those of the command line."""
    saved = load_latest(arguments.run, TrainConfig)
    given = {**given_options(TrainConfig, arguments), "augment": given_options(AugmentSettings, arguments)}
    values: dict = {"augment": {}}
    for layer in (saved["config"] if saved else {}, read_file(arguments.config) if arguments.config else {}, given):
        values = {**values, **layer, "augment": {**values["augment"], **layer.get("augment", {})}}
    return TrainConfig.from_dict(values)


def read_file(path: Path) -> dict:
    """Settings as .json; those that are left out stay as they are."""
    if not path.exists():
        raise FileNotFoundError(f"Expected settings as .json at {path} but there is no such file.")
    try:
        values = json.loads(path.read_text())
    except ValueError as error:
        raise ValueError(f"Expected settings as .json in {path} but it is no JSON ({error}).") from error
    if not isinstance(values, dict) or not isinstance(values.get("augment", {}), dict):
        raise ValueError(f"Expected settings by their names in {path}, as in results/*.json under config.")
    return values


def train(arguments: argparse.Namespace) -> None:
    start(arguments)
    # Pictures are of one size at all steps: the search for the fastest convolutions is soon paid back. No effect on a CPU.
    torch.backends.cudnn.benchmark = True
    # GPUs before Ampere emulate it, which is slow.
    default = "bfloat16" if arguments.device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False) else "float32"
    half = (arguments.precision or default) == "bfloat16"
    config = read_config(arguments)
    model, cache = load_face_model(arguments.face_model), open_cache(arguments.cache)
    if arguments.profiled:  # Before the work, not after it.
        open_profiled(arguments.profiled, config.held_out)
    with alone_in(arguments.run):
        trainer = Trainer(config, cache, model, arguments.run, arguments.device, half, arguments.start_from)
        show({"from_step": trainer.step, "steps_an_epoch": trainer.batches.an_epoch, **config.to_dict()})
        trainer.run(arguments.until, arguments.validate_every, show)
        if trainer.step >= config.steps:
            report(arguments)


NO_PICTURES = f"Expected {' or '.join(SETS)} in the folder that TDFA_SHARED names, but neither is there."


def judged(regress: Regressor, arguments: argparse.Namespace, held_out: int = HELD_OUT) -> dict:
    """`held_out`: crops that the network's training held out."""
    model = load_face_model(arguments.face_model)
    evaluation = evaluate(regress, model)
    if arguments.profiled:
        pictures = make_profiled(open_profiled(arguments.profiled, held_out), load_face_model())
        evaluation["profiled"] = profiled_errors(regress, model, pictures)
    return evaluation


def report(arguments: argparse.Namespace) -> None:
    saved = load_checkpoint(arguments.run, TrainConfig)
    load_face_model(arguments.face_model).check_fingerprint(face_of(saved), f"the run in {arguments.run}")
    name, config = arguments.name or arguments.run.name, TrainConfig.from_dict(saved["config"])
    evaluation = judged(torch_regressor(load_deployed(arguments.run)), arguments, config.held_out)
    if not evaluation:
        print(f"{NO_PICTURES} The run's record has no figures.", file=sys.stderr)
    write_results(name, config, saved["curve"], pictures_seen(saved), evaluation)
    show(evaluation, 2)


def evaluate_model(arguments: argparse.Namespace) -> None:
    path: Path = arguments.model
    if path.suffix == ".onnx":
        evaluation = judged(onnx_regressor(path), arguments)
    else:
        saved = load_checkpoint(path, TrainConfig)
        load_face_model(arguments.face_model).check_fingerprint(face_of(saved), f"the run in {path}")
        evaluation = judged(torch_regressor(load_deployed(path)), arguments, saved["config"].get("held_out", HELD_OUT))
    if not evaluation:
        raise FileNotFoundError(NO_PICTURES)
    show(evaluation, 2)


def export(arguments: argparse.Namespace) -> None:
    difference = export_onnx(load_deployed(arguments.run), arguments.output)
    print(f"{arguments.output}: {arguments.output.stat().st_size} bytes, equals PyTorch within {difference:.1e} deviations")


def make_open_model(arguments: argparse.Namespace) -> None:
    old = load_face_model(arguments.face_model)
    face = arguments.face or build(arguments.cache, old, arguments.output / "face.npz")
    errors = relabel(arguments.cache, old, load_face_model(face), arguments.output / "cache")
    print(f"{arguments.output}: labels within {errors.mean():.2f} pixels of the old ones at the landmarks")


def pack(arguments: argparse.Namespace) -> None:
    deployed = load_deployed(arguments.run)
    face = load_face_model(arguments.face)
    face.check(deployed.offset[None])
    face.check_fingerprint(face_of(load_checkpoint(arguments.run, TrainConfig)), f"the run in {arguments.run}")
    pack_face(arguments.face, arguments.output / "face.safetensors")
    difference = pack_regressor(deployed, arguments.output / "regressor.onnx")
    for file in ("regressor.onnx", "face.safetensors"):
        print(f"{file}: {(arguments.output / file).stat().st_size} bytes")
    print(f"the regressor's small weights move its outputs by at most {difference:.3f} deviations")


def count_networks(arguments: argparse.Namespace) -> None:
    print(f"{'network':28}{'parameters':>12}{'multiply-adds':>16}{'operations':>14}   at {arguments.size}x{arguments.size}")
    for name in NETWORKS:
        counted = count(build_network(name), arguments.size)
        print(f"{name:28}{counted.parameters:12,}{counted.multiply_adds:16,}{counted.operations:14,}")


def record_name(text: str) -> str:
    """For argparse: records lie side by side in one folder."""
    if not re.fullmatch(r"\w[\w .+-]*", text):
        raise argparse.ArgumentTypeError(f"expected a name of letters, digits, spaces, . + and - but received {text}")
    return text


def add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--run", type=Path, required=True, help="folder of the checkpoint")


def add_cache(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--cache", type=Path, default=ROOT / ".cache", help="folder of the crops; default: .cache beside this package")


def add_evaluation(parser: argparse.ArgumentParser) -> None:
    text = f"also on turned heads from the crops of this cache that training held out ({HELD_OUT} for an .onnx); its labels are for the shared folder's model"
    parser.add_argument("--profiled", type=Path, metavar="CACHE", help=text)


def add_training(parser: argparse.ArgumentParser) -> None:
    """Options of `train`; a setting that is not given is the run's own or the default."""
    parser.add_argument("--start-from", type=Path, help="run, or packed .onnx, of the same network whose features a new run begins with")
    parser.add_argument("--config", type=Path, help="settings as .json, as in results/*.json under config")
    parser.add_argument("--precision", choices=["float32", "bfloat16"], help="default: bfloat16 on a GPU that has it, else float32")
    parser.add_argument("--name", type=record_name, help="of the results; default: the run's folder")
    add_progress(parser)
    add_options(parser, TrainConfig, {"network": list(NETWORKS), "loss": list(LOSSES)})
    add_options(parser, AugmentSettings)


def command_line() -> CommandLine:
    line = CommandLine("tdfa_train", "Trains, evaluates and exports face alignment networks.")

    def command(name: str, run: Run, text: str, *adders: Callable[[argparse.ArgumentParser], None]) -> argparse.ArgumentParser:
        added = line.add(name, run, text)
        added.add_argument("--face-model", type=Path, help="bfm_noneck_v3.pkl, face.npz or face.safetensors; default: the shared folder's")
        for add in adders:
            add(added)
        return added

    added = command("prepare", prepare, "decode labelled pictures into a cache of crops", add_cache)
    added.add_argument("--layout", choices=["shared", "300w-lp"], default="shared")
    added.add_argument("--data", type=Path, help="the folder; default: training in the shared folder")
    command("train", train, "train, or go on where the run in --run stopped", add_run, add_cache, add_evaluation, add_training)
    added = command("report", report, "evaluate a run as it is and write its results", add_run, add_evaluation)
    added.add_argument("--name", type=record_name, help="of the results; default: the run's folder")
    added = command("evaluate", evaluate_model, "NME of a run or an .onnx on the pictures with true points", add_evaluation)
    added.add_argument("--model", type=Path, required=True)
    added = command("export", export, "write a run as .onnx", add_run)
    added.add_argument("--output", type=Path, required=True)
    added = command("make-open-model", make_open_model, "our own face model, and labels for it from a cache with other labels", add_cache)
    added.add_argument("--output", type=Path, required=True, help="folder for face.npz and cache/")
    added.add_argument("--face", type=Path, help="labels for this one, face.npz or face.safetensors, instead of a new one")
    added = command("pack", pack, "write the files of models/open", add_run)
    added.add_argument("--face", type=Path, required=True, help="the face model trained for: face.npz or face.safetensors")
    added.add_argument("--output", type=Path, default=ROOT.parent / "models" / "open")
    added = command("count", count_networks, "parameters and operations of every network")
    added.add_argument("--size", type=positive, default=120)
    return line


def main(arguments: list[str] | None = None) -> int:
    return command_line().main(arguments)
