"""Who may connect to NATS, and what each may do: one row a user.

The server enforces this table; everything that is not allowed here is denied. A user hears
answers only on inboxes of its own (``_INBOX_<user>.>``), so that no user can listen to another.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.events.streams import STREAMS, is_token

USERS = ("admin", "edge", "consumer", "console", "integrator", "sms", "crm", "staff")
"""Every user of the server."""
SERVICES = ("dispatch", "loyalty", "surveillance", "reconcile", "index")
"""Our consumers; nobody else may take messages from their durables."""
SLOT_STATE = "slot_state"
"""KV bucket: the last known state of each EGM, key ``<site>.<gateway>.<asset>``."""
FLOOR_CALLS = "floor_calls"
"""KV bucket: the open calls, key ``<site>.<callid>``."""
SLOT_SCHEMAS = "slot_schemas"
"""KV bucket: the contract, key ``<type>.v<major>``: schema, example, subject."""
SLOT_GATEWAY = "slot_gateway"
"""KV bucket: which process is live as each gateway, key ``<site>.<gateway>``; keys lapse."""

ASK = "ask.v1"
"""First tokens of the subjects on which questions are asked, ``ask.v1.<site>.<question>``. No
stream takes them: a stream would answer the asker before the service does."""

ACT = "act.v1"
"""First tokens of the subjects on which people of the house say what they did at a machine,
``act.v1.<site>.<gateway>.>``: the gateway answers."""
SENDERS = ("sms", "crm")
"""First tokens of what other systems send, ``sms.v1.<site>.>``; users of the same names may."""

PERSONAL = ("floor.v1.*.loyalty.>", "floor.v1.*.inbound.>")
"""Derived subjects that name a player's pseudonym: like cards and sessions, for consumers only."""
_IMPERSONAL_FLOOR = ("floor.v1.*.dispatch.>", "floor.v1.*.surveillance.>")

_USE_CONSUMER = (
    "$JS.API.STREAM.INFO.{stream}",
    "$JS.API.CONSUMER.INFO.{stream}.*",
    "$JS.API.CONSUMER.LIST.{stream}",
    "$JS.API.CONSUMER.NAMES.{stream}",
    "$JS.API.CONSUMER.MSG.NEXT.{stream}.*",
    "$JS.API.CONSUMER.DELETE.{stream}.*",
    "$JS.ACK.{stream}.>",
    "$JS.FC.{stream}.>",
)
# The same request comes without a name from older clients, and with or without the filter.
_MAKE_CONSUMER = (
    "$JS.API.CONSUMER.CREATE.{stream}",
    "$JS.API.CONSUMER.CREATE.{stream}.>",
    "$JS.API.CONSUMER.DURABLE.CREATE.{stream}.*",
)
_READ_STREAM = (*_USE_CONSUMER, *_MAKE_CONSUMER)
_READ_BUCKET = (*_READ_STREAM, "$JS.API.DIRECT.GET.{stream}.>", "$JS.API.STREAM.MSG.GET.{stream}")
_LOOK_AROUND = ("$JS.API.INFO", "$JS.API.STREAM.NAMES", "$JS.API.STREAM.LIST")
# Taking from a durable, changing it, or acknowledging for it would rob the service it belongs to.
_ROB_SERVICE = (
    "$JS.API.CONSUMER.MSG.NEXT.*.{service}",
    "$JS.API.CONSUMER.CREATE.*.{service}",
    "$JS.API.CONSUMER.CREATE.*.{service}.>",
    "$JS.API.CONSUMER.DURABLE.CREATE.*.{service}",
    "$JS.API.CONSUMER.DELETE.*.{service}",
    "$JS.ACK.*.{service}.>",
)


@dataclass(frozen=True, slots=True)
class User:
    """What one user of the server may do.

    Attributes:
        name: user name.
        publish: subjects it may publish on.
        publish_not: subjects taken out of these again.
        subscribe: subjects it may subscribe to.
        subscribe_not: subjects that are not delivered even under a wider subscription.
        meaning: who it is for.
        answers: it may answer whoever asked it something, on the asker's inbox, once a request.
    """

    name: str
    publish: tuple[str, ...]
    publish_not: tuple[str, ...]
    subscribe: tuple[str, ...]
    subscribe_not: tuple[str, ...]
    meaning: str
    answers: bool = False


def inbox_prefix(user: str) -> str:
    """Return the first token of the reply subjects of ``user``."""
    return f"_INBOX_{user}"


def users(site: str, gateways: Iterable[str]) -> tuple[User, ...]:
    """Return the users of a site's server.

    Args:
        site: token of the site.
        gateways: tokens of its gateways; all publish as the user ``edge``.

    Raises:
        ValueError: a name cannot be part of a subject.
    """
    names = tuple(gateways)
    for name in (site, *names):
        if not is_token(name):
            raise ValueError(f"{name!r} cannot be part of a subject: use 1-64 of A-Z a-z 0-9 _ -")
    return (
        _admin(), _edge(site, names), _consumer(site), _console(site), _integrator(site),
        *(_sender(site, name) for name in SENDERS), _staff(site),
    )  # fmt: skip


