r"""A complete sender in Python: files a slip, and sends it again until it is answered.

    NATS_URL=nats://127.0.0.1:4222 NATS_PASSWORD_FILE=run/demo/nats/sms.password \
        python -m gateway.examples.slips demo 10101 1250.00

Somebody has to take it: ``slotgw central inbound``. The same slip under the same id is taken once,
however often it is sent; so a sender that was not answered need not know why.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nats
import nats.errors
from nats.aio.client import Client

from gateway.bus.users import inbox_prefix

ANSWER_S = 10.0
"""Seconds until a message that was not answered is sent again; it is stored before the answer."""
PAUSE_FIRST_S = 0.5
PAUSE_MOST_S = 30.0

Message = Mapping[str, Any]


def slip(site: str, asset: str, amount: str, currency: str, number: str) -> Message:
    """Return the message of a jackpot slip; its number at the SMS makes the id."""
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return {
        "specversion": "1.0", "id": f"slip-{number}", "type": "sms.slip.filed.v1",
        "source": f"/{site}/sms", "time": now, "site": site,
        "data": {
            "slip": number, "kind": "jackpot", "asset": asset, "at": now,
            "amount": {"amount": amount, "currency": currency},
        },
    }  # fmt: skip


async def send(
    client: Client, subject: str, message: Message, say: Callable[[str], None]
) -> Mapping[str, Any]:
    """Send a message until somebody answers; return the answer: accepted, or refused and why."""
    body, pause_s = json.dumps(message).encode(), PAUSE_FIRST_S
    while True:
        try:
            told = json.loads((await client.request(subject, body, timeout=ANSWER_S)).data)
        except (nats.errors.NoRespondersError, nats.errors.TimeoutError) as error:
            say(f"not answered ({type(error).__name__}); sending it again")
        else:
            assert isinstance(told, dict)
            if not told.get("again"):  # stored, or never: sending it again does not help
                return told
            say(f"not now: {told['reason']}")
        await asyncio.sleep(pause_s)
        pause_s = min(2 * pause_s, PAUSE_MOST_S)


async def main(site: str, asset: str, amount: str, password: str) -> bool:
    """Connect as the SMS and file one slip; return whether it was taken."""
    client = await nats.connect(
        os.environ.get("NATS_URL", "nats://127.0.0.1:4222"), user="sms", password=password,
        inbox_prefix=inbox_prefix("sms"), max_reconnect_attempts=-1,
    )  # fmt: skip
    message = slip(site, asset, amount, "USD", f"{datetime.now(UTC):%Y%m%d%H%M%S}")
    subject = f"sms.v1.{site}.slip.filed.{asset}"
    told = await send(client, subject, message, print)
    sys.stdout.write(f"{json.dumps(told)}\n")
    await client.close()
    return bool(told["accepted"])


if __name__ == "__main__":
    kept = Path(os.environ["NATS_PASSWORD_FILE"]).read_text("utf-8").strip()
    where, machine, worth = sys.argv[1:4]
    sys.exit(0 if asyncio.run(main(where, machine, worth, kept)) else 1)
