"""The data of an event as its model: what every consumer does first."""

from __future__ import annotations

from typing import TypeVar

from pydantic import ValidationError

from gateway.events.envelope import Envelope
from gateway.events.errors import SchemaError
from gateway.events.shapes import Data

Model = TypeVar("Model", bound=Data)


def data_as(event: Envelope, model: type[Model]) -> Model:
    """Return the data of ``event`` as ``model``; fields of a later version are passed over.

    Raises:
        SchemaError: it does not fit; says which fields.
    """
    known = {name: event.data[name] for name in model.model_fields if name in event.data}
    try:
        return model.model_validate(known)
    except ValidationError as error:
        raise SchemaError.from_validation(event.name, error) from None


def asset_of(event: Envelope) -> str:
    """Return the asset number that ``event`` is about.

    Raises:
        SchemaError: it names none.
    """
    if event.asset is None:
        raise SchemaError(f"{event.name}: an asset number is missing")
    return event.asset
