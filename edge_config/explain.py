"""Turns pydantic's errors into an operator's words: found, expected, hint."""

from __future__ import annotations

import difflib
import inspect
import types
import typing
from collections.abc import Iterator, Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from edge_config.meanings import meaning
from edge_config.problems import Problem, shown
from edge_config.table import Table, is_token
from edge_config.toml_lines import LineFinder

# pydantic's error type: what was expected, in the operator's words; {} are filled from its context
_EXPECTED = {
    "int_type":              "a whole number",
    "int_from_float":        "a whole number",
    "float_type":            "a number",
    "finite_number":         "a finite number",
    "string_type":           "text in quotes",
    "bool_type":             "true or false",
    "tuple_type":            "a list",
    "list_type":             "a list",
    "model_type":            "a table",
    "dict_type":             "a table",
    "literal_error":         "{expected}",
    "greater_than":          "more than {gt}",
    "greater_than_equal":    "{ge} or more",
    "less_than":             "less than {lt}",
    "less_than_equal":       "{le} or less",
    "too_short":             "at least {min_length} of them",
    "too_long":              "at most {max_length} of them",
    "string_too_short":      "at least {min_length} characters",
    "string_too_long":       "at most {max_length} characters",
    "value_error":           "{error}",
}  # fmt: skip


def problems_of(
    error: ValidationError, model: type[Table], path: str, lines: LineFinder
) -> Iterator[Problem]:
    """Yield one problem for each detail of ``error``, which ``model`` raised for ``path``."""
    for detail in error.errors(include_url=False):
        loc = detail["loc"]
        found, expected, hint = _words(detail, model)
        yield Problem(path, key_text(loc), found, expected, hint, lines.find(loc))


def key_text(loc: Sequence[str | int]) -> str:
    """Return ``("egms", 3, "address")`` as ``egms[3].address``, positions counted from 0."""
    text = ""
    for part in loc:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            name = part if is_token(part) else shown(part)
            text += f".{name}" if text else name
    return text


def nearest(word: str, words: Sequence[str]) -> str:
    """Return ``did you mean "..."?`` for the one of ``words`` most like ``word``, or nothing."""
    match = difflib.get_close_matches(word[:100], words, n=1)
    return f"did you mean {match[0]!r}?" if match else ""


def _words(detail: ErrorDetails, model: type[Table]) -> tuple[str, str, str]:
    *parents, last = detail["loc"] or ("",)
    table = _table_at(model, parents)
    value = detail["input"]
    if detail["type"] == "extra_forbidden":
        names = list(table.model_fields) if table else []
        hint = nearest(str(last), names)
        if "pass" in str(last).lower():
            hint = hint or "a password never stands in a site file: use password_file"
        return "an unknown key", f"one of {', '.join(names)}", hint
    means = _meaning(table, last)
    if detail["type"] == "missing":
        return "nothing", "a value", means
    context = {**detail.get("ctx", {})}
    template = _EXPECTED.get(detail["type"])
    expected = template.format(**context) if template else _lower(detail["msg"])
    if detail["type"] == "literal_error" and isinstance(value, str) and table:
        choices = [part.strip("' ") for part in expected.replace(" or ", ",").split(",")]
        means = nearest(value, choices) or means
    return _without_credentials(shown(value)), expected, _unquote(value, detail["type"]) or means


def _without_credentials(text: str) -> str:
    """Hide what stands between ``://`` and ``@``: a report may be mailed around."""
    scheme, slashes, rest = text.partition("://")
    if not slashes or "@" not in rest:
        return text
    return f"{scheme}://...@{rest.rpartition('@')[2]}"


def _unquote(value: object, kind: str) -> str:
    if not isinstance(value, str) or kind not in {"int_type", "float_type", "bool_type"}:
        return ""
    plain = value.strip().lower()
    if kind == "bool_type":
        ok = plain in {"true", "false"}
    else:
        ok = plain.replace(".", "", 1).isdecimal() and (kind == "float_type" or "." not in plain)
    return f"write {plain} without the quotes" if ok else ""


def _lower(message: str) -> str:
    text = message.removeprefix("Input should be ").removeprefix("Value error, ")
    return text[:1].lower() + text[1:]


def _meaning(table: type[Table] | None, name: str | int) -> str:
    """Return the first sentence of the field's docstring, or nothing."""
    sentence = meaning(table, str(name)).partition(". ")[0] if table else ""
    return sentence.rstrip(".")


def _table_at(model: type[Table], loc: Sequence[str | int]) -> type[Table] | None:
    """Return the model of the table at ``loc``, or None where there is none."""
    current: type[Table] | None = model
    for part in loc:
        if isinstance(part, int):
            continue
        field = current.model_fields.get(part) if current else None
        current = _table_in(field.annotation) if field else None
    return current


def _table_in(annotation: object) -> type[Table] | None:
    """Return the ``Table`` inside ``tuple[T, ...]``, ``T | None`` and the like, or None."""
    if inspect.isclass(annotation) and not isinstance(annotation, types.GenericAlias):
        return annotation if issubclass(annotation, Table) else None
    inside = (_table_in(argument) for argument in typing.get_args(annotation))
    return next((table for table in inside if table), None)
