"""How the control API refuses: always in one clear line, with every mistake as a row beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

FOUND_MAX: Final = 60
"""Letters of what was found that are said again."""

_BAD_REQUEST: Final = 422


class Mistake(BaseModel):
    """One thing that is wrong with a request."""

    model_config = ConfigDict(frozen=True)
    key: str = Field(examples=["probability"])
    """Where it stands; empty: the request as a whole."""
    found: str = Field(examples=["3"])
    expected: str = Field(examples=["a number that is less than or equal to 1"])
    hint: str = Field(default="", examples=["Share of the messages that it spoils, 0 to 1."])

    def words(self) -> str:
        """Return it in one line."""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.key or 'the request'}: found {self.found}, expected {self.expected}{hint}"


class Refusal(BaseModel):
    """Why something was not done."""

    detail: str = Field(examples=["there is no machine '99'"])
    """In one line."""
    mistakes: tuple[Mistake, ...] = ()
    """Each on its own, where the request itself was wrong."""


class RefusedError(HTTPException):
    """A request that cannot be done, with the reason.

    Args:
        status: 404 there is no such thing, 422 the request is wrong.
        why: in one line; nothing: the mistakes say it.
        mistakes: what is wrong with the request.
    """

    def __init__(self, status: int, why: str = "", mistakes: Sequence[Mistake] = ()) -> None:
        super().__init__(status, why or "; ".join(one.words() for one in mistakes))
        self.mistakes = tuple(mistakes)


UNKNOWN: Final[dict[int | str, dict[str, Any]]] = {
    404: {"model": Refusal, "description": "There is no such machine, line or fault."}
}
"""For paths that name something."""

WRONG: Final[dict[int | str, dict[str, Any]]] = {
    _BAD_REQUEST: {"model": Refusal, "description": "The request is wrong; it says what is."}
}
"""For every path that takes something."""


def add_refusals(app: FastAPI) -> None:
    """Let ``app`` answer every wrong request with a ``Refusal``."""

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> JSONResponse:
        mistakes = error.mistakes if isinstance(error, RefusedError) else ()
        detail = str(error.detail)
        if not isinstance(error, RefusedError):  # what the framework says of a path by itself
            detail = f"{detail.lower()}: {request.method} {request.url.path}; see /openapi.json"
        return _answer(error.status_code, Refusal(detail=detail, mistakes=mistakes))

    @app.exception_handler(RequestValidationError)
    async def wrong(request: Request, error: RequestValidationError) -> JSONResponse:
        del request
        mistakes = tuple(_mistakes(error.errors()))
        detail = "; ".join(one.words() for one in mistakes)
        return _answer(_BAD_REQUEST, Refusal(detail=detail, mistakes=mistakes))


def _answer(status: int, refusal: Refusal) -> JSONResponse:
    return JSONResponse(refusal.model_dump(), status)


def _mistakes(errors: Iterable[Mapping[str, Any]]) -> Iterable[Mistake]:
    for error in errors:
        place = ".".join(str(part) for part in error["loc"][1:])
        if error["type"] == "json_invalid":
            why = error.get("ctx", {}).get("error", "")
            yield Mistake(key="", found=f"a body that is no JSON: {why}", expected="JSON")
        elif error["type"] == "missing":
            yield Mistake(key=place, found="nothing", expected="a value")
        else:
            expected = (
                str(error["msg"]).removeprefix("Input should be ").removeprefix("Value error, ")
            )
            yield Mistake(key=place, found=_short(error["input"]), expected=expected)


def _short(found: object) -> str:
    text = repr(found)
    return text if len(text) <= FOUND_MAX else f"{text[:FOUND_MAX]}..."
