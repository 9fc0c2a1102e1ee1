"""Settings of a run: frozen dataclasses of plain values, out of a checkpoint, a file or the command line."""

import argparse
import ast
import inspect
import math
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from itertools import pairwise
from typing import TypeVar

Settings = TypeVar("Settings")


def read_truth(text: str) -> bool:
    if text not in ("true", "false"):
        raise argparse.ArgumentTypeError(f"expected true or false but received {text}")
    return text == "true"


OPTIONS = {str: str, int: int, float: float, bool: read_truth}
"""How the command line gives values of each type."""


def read_settings(kind: type[Settings], values: dict) -> Settings:
    """:raises ValueError: for what is no setting of `kind`, and for values of another type or below zero."""
    known = {entry.name: entry.type for entry in fields(kind)}
    if unknown := sorted(values.keys() - known.keys()):
        raise ValueError(f"Expected settings among {', '.join(sorted(known))} but received {', '.join(unknown)}.")
    for name, value in values.items():
        wanted = known[name]
        if type(value) is not wanted and not (wanted is float and type(value) is int):
            raise ValueError(f"Expected {wanted.__name__} for the setting {name} but received {str(value)[:60]}.")
        if wanted in (int, float) and not 0 <= value < math.inf:
            raise ValueError(f"Expected a number from 0 for the setting {name} but received {value}.")
    return kind(**values)


def check_range(settings: object, low: float, high: float, *names: str) -> None:
    """:raises ValueError: when one of these settings is below `low` or above `high`."""
    for name in names:
        value = getattr(settings, name)
        if not low <= value <= high:
            wanted = f"at least {low}" if high == math.inf else f"a number from {low} to {high}"
            raise ValueError(f"Expected {wanted} for the setting {name} but received {value}.")


def add_options(parser: argparse.ArgumentParser, kind: type, choices: Mapping[str, Sequence[str]] = {}) -> None:
    """One option for each plain setting of `kind`; one that is not given is None. Its help is what stands below the setting, and its default."""
    explained = {name: text for base in reversed(kind.__mro__[:-1]) for name, text in _explanations(base)}
    for entry in fields(kind):
        if entry.type in OPTIONS:
            allowed = choices.get(entry.name)
            metavar = None if allowed else entry.type.__name__.upper()
            text = f"{explained.get(entry.name, '')} (default: {entry.default})".strip().replace("%", "%%")
            parser.add_argument(f"--{entry.name.replace('_', '-')}", type=OPTIONS[entry.type], choices=allowed, metavar=metavar, help=text)


def _explanations(kind: type) -> Iterator[tuple[str, str]]:
    """The strings below the settings in the source of a class."""
    body = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0].body
    for setting, below in pairwise(body):
        match setting, below:
            case ast.AnnAssign(target=ast.Name(name)), ast.Expr(ast.Constant(str(text))):
                yield name, text


def given_options(kind: type, arguments: argparse.Namespace) -> dict:
    """The settings of `kind` that the command line gives."""
    given = {entry.name: getattr(arguments, entry.name, None) for entry in fields(kind)}
    return {name: value for name, value in given.items() if value is not None}
