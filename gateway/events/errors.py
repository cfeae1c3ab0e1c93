"""What can be wrong with an event."""

from __future__ import annotations

from pydantic import ValidationError

_SHOWN_MAX = 5


class SchemaError(ValueError):
    """An event does not fit the catalogue: a defect of whoever made it; it is not published."""

    @classmethod
    def from_validation(cls, what: str, error: ValidationError) -> SchemaError:
        """Say which fields are wrong, without their values: these may be anything."""
        found = error.errors(include_input=False, include_url=False, include_context=False)
        told = [
            f"{'.'.join(str(part) for part in one['loc']) or '(all)'}: {one['type']}"
            for one in found[:_SHOWN_MAX]
        ]
        more = f" and {len(found) - _SHOWN_MAX} more" if len(found) > _SHOWN_MAX else ""
        return cls(f"{what}: {'; '.join(told)}{more}")
