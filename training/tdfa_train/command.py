"""What the command lines share."""

import argparse
import sys
from collections.abc import Callable

import cv2
import torch

from .files import to_json
from .memory import keep_freed_memory

Run = Callable[[argparse.Namespace], None]


class CommandLine:
    """A program with commands; each is a function of the parsed arguments."""

    def __init__(self, program: str, description: str):
        self.parser = argparse.ArgumentParser(program, description=description)
        self.commands = self.parser.add_subparsers(required=True, metavar="COMMAND")

    def add(self, name: str, run: Run, text: str) -> argparse.ArgumentParser:
        added = self.commands.add_parser(name, help=text, description=text)
        added.set_defaults(run_command=run)
        return added

    def main(self, arguments: list[str] | None = None) -> int:
        """The exit status: 1 after one sentence about what was wrong with a file or a setting."""
        parsed = self.parser.parse_args(arguments)
        try:
            parsed.run_command(parsed)
        except (OSError, ValueError) as error:
            said = str(error)
        except torch.OutOfMemoryError:
            said = "Expected the pictures of a step to fit into the GPU's memory but it is full: give the same command with a smaller --batch."
        except RuntimeError as error:
            if "DefaultCPUAllocator" not in str(error):
                raise
            said = "Expected the pictures of a step to fit into memory but they do not: give the same command with a smaller --batch or --image-size."
        else:
            return 0
        print(f"{self.parser.prog}: {said}", file=sys.stderr)
        return 1


def add_progress(parser: argparse.ArgumentParser) -> None:
    """How far to train in this process, and with what."""
    parser.add_argument("--device", type=device, default="cuda" if torch.cuda.is_available() else "cpu", help="default: cuda where there is one, else cpu")
    parser.add_argument("--threads", type=threads, help="of the CPU")
    parser.add_argument("--until", type=positive, help="stop at this step, or at the end of the look-ahead that it lies in; resume later")
    parser.add_argument("--validate-every", type=positive, default=500, help="steps between checkpoints")


def start(arguments: argparse.Namespace) -> None:
    """What a training does first with the options of `add_progress`."""
    keep_freed_memory()
    # By default cuDNN's convolutions of float32 are TF32, which rounds their factors to 10 bits. Those of bfloat16 are not concerned.
    torch.backends.cudnn.allow_tf32 = False
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
        cv2.setNumThreads(arguments.threads)


def show(values: dict, indent: int | None = None) -> None:
    """JSON, at once; without `indent` on one line."""
    print(to_json(values, indent), flush=True)


def positive(text: str) -> int:
    """A whole number from 1, for argparse."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 but received {text}")
    return int(text)


def threads(text: str) -> int:
    """For argparse; of more, PyTorch ends the process without a word."""
    if (count := positive(text)) > 1024:
        raise argparse.ArgumentTypeError(f"expected at most 1024 but received {text}")
    return count


def device(text: str) -> torch.device:
    """A CPU or a GPU that PyTorch can use here, for argparse."""
    try:
        found = torch.empty(0, device=text).device
    except (RuntimeError, AssertionError):
        found = None
    if found is None or found.type not in ("cpu", "cuda"):
        raise argparse.ArgumentTypeError(f"expected cpu, or cuda where PyTorch can use it, but received {text}")
    return found
