"""The control API of a small floor, asked without a socket."""

import asyncio
import json
from functools import partialmethod
from urllib.parse import quote, urlsplit

from edge_config.loader import parse_toml
from floor_sim.control import build_app
from floor_sim.floor import Floor
from floor_sim.floor_file import FloorFile
from floor_sim.ledger_tail import tail_of_memory
from floor_sim.machine.journal import MemoryJournal
from floor_sim.people.crowd import NoReader

FLOOR = """
[floor]
name = "small"
seed = 3
run_folder = "unused"
[profiles.penny]
[[lines]]
name = "L1"
port = "lines/L1"
[[egms]]
asset = "10101"
location = "01-01-01"
line = "L1"
address = 1
profile = "penny"
bank = "B1"
"""


class Answer:
    """What came back."""

    def __init__(self):
        self.status_code = 0
        self.body = b""

    def json(self):
        return json.loads(self.body)


class Api:
    """Asks the app itself."""

    def __init__(self, app):
        self.app = app

    def asks(self, method, path, json=None):
        return asyncio.run(self.ask(method, path, json))

    get = partialmethod(asks, "GET")
    post = partialmethod(asks, "POST")
    delete = partialmethod(asks, "DELETE")

    async def ask(self, method, path, body=None):
        """Return the answer; a body that is bytes goes out as it is."""
        answer = Answer()
        said = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        )
        url = urlsplit(path)

        async def receive():
            return {"type": "http.request", "body": said, "more_body": False}

        async def send(message):
            answer.status_code = message.get("status", answer.status_code)
            answer.body += message.get("body", b"")

        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
            "path": url.path, "raw_path": quote(url.path).encode(),
            "query_string": url.query.encode(), "root_path": "",
            "scheme": "http", "headers": [(b"content-type", b"application/json")],
            "client": None, "server": None,
        }  # fmt: skip
        await self.app(scope, receive, send)
        return answer


def small_floor(text=FLOOR):
    """Return a floor with power, and nobody there."""
    file = parse_toml(text, FloorFile, "floor.toml")
    readers = {egm.asset: NoReader() for egm in file.egms if egm.card_reader}
    floor = Floor(file, MemoryJournal(), {}, readers=readers)
    floor.start(0.0, playing=False)
    return floor


def api_of(floor, now=lambda: 1.0):
    """Return its control API."""
    return Api(build_app(floor, now, lambda: None, tail_of_memory(floor._journal)))
