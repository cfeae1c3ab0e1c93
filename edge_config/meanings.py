"""What the fields of an operator's file mean: the docstrings under them, read when wanted."""

from __future__ import annotations

import ast
import inspect
from functools import cache
from itertools import pairwise
from textwrap import dedent

from edge_config.table import Table


def meaning(table: type[Table], name: str) -> str:
    """Return what stands under the field ``name`` of ``table``, in one line; or nothing."""
    for one in table.__mro__:
        if issubclass(one, Table) and name in (said := _said(one)):
            return said[name]
    return ""


@cache
def _said(table: type[Table]) -> dict[str, str]:
    """Return the docstring under each field that the class itself has."""
    try:
        tree = ast.parse(dedent(inspect.getsource(table)))
    except (OSError, SyntaxError):  # no source beside it
        return {}
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
    said: dict[str, str] = {}
    for field, text in pairwise(body):
        if not (isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)):
            continue
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
            said[field.target.id] = " ".join(str(text.value.value).split())
    return said
