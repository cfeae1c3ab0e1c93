"""The tables: exceptions, polls, meters, denominations and the codes of single fields."""

from __future__ import annotations

from protocols.sas.tables.codes import BILLS, COUNTRIES, HANDPAY_LEVELS
from protocols.sas.tables.denominations import DENOMINATIONS, denomination
from protocols.sas.tables.exceptions import (
    EXCEPTIONS,
    IDLE_CODES,
    PRIORITY_ORDER,
    ExceptionRow,
    exception_text,
)
from protocols.sas.tables.meters import METERS, METERS_BY_NAME, Kind, MeterRow, Unit, meter_name
from protocols.sas.tables.polls import POLLS, POLLS_BY_NAME, poll_text
from protocols.sas.tables.rows import PollRow

__all__ = [
    "BILLS",
    "COUNTRIES",
    "DENOMINATIONS",
    "EXCEPTIONS",
    "HANDPAY_LEVELS",
    "IDLE_CODES",
    "METERS",
    "METERS_BY_NAME",
    "POLLS",
    "POLLS_BY_NAME",
    "PRIORITY_ORDER",
    "ExceptionRow",
    "Kind",
    "MeterRow",
    "PollRow",
    "Unit",
    "denomination",
    "exception_text",
    "meter_name",
    "poll_text",
]
