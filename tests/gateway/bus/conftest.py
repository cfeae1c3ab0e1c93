"""A real nats-server on a free port, the model of it in virtual time, and rows to publish."""

import asyncio
import importlib.util
import json
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import nats
import pytest
from nats.js.api import StreamConfig

from gateway.bus.lanes import WINDOW
from gateway.bus.link import NatsLink
from gateway.bus.model import JetStreamModel, ModelLink, ModelStream
from gateway.bus.passwords import make_passwords
from gateway.bus.publisher import Publisher
from gateway.bus.server import NatsServer, free_port
from gateway.bus.server_config import ServerPlan
from gateway.bus.streams import apply_streams
from gateway.bus.users import inbox_prefix
from gateway.outbox.types import Acknowledged, Refused, Row

JUMPING = Path(__file__).parents[2] / "simulation" / "jumping.py"
RETRY_S = 0.05
WAIT_S = 60


def load_jumping():
    spec = importlib.util.spec_from_file_location("jumping", JUMPING)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def in_virtual_time():
    """Run a coroutine on a clock that jumps."""
    jumping = load_jumping()
    return lambda main: jumping.run_jumping(main, jumping.JumpingLoop())


@pytest.fixture
def until():
    """Wait until a condition holds, on whatever clock the loop has."""

    async def wait(condition, wait_s=WAIT_S):
        loop = asyncio.get_running_loop()
        end = loop.time() + wait_s
        while not condition():
            assert loop.time() < end, "it did not come to pass"
            await asyncio.sleep(0.005)

    return wait


def make_row(sequence, asset="10101", stream="SLOT_PLAY", body=None, birth="b1"):
    family, event = {
        "SLOT_PLAY": ("game", "started"),
        "SLOT_MONEY": ("bill", "accepted"),
        "SLOT_SIGNIFICANT": ("door", "opened"),
        "SLOT_CARD": ("card", "in"),
    }[stream]
    event_id = f"edge1.{birth}.{sequence}"
    return Row(
        sequence=sequence,
        id=event_id,
        type=f"{family}.{event}",
        family=family,
        familysequence=sequence,
        subject=f"slot.v1.demo.edge1.{family}.{event}.{asset or '_'}",
        asset=asset,
        stream=stream,
        time_ns=1_790_000_000_000_000_000 + sequence,
        body=json.dumps({"id": event_id}).encode() if body is None else body,
    )


@pytest.fixture
def row():
    return make_row


class Outbox:
    """A real, if small, outbox: rows in order, and how each ended."""

    def __init__(self, rows=()):
        self.rows = {row.sequence: row for row in rows}
        self.ended = {}
        self.reads = 0
        self.fails = None

    def add(self, *rows):
        self.rows.update((row.sequence, row) for row in rows)
        return rows

    def pending(self, after_sequence, limit, *, stream):
        if self.fails is not None:
            raise self.fails
        self.reads += 1
        found = [
            row
            for sequence, row in sorted(self.rows.items())
            if sequence > after_sequence and row.stream == stream and sequence not in self.ended
        ]
        return found[:limit]

    def mark(self, marks):
        if self.fails is not None:
            raise self.fails
        for mark in marks:
            assert mark.sequence in self.rows
            assert mark.sequence not in self.ended, "ended twice"
            self.ended[mark.sequence] = mark

    @property
    def acknowledged(self):
        return {n for n, mark in self.ended.items() if isinstance(mark, Acknowledged)}

    @property
    def refused(self):
        return {n: mark.reason for n, mark in self.ended.items() if isinstance(mark, Refused)}


@pytest.fixture
def outbox():
    return Outbox


@asynccontextmanager
async def running(*jobs):
    """Run jobs beside the test; a defect in one of them fails it."""
    tasks = [asyncio.ensure_future(job) for job in jobs]
    try:
        yield tasks
        for task in tasks:
            if task.done() and not task.cancelled():
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
def beside():
    return running


class Site:
    """A real server with the site's users, and clients of it."""

    def __init__(self, server, stack):
        self.server = server
        self._stack = stack

    @property
    def url(self):
        return self.server.url

    def password(self, user):
        return self.server.plan.passwords[user]

    def link(self, user="edge", **options):
        options = {"retry_s": RETRY_S, "password": self.password(user)} | options
        return NatsLink(self.url, user=user, inbox_prefix=inbox_prefix(user), **options)

    async def client(self, user):
        """Return a plain client; what the server refuses is in ``client.refused``."""
        refused = []

        async def note(error):
            refused.append(str(error))

        client = await nats.connect(
            self.url,
            user=user,
            password=self.password(user),
            inbox_prefix=inbox_prefix(user),
            error_cb=note,
            reconnect_time_wait=RETRY_S,
            max_reconnect_attempts=-1,
        )
        client.refused = refused
        self._stack.push_async_callback(client.close)
        return client

    async def make_streams(self):
        return await apply_streams(self.url, "admin", self.password("admin"))


