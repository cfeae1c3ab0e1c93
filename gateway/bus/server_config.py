"""The configuration file of the site's nats-server: loopback, durable JetStream, named users."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.bus.users import User, users


@dataclass(frozen=True, slots=True)
class ServerPlan:
    """What the configuration of a server says.

    Attributes:
        site: token of the site.
        gateways: tokens of the gateways that publish here.
        data: folder of the server's files; JetStream's are in ``jetstream`` below it.
        port: TCP port for clients, on loopback.
        monitor_port: HTTP port for monitoring, on loopback; None for none.
        passwords: by user name; every user has one.
        sync_always: whether JetStream syncs each message before it acknowledges. False is for
            measurements only: acknowledged events may then be lost in a power cut.
    """

    site: str
    gateways: tuple[str, ...]
    data: Path
    port: int
    monitor_port: int | None
    passwords: Mapping[str, str]
    sync_always: bool = True


def server_config(plan: ServerPlan) -> str:
    """Return the text of the server's configuration file. It holds passwords: mode 0600.

    Raises:
        ValueError: a name cannot be part of a subject, or a user has no password.
    """
    rows = users(plan.site, plan.gateways)
    without = [user.name for user in rows if not plan.passwords.get(user.name)]
    if without:
        raise ValueError(f"no password for {', '.join(without)}")
    sync = "always" if plan.sync_always else '"2m"'  # bare, 2m is two million
    lines = [
        "# nats-server of a slot floor. Holds passwords: readable by its owner only (mode 0600).",
        f"server_name: {json.dumps(f'slot-{plan.site}')}",
        f"listen: {json.dumps(f'127.0.0.1:{plan.port}')}",
    ]
    if plan.monitor_port is not None:
        lines.append(f"http: {json.dumps(f'127.0.0.1:{plan.monitor_port}')}")
    lines += [
        "max_payload: 1MB",
        "# Each message is on disk before it is acknowledged; the default is every two minutes.",
        "jetstream {",
        f"  store_dir: {json.dumps(str(plan.data / 'jetstream'))}",
        f"  sync_interval: {sync}",
        "}",
        "# No anonymous connection. What is not allowed here is denied.",
        "authorization {",
        "  timeout: 5",
        "  users: [",
        *(line for user in rows for line in _user_lines(user, plan.passwords[user.name])),
        "  ]",
        "}",
    ]
    return "\n".join(lines) + "\n"


def _user_lines(user: User, password: str) -> Iterable[str]:
    yield f"    # {user.name}: {user.meaning}"
    yield "    {"
    yield f"      user: {json.dumps(user.name)}, password: {json.dumps(password)}"
    yield "      permissions: {"
    yield f"        publish: {_permission(user.publish, user.publish_not)}"
    yield f"        subscribe: {_permission(user.subscribe, user.subscribe_not)}"
    if user.answers:
        yield "        allow_responses: true"
    yield "      }"
    yield "    }"


def _permission(allow: tuple[str, ...], deny: tuple[str, ...]) -> str:
    return json.dumps({"allow": list(allow), "deny": list(deny)})
