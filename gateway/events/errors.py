"""What can be wrong with an event."""

from __future__ import annotations

import re

from pydantic import ValidationError

_SHOWN_MAX = 5
_PLAIN_NAME = re.compile(r"[a-z_]{1,40}")


class SchemaError(ValueError):
    """An event does not fit the catalogue: a defect of whoever made it; it is not published."""

    @classmethod
    def from_validation(cls, what: str, error: ValidationError) -> SchemaError:
        """Say which fields are wrong, without their values: these may be anything.

        So may the name of a field that the model does not have, unless it is plain words.
        """
        found = error.errors(include_input=False, include_url=False, include_context=False)
        told = [f"{_where(one['loc'], one['type'])}: {one['type']}" for one in found[:_SHOWN_MAX]]
        more = f" and {len(found) - _SHOWN_MAX} more" if len(found) > _SHOWN_MAX else ""
        return cls(f"{what}: {'; '.join(told)}{more}")


def _where(loc: tuple[int | str, ...], kind: str) -> str:
    named = [str(part) for part in loc]
    if kind == "extra_forbidden" and not _PLAIN_NAME.fullmatch(named[-1]):
        named[-1] = "(a field that is not known)"
    return ".".join(named) or "(all)"