@pytest.fixture
async def make_site(tmp_path):
    """A server that is started only when somebody asks for it."""
    async with AsyncExitStack() as stack:

        async def make(**options):
            plan = ServerPlan(
                "demo", ("edge1",), tmp_path / "nats", free_port(), free_port(), make_passwords(),
                **options,
            )  # fmt: skip
            server = NatsServer(plan)
            await server.start()
            stack.push_async_callback(server.stop)
            return Site(server, stack)

        yield make


@pytest.fixture
async def site(make_site):
    """A running server with no streams yet."""
    return await make_site()


class ModelBus:
    """The model, behind the operations that a conformance test needs."""

    kind = "model"

    def __init__(self):
        self.server = JetStreamModel()
        self.link = ModelLink(self.server)

    async def create(self, name, subject, *, max_msgs=None, window_s=120.0):
        limit = {} if max_msgs is None else {"max_msgs": max_msgs}
        self.server.add_stream(ModelStream(name, (subject,), window_s=window_s, **limit))

    async def delete(self, name):
        del self.server.streams[name]

    async def purge(self, name):
        self.server.streams[name].purge()

    async def subjects(self, name):
        return [message.subject for message in self.server.streams[name].messages]

    async def ids(self, name):
        return [message.headers["ce-id"] for message in self.server.streams[name].messages]

    async def restart(self):
        self.link.cut()
        self.link.connect()


class RealBus:
    """The real server, behind the same operations."""

    kind = "server"

    def __init__(self, site, admin):
        self.site = site
        self.link = site.link()
        self._admin = admin
        self._js = admin.jetstream()

    async def create(self, name, subject, *, max_msgs=None, window_s=120.0):
        await self._js.add_stream(
            StreamConfig(
                name=name, subjects=[subject], max_msgs=max_msgs, discard="new",
                duplicate_window=window_s,
            )
        )  # fmt: skip

    async def delete(self, name):
        await self._js.delete_stream(name)

    async def purge(self, name):
        await self._js.purge_stream(name)

    async def _messages(self, name):
        state = (await self._js.stream_info(name)).state
        numbers = range(max(state.first_seq, 1), state.last_seq + 1)
        return [await self._js.get_msg(name, number) for number in numbers]

    async def subjects(self, name):
        return [message.subject for message in await self._messages(name)]

    async def ids(self, name):
        return [message.headers["ce-id"] for message in await self._messages(name)]

    async def restart(self):
        await self.site.server.kill()
        await self.site.server.start()


@pytest.fixture(params=["model", "server"])
async def bus(request, until, make_site):
    """The model and the real server, one after the other."""
    if request.param == "model":
        yield ModelBus()
        return
    site = await make_site()
    real = RealBus(site, await site.client("admin"))
    async with running(real.link.run()):
        await until(lambda: real.link.connected)
        yield real


SUBJECTS = {
    "SLOT_PLAY": "slot.v1.*.*.game.>",
    "SLOT_MONEY": "slot.v1.*.*.bill.>",
    "SLOT_SIGNIFICANT": "slot.v1.*.*.door.>",
}


@pytest.fixture
def subjects():
    return SUBJECTS


@pytest.fixture
def model_with():
    """Make a model server with these streams."""

    def make(*streams, **limits):
        server = JetStreamModel()
        for name in streams:
            server.add_stream(ModelStream(name, (SUBJECTS[name],), **limits))
        return server

    return make


class Watched(ModelLink):
    """The model's link, which sees to it that the window and the assets are kept."""

    def __init__(self, server, **options):
        super().__init__(server, **options)
        self.window = WINDOW
        self.most_in_flight = 0
        self.sent = []
        self._of_asset = {}

    async def send(self, subject, body, headers, answered):
        asset = subject.rpartition(".")[2]
        assert asset not in self._of_asset.values(), f"two events of {asset} under way"
        self.sent.append(headers["Nats-Msg-Id"])

        def told(answer):
            del self._of_asset[ticket]
            answered(answer)

        ticket = await super().send(subject, body, headers, told)
        self._of_asset[ticket] = asset
        self.most_in_flight = max(self.most_in_flight, len(self._of_asset))
        return ticket

    def forget(self, ticket):
        super().forget(ticket)
        self._of_asset.pop(ticket, None)


@pytest.fixture
def watched():
    return Watched


@pytest.fixture
def story(in_virtual_time, beside):
    """Run a publisher over the model's link while ``tell`` goes on beside it."""

    def run(link, outbox, tell, **options):
        async def main():
            publisher = Publisher(link, outbox, outbox, **options)
            async with beside(publisher.run()) as tasks:
                await tell(publisher)
                assert not any(task.done() for task in tasks)
            return publisher

        return in_virtual_time(main())

    return run