def _admin() -> User:
    return User(
        "admin", ("$JS.API.>", f"$KV.{SLOT_SCHEMAS}.>"), (), _inbox("admin"), (),
        "makes and changes streams, writes the contract; publishes no events",
    )  # fmt: skip


def _edge(site: str, gateways: tuple[str, ...]) -> User:
    publish = [f"slot.v1.{site}.{gateway}.>" for gateway in gateways]
    publish += [f"dead.v1.{site}.{gateway}" for gateway in gateways]
    publish += [f"$KV.{SLOT_STATE}.{site}.{gateway}.*" for gateway in gateways]
    for gateway in gateways:  # whether it is the only one of its name
        lease = f"$KV.{SLOT_GATEWAY}.{site}.{gateway}"
        publish += [lease, f"$JS.API.DIRECT.GET.KV_{SLOT_GATEWAY}.{lease}"]
    publish += ["$JS.API.INFO", "$JS.API.STREAM.INFO.*"]
    hears = (*_inbox("edge"), *(f"{ACT}.{site}.{gateway}.>" for gateway in gateways))
    return User(
        "edge", tuple(publish), (), hears, (),
        "the gateways; they hear answers to what they publish, and what staff says of machines",
        answers=True,
    )  # fmt: skip


def _consumer(site: str) -> User:
    publish = [*_LOOK_AROUND, *_streams_of("consumer"), *_buckets(), *_ask(site)]
    publish += [f"floor.v1.{site}.>", f"dead.v1.{site}.>", f"$KV.{FLOOR_CALLS}.{site}.>"]
    sent = tuple(f"{sender}.v1.{site}.>" for sender in SENDERS)
    hears = (*_inbox("consumer"), f"{ASK}.{site}.>", *sent, "$SRV.>")
    return User(
        "consumer", tuple(publish), (), hears, (), "dispatch, loyalty, ...; answers what is asked",
        answers=True,
    )  # fmt: skip


def _console(site: str) -> User:
    publish = [*_LOOK_AROUND, *_streams_of("console"), *_buckets(), *_ask(site)]
    heard, not_heard = _heard("console")
    return User(
        "console", tuple(publish), _robbing(), (*_inbox("console"), *heard), not_heard,
        "technicians' consoles; read only",
    )  # fmt: skip


def _integrator(site: str) -> User:
    publish = [*_LOOK_AROUND, *_streams_of("integrator"), *_buckets(), *_ask(site)]
    heard, not_heard = _heard("integrator")
    return User(
        "integrator", tuple(publish), _robbing(), (*_inbox("integrator"), *heard), not_heard,
        "other people's programs; read only, no cards and sessions",
    )  # fmt: skip


def _sender(site: str, name: str) -> User:
    return User(
        name, (f"{name}.v1.{site}.>",), (), _inbox(name), (),
        "another system that tells us what it knows, and hears only whether we took it",
    )  # fmt: skip


def _staff(site: str) -> User:
    return User(
        "staff", (f"{ACT}.{site}.*.>",), (), _inbox("staff"), (),
        "programs in which staff types amounts, payments, repairs; they reach no machine",
    )  # fmt: skip


def _inbox(user: str) -> tuple[str, ...]:
    return (f"{inbox_prefix(user)}.>",)


def _streams_of(reader: str) -> list[str]:
    subjects: list[str] = []
    for row in STREAMS:
        if reader not in row.readers:
            continue
        if row.name == "FLOOR" and reader != "consumer":
            # The server holds a consumer to the filter that stands in the subject of its request.
            subjects += [subject.format(stream=row.name) for subject in _USE_CONSUMER]
            subjects += [f"$JS.API.CONSUMER.CREATE.FLOOR.*.{kind}" for kind in _IMPERSONAL_FLOOR]
        else:
            subjects += [subject.format(stream=row.name) for subject in _READ_STREAM]
    return subjects


def _buckets() -> list[str]:
    return [
        subject.format(stream=f"KV_{bucket}")
        for bucket in (SLOT_STATE, FLOOR_CALLS, SLOT_SCHEMAS)
        for subject in _READ_BUCKET
    ]


def _ask(site: str) -> list[str]:
    # The service protocol's own questions too: which services are there?
    words = [f"$SRV.{word}{more}" for word in ("PING", "INFO", "STATS") for more in ("", ".>")]
    return [f"{ASK}.{site}.>", *words]


def _robbing() -> tuple[str, ...]:
    return tuple(
        subject.format(service=service) for service in SERVICES for subject in _ROB_SERVICE
    )


def _heard(reader: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what ``reader`` may subscribe to without JetStream, and what is left out of it."""
    tops = {_top(subject) for row in STREAMS if reader in row.readers for subject in row.subjects}
    hidden = [
        subject
        for row in STREAMS
        if reader not in row.readers
        for subject in row.subjects
        if _top(subject) in tops
    ]
    return tuple(f"{top}.v1.>" for top in sorted(tops)), (*hidden, *PERSONAL)


def _top(subject: str) -> str:
    return subject.partition(".")[0]
