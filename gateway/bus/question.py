"""Asks one question on ``ask.v1.<site>.<question>`` and returns the answer."""

from __future__ import annotations

import json
from typing import Any, Final

import nats.errors
from nats.aio.client import Client

from gateway.bus.users import ASK, inbox_prefix

TIMEOUT_S: Final = 5.0


class QuestionError(Exception):
    """Nobody answers, or the answer is no; says which."""


async def ask(
    url: str, user: str, password: str, site: str, question: str, words: str
) -> dict[str, Any]:
    """Return the answer to ``words``.

    Raises:
        QuestionError: there is none.
    """
    client = Client()
    told: list[str] = []

    async def noted(error: Exception) -> None:
        told.append(str(error))

    try:
        await client.connect(
            url, user=user, password=password, inbox_prefix=inbox_prefix(user), error_cb=noted,
            allow_reconnect=False, max_reconnect_attempts=1, reconnect_time_wait=0,
            connect_timeout=int(TIMEOUT_S), name="slotgw ask",
        )  # fmt: skip
        subject = f"{ASK}.{site}.{question}"
        answer = await client.request(subject, words.encode(), timeout=TIMEOUT_S)
    except nats.errors.NoRespondersError:
        raise QuestionError("nobody answers: is slotgw central answers running?") from None
    except (nats.errors.Error, OSError) as error:
        words = next((one for one in told if one), "") or str(error) or type(error).__name__
        raise QuestionError(f"NATS at {url}: {words}") from error
    finally:
        await client.close()
    refusal = (answer.headers or {}).get("Nats-Service-Error")
    if refusal:
        raise QuestionError(refusal)
    found: dict[str, Any] = json.loads(answer.data)
    return found
