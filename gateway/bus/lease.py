"""Which gateway of a name is live: a lease on the server, so that no two poll under one name.

The lease is one key of the bucket ``slot_gateway``, written by compare-and-set and taken off by the
server itself ``LEASE_S`` after it was renewed last: no clock of ours says when it has lapsed. A
gateway that is refused has not polled yet; of two that poll already, because the server was away
when one of them began, the one whose outbox is younger yields.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum

import nats.errors
from nats.aio.client import Client

from gateway.bus.users import SLOT_GATEWAY, inbox_prefix

LEASE_S = 15
"""Seconds until the server takes a lease off that nobody renews."""
RENEW_S = 4.0
"""Seconds between two renewals."""
ANSWER_S = 2.0
"""Seconds that the server may take for one answer."""
START_S = 1.5
"""Seconds that a start may wait for the server to say who is live; then it polls all the same: a
machine that nobody asks for five seconds takes its host for dead."""
RACES_MAX = 3
"""Times that somebody else may have been quicker before an attempt is given up."""

DENIED = (
    f"does the server's configuration allow the bucket {SLOT_GATEWAY} to this user? "
    "slotgw nats-config writes it anew"
)
_WRONG_SEQUENCE = 10071  # nats-server's server/errors.json


class Standing(StrEnum):
    """How a gateway stands to its own name."""

    HELD = "held"  # nobody else of this name is live
    UNCONFIRMED = "unconfirmed"  # nobody could be asked: it polls
    YIELDED = "yielded"  # another one is live: it does not poll


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lease.

    Attributes:
        birthid: of the start of the process.
        host: name of its computer, for people.
        pid: its process.
        place: one word for this outbox on this computer; a lock sees to it that only one process
            works there, so another holder of the same place is dead.
        place_ns: when that outbox was made, wall time, nanoseconds since the Unix epoch.
        since_ns: when the process started, the same clock.
    """

    birthid: str
    host: str
    pid: int
    place: str
    place_ns: int
    since_ns: int

    @property
    def words(self) -> str:
        """Who it is, for people."""
        since = datetime.fromtimestamp(self.since_ns // 1_000_000_000, UTC)
        return f"process {self.pid} on {self.host}, started {since:%Y-%m-%d %H:%M:%S} UTC"

    @property
    def age(self) -> tuple[int, int, str]:
        """What decides who of two is the elder: the lower one. A restart makes nobody younger."""
        return self.place_ns, self.since_ns, self.birthid


class RivalError(Exception):
    """Another gateway of this name is live; says who, and what to do."""


class LeaseError(Exception):
    """The server could not be asked; says why."""


@dataclass(frozen=True, slots=True)
class _Found:
    revision: int
    holder: Holder | None


class Lease:
    """The lease of one gateway.

    Args:
        site: token of the site.
        gateway: token of the gateway.
        me: this process.

    Attributes:
        standing: how this gateway stands to its name.
        other: who else is live, or was when this one yielded.
        trouble: why the server could not be asked, empty if it could.
    """

    def __init__(self, site: str, gateway: str, me: Holder) -> None:
        self.standing = Standing.UNCONFIRMED
        self.other: Holder | None = None
        self.trouble = "not asked yet"
        self._me = me
        self._name = f"{site}/{gateway}"
        self._subject = f"$KV.{SLOT_GATEWAY}.{site}.{gateway}"
        self._held_once = False
        self._released = False

    @property
    def words(self) -> str:
        """How it stands, in words for an operator; empty if all is well."""
        if self.standing is Standing.YIELDED and self.other is not None:
            return (
                f"NOT POLLING: another gateway {self._name} is live ({self.other.words}); stop one "
                "of the two, or give it another id, then start this one again"
            )
        if self.standing is Standing.UNCONFIRMED and self.trouble:
            return f"whether another gateway {self._name} is live is not known: {self.trouble}"
        return ""

    @property
    def refusal(self) -> str:
        """What an operator is told whose gateway is not to start, in one line."""
        assert self.other is not None
        return (
            f"another gateway {self._name} is live: {self.other.words}. Two of one name would poll "
            f"the same machines. Stop that one (if it is dead, wait {LEASE_S} s and start again), "
            "or give this one an id of its own under [gateway] in its site file"
        )

    def unsure(self, why: str) -> None:
        """The server is away, or says nothing of use: who held the lease may have lost it."""
        self.trouble = why
        if self.standing is Standing.HELD:
            self.standing = Standing.UNCONFIRMED

    async def take(self, client: Client, *, polling: bool) -> Standing:
        """Take or renew the lease, unless somebody else has the better right to it.

        Args:
            client: connected as the user ``edge``.
            polling: this gateway polls already, so the elder one stays; before the first poll
                whoever holds the lease stays.

        Raises:
            LeaseError: the server could not be asked; see ``trouble``.
        """
        for _ in range(RACES_MAX):
            if self.standing is Standing.YIELDED or self._released:
                return self.standing
            found = await self._read(client)
            if found.holder is not None and not self._may_replace(found.holder, polling=polling):
                self.other, self.trouble = found.holder, ""
                self.standing = Standing.YIELDED
                return self.standing
            if await self._put(client, found.revision):
                self.trouble, self.standing, self._held_once = "", Standing.HELD, True
                return self.standing
        self.unsure("somebody else is quicker each time")
        raise LeaseError(self.trouble)

    async def release(self, client: Client) -> None:
        """Give the lease back at a stop on purpose, so that nobody has to wait for its end.

        Raises:
            LeaseError: the server could not be asked; the lease lapses by itself.
        """
        self._released = True  # a renewal that is under way does not take it again
        for _ in range(RACES_MAX):
            found = await self._read(client)
            if found.holder != self._me or await self._put(client, found.revision, gone=True):
                break
        self.unsure("given back")

    def _may_replace(self, holder: Holder, *, polling: bool) -> bool:
        if holder.birthid == self._me.birthid:
            return True
        if holder.place == self._me.place and not self._held_once:
            return True  # an earlier process of this outbox: it cannot be alive
        return polling and self._me.age < holder.age

    async def _read(self, client: Client) -> _Found:
        answer = await self._ask(client, f"$JS.API.DIRECT.GET.KV_{SLOT_GATEWAY}.{self._subject}")
        headers, body = answer
        if headers.get("Status") == "404":
            return _Found(0, None)
        try:
            revision = int(headers["Nats-Sequence"])
            if headers.get("KV-Operation") is not None:
                return _Found(revision, None)
            return _Found(revision, Holder(**json.loads(body)))
        except (KeyError, ValueError, TypeError):
            self.unsure(f"bucket {SLOT_GATEWAY} holds something else: {body[:80]!r}")
            raise LeaseError(self.trouble) from None

    async def _put(self, client: Client, revision: int, *, gone: bool = False) -> bool:
        headers = {
            "Nats-Expected-Last-Subject-Sequence": str(revision),
            "Nats-TTL": "1s" if gone else f"{LEASE_S}s",
        }
        if gone:
            headers["KV-Operation"] = "DEL"
        body = b"" if gone else json.dumps(asdict(self._me)).encode()
        _, answer = await self._ask(client, self._subject, body, headers)
        try:
            said = json.loads(answer)
            error = said.get("error")
            if error is None:
                return int(said["seq"]) > 0
            if error.get("err_code") == _WRONG_SEQUENCE:
                return False
            self.unsure(str(error.get("description")))
        except (KeyError, ValueError, TypeError, AttributeError):
            self.unsure(f"an answer that is none: {answer[:80]!r}")
        raise LeaseError(self.trouble)

    async def _ask(
        self,
        client: Client,
        subject: str,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
    ) -> tuple[dict[str, str], bytes]:
        try:
            answer = await client.request(subject, body, timeout=ANSWER_S, headers=headers)
        except nats.errors.NoRespondersError:
            self.unsure(f"no bucket {SLOT_GATEWAY}; run slotgw nats-config --apply")
        except nats.errors.TimeoutError:
            self.unsure(f"no answer about the bucket {SLOT_GATEWAY}; {DENIED}")
        except (nats.errors.Error, OSError) as error:
            self.unsure(str(error) or type(error).__name__)
        else:
            return answer.headers or {}, answer.data
        raise LeaseError(self.trouble)


async def take_at_start(
    lease: Lease, url: str, user: str, password: Callable[[], str], start_s: float = START_S
) -> None:
    """Settle who is live before the first poll, as far as the server can be asked.

    A server that is away does not hold up a start for longer than ``start_s``: what machines say
    meanwhile would be lost.

    Raises:
        RivalError: another gateway of this name is live; nothing was written.
    """
    told: list[str] = []
    limit = asyncio.timeout(start_s)

    async def noted(error: Exception) -> None:
        told.append(str(error))
        if "permissions violation" in told[-1].lower():  # then no answer will come
            told.insert(0, DENIED)
            with suppress(RuntimeError):  # it is over already
                limit.reschedule(0)

    try:
        word = password()
    except OSError as error:  # there is none yet: a server may be set up after us
        lease.unsure(str(error))
        return
    client = Client()
    try:
        async with limit:
            await client.connect(
                url, user=user, password=word, inbox_prefix=inbox_prefix(user),
                error_cb=noted, allow_reconnect=False, connect_timeout=max(1, int(ANSWER_S)),
                max_reconnect_attempts=1, reconnect_time_wait=0,
            )  # fmt: skip
            await lease.take(client, polling=False)
    except LeaseError:
        pass  # told by the lease; the keeper asks again
    except (nats.errors.Error, OSError) as error:  # a TimeoutError is one of them
        words = next((one for one in told if one), "") or str(error) or "it does not answer"
        lease.unsure(f"NATS at {url}: {words}")
    finally:
        await _closed(client)
    if lease.standing is Standing.YIELDED:
        raise RivalError(lease.refusal)


async def _closed(client: Client) -> None:
    try:
        async with asyncio.timeout(ANSWER_S):
            await client.close()
    except (nats.errors.Error, OSError):
        pass
