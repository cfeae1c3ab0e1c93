"""Says what somebody of the house did, on ``act.v1.<site>.<gateway>``, and returns the answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import nats.errors
from nats.aio.client import Client
from pydantic import ValidationError

from gateway.bus.users import inbox_prefix
from gateway.events.inbound import INBOUND, InboundAnswer, inbound_subject

USER: Final = "staff"
TIMEOUT_S: Final = 12.0
"""Seconds that an answer may take: it is on the gateway's disk before it is given."""
CONNECT_S: Final = 5


class StaffError(Exception):
    """What was said is not known to be taken; says why and what to do."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where somebody sits who says something.

    Attributes:
        url: the server, without credentials.
        password: of the user ``staff``.
        site: token of the site.
        source: name of the program and its computer, as events name it.
    """

    url: str
    password: str
    site: str
    source: str


async def tell(
    desk: Desk, gateway: str, name: str, data: Mapping[str, object], message_id: str, at: str
) -> InboundAnswer:
    """Send one act and return the gateway's answer.

    Args:
        desk: from where.
        gateway: token of the gateway that has the EGM.
        name: of the act.
        data: what it says.
        message_id: its id: the same act sent again under the same id is taken once.
        at: when it was said, RFC 3339.

    Raises:
        StaffError: nobody answered, or the server refuses.
    """
    row = INBOUND[name]
    body = json.dumps({
        "specversion": "1.0", "id": message_id, "type": row.full_name, "source": desk.source,
        "time": at, "site": desk.site, "data": dict(data),
    }).encode()  # fmt: skip
    subject = inbound_subject(row, desk.site, str(data[row.key]), gateway)
    client, told = Client(), list[str]()

    async def noted(error: Exception) -> None:
        told.append(str(error))

    try:
        await client.connect(
            desk.url, user=USER, password=desk.password, inbox_prefix=inbox_prefix(USER),
            error_cb=noted, allow_reconnect=False, max_reconnect_attempts=1, reconnect_time_wait=0,
            connect_timeout=CONNECT_S, name="slotgw console",
        )  # fmt: skip
        answer = await client.request(subject, body, timeout=TIMEOUT_S)
        return InboundAnswer.model_validate_json(answer.data)
    except nats.errors.NoRespondersError:
        why = f"gateway {gateway} does not listen on NATS now; say it again when it is back"
        raise StaffError(why) from None
    except ValidationError:
        raise StaffError(f"gateway {gateway} answers what this version cannot read") from None
    except (nats.errors.Error, OSError) as error:
        words = next((one for one in told if one), "") or str(error) or type(error).__name__
        raise StaffError(f"NATS at {desk.url}, user {USER}: {words}"[:200]) from error
    finally:
        await client.close()
