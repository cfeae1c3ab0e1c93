"""The base of every model that stands for a part of an operator's file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from edge_config.problems import Mistake

TOKEN_CHARACTERS_MAX = 64
_TOKEN_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


class Table(BaseModel):
    """A table of a TOML file: frozen, nothing unknown, no silent conversion of types.

    The docstring under a field is what an operator reads as a hint when the field is wrong
    (:mod:`edge_config.meanings`; reading them all at each start would cost a tenth of a second). A
    validator says in its ``ValueError`` what was *expected* ("a time such as 04:00"); what was
    found is added by the loader.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
    )

    @classmethod
    def cross_check(cls, data: Mapping[str, object]) -> Iterable[Mistake]:
        """Return what is wrong between parts of the file; nothing here.

        A model of a whole file overrides it. ``data`` is the parsed file *before* validation, so
        that these mistakes stand in the same report as wrong types: whatever has not the right
        shape is skipped here, the model's own validation tells of it.
        """
        del data
        return ()


def is_token(text: str) -> bool:
    """Say whether ``text`` can be a part of a NATS subject and of a file name."""
    return 0 < len(text) <= TOKEN_CHARACTERS_MAX and _TOKEN_CHARACTERS.issuperset(text)


def _token(text: str) -> str:
    if not is_token(text):
        raise ValueError(f"1 to {TOKEN_CHARACTERS_MAX} letters, digits, _ or -")
    return text


Token = Annotated[str, AfterValidator(_token)]
"""A name that becomes part of NATS subjects and file names: letters, digits, ``_`` and ``-``."""


def _decimal(value: object) -> Decimal | None:
    if value is None or isinstance(value, Decimal):
        return value
    try:
        number = Decimal(value) if isinstance(value, str) else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise ValueError('a decimal number in quotes such as "0.01"')
    return number


DecimalText = Annotated[Decimal, BeforeValidator(_decimal)]
"""A decimal number, written in quotes so that none of it is lost."""
