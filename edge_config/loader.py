"""Reads an operator's TOML file into a model, with every mistake in one report."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from edge_config.explain import key_text, problems_of
from edge_config.problems import ConfigError, Problem
from edge_config.table import Table
from edge_config.toml_lines import LineFinder

__all__ = ["FILE_BYTES_MAX", "ConfigError", "Problem", "Table", "load_toml", "parse_toml"]

FILE_BYTES_MAX = 4 * 1024 * 1024
"""Bytes of a file that are read; a site of 2,000 EGMs has about 500,000."""

Model = TypeVar("Model", bound=Table)


def load_toml(path: str | os.PathLike[str], model: type[Model]) -> Model:
    """Read the file at ``path`` as ``model``.

    Raises:
        ConfigError: the file is missing or wrong; every mistake is in the one report.
    """
    name = os.fspath(path)
    return parse_toml(_read(name), model, name)


def parse_toml(text: str, model: type[Model], name: str) -> Model:
    """Read ``text`` as ``model``; ``name`` is what the report calls the file.

    Raises:
        ConfigError: the text is wrong; every mistake is in the one report.
    """
    data = _parsed(text, name)
    lines = LineFinder(text)
    problems: list[Problem] = []
    value: Model | None = None
    try:
        value = model.model_validate(data)
    except ValidationError as error:
        problems += problems_of(error, model, name, lines)
    problems += [
        Problem(
            path=name,
            key=key_text(mistake.key),
            found=mistake.found,
            expected=mistake.expected,
            hint=mistake.hint,
            line_number=lines.find(mistake.key),
        )
        for mistake in model.cross_check(data)
    ]
    if problems:
        raise ConfigError(sorted(problems, key=lambda problem: problem.line_number or 0))
    assert value is not None, "no problem and no value"
    return value


def _read(name: str) -> str:
    try:
        with Path(name).open("rb") as file:
            raw = file.read(FILE_BYTES_MAX + 1)
    except FileNotFoundError:
        hint = f"give the path of a TOML file; you are in {Path.cwd()}"
        raise ConfigError([Problem(name, "", "no such file", "a TOML file", hint)]) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        problem = Problem(name, "", reason, "a file that can be read", "")
        raise ConfigError([problem]) from None
    if len(raw) > FILE_BYTES_MAX:
        found, expected = "a larger file", f"at most {FILE_BYTES_MAX} bytes"
        raise ConfigError([Problem(name, "", found, expected, "is this the right file?")])
    try:
        return raw.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        found = f"the byte {raw[error.start]:02X}h"
        hint = "save the file as UTF-8"
        raise ConfigError([Problem(name, "", found, "UTF-8 text", hint, line)]) from None


def _parsed(text: str, name: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except ValueError as error:  # TOMLDecodeError, and numbers too long for int()
        reason = " ".join(str(error).split())
    except RecursionError:
        reason = "lists or tables nested too deep"
    number = None
    if " (at line " in reason:
        reason, _, where = reason.partition(" (at line ")
        number = int(where.split(",")[0])
    hint = "text stands in quotes; a list of tables is headed [[egms]]"
    raise ConfigError([Problem(name, "", reason[:200], "TOML", hint, number)])
