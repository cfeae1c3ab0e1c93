"""The floor's events as they come: filtered, from a moment on, and over a server that goes."""

import asyncio

import pytest
from click.testing import CliRunner

from gateway.bus.tail import Wanted, tail
from gateway.central.derived import derive
from gateway.cli.tail import tail as command
from gateway.contracts.entries import DERIVED
from gateway.events.catalogue import CATALOGUE
from gateway.events.derived import decode_derived
from gateway.events.encode import Place, Stamp, encode
from gateway.events.envelope import decode
from gateway.events.fact import Fact
from gateway.events.moment import Moment

SITE = "edge_config/sites/demo_floor.toml"
SUBJECTS = {"SLOT_SIGNIFICANT": ("slot.v1.demo.>",)}


def event(number, name="door.opened", asset="10101", bank="01", location="01-01-01", **more):
    place = Place("demo", "edge1", "US-NV", bank=bank, location=location, line="L1", address=1)
    fact = Fact(name, asset, CATALOGUE[name].example, Moment(0.0, 10**18 + number), **more)
    return encode(fact, place, Stamp("edge1", "b1", number, number), "2026-01-01")


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        ({}, True),
        ({"families": ("door",)}, True),
        ({"families": ("bill", "lamp")}, False),
        ({"asset": "10101"}, True),
        ({"asset": "10102"}, False),
        ({"bank": "01", "location": "01-01-01"}, True),
        ({"bank": "02"}, False),
        ({"location": "01-01-02"}, False),
        ({"severity": "warning"}, True),
        ({"severity": "critical"}, False),
    ],
    ids=str,
)
def test_a_filter_holds_for_all_that_it_names(wanted, fits):
    told = decode(event(1).body)
    assert told.severity == "warning"
    assert Wanted(**wanted).fits(told) is fits


async def test_no_event_is_left_out_over_a_server_that_is_killed(site, beside, until):
    await site.make_streams()
    link, seen, said = site.link("console"), [], []

    async def read():
        async for one in tail(link, SUBJECTS, Wanted(), "2020-01-01T00:00:00Z", said.append):
            seen.append(one.sequence)  # noqa: PERF401 - as they come

    async def publish(*numbers):
        js = (await site.client("edge")).jetstream()
        for number in numbers:
            made = event(number)
            await js.publish(made.subject, made.body)

    async with beside(link.run(), read()):
        await publish(1, 2)
        await until(lambda: seen == [1, 2])
        await site.server.kill()
        await site.server.start()
        await publish(3, 4)
        await until(lambda: seen == [1, 2, 3, 4], 40)


async def test_it_begins_now_unless_a_moment_is_given(site, beside, until):
    await site.make_streams()
    js = (await site.client("edge")).jetstream()
    await js.publish(event(1).subject, event(1).body)
    link, seen = site.link("console"), []

    async def read():
        async for one in tail(link, SUBJECTS, Wanted(), None, print):
            seen.append(one.sequence)  # noqa: PERF401 - as they come

    async with beside(link.run(), read()):
        number = 1
        while not seen:
            number += 1
            await js.publish(event(number).subject, event(number).body)
            await asyncio.sleep(0.02)
        assert 1 not in seen


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--family", "dor"], "is none of"),
        (["--family", "card"], "card is for consumer only; you are console"),
        (["--severity", "loud"], "loud"),
        (["--family", "loyalty"], "loyalty is for consumer only; you are console"),
        (["--family", "nobody"], "dispatch, inbound, loyalty, surveillance"),
    ],
)
def test_what_cannot_be_asked_for_is_said_before_anything_is_connected(options, words):
    done = CliRunner().invoke(command, [SITE, *options])
    assert (done.exit_code, words in done.output) == (2, True)


async def test_people_get_lines_and_programs_whole_events(site, tmp_path):
    await site.make_streams()
    js = (await site.client("edge")).jetstream()
    await js.publish(event(1).subject, event(1).body)
    password = tmp_path / "console.password"
    password.write_text(site.password("console"))
    common = [SITE, "--nats-url", site.url, "--password-file", str(password), "--minutes", "60",
              "--count", "1"]  # fmt: skip
    line = await asyncio.to_thread(CliRunner().invoke, command, common)
    assert line.output.split(maxsplit=3)[1:] == ["warning", "01-01-01", "slot door opened\n"]
    whole = await asyncio.to_thread(CliRunner().invoke, command, [*common, "--json"])
    assert decode(whole.output.encode()).id == event(1).id


CALL, POINTS = (next(row for row in DERIVED if row.name == name)
                for name in ("dispatch.callopened", "loyalty.pointscredited"))  # fmt: skip


@pytest.fixture
async def derived(site):
    """A server with an event, the call that followed from it, and points."""
    await site.make_streams()
    made = event(1)
    await (await site.client("edge")).jetstream().publish(made.subject, made.body)
    js = (await site.client("consumer")).jetstream()
    for number, row in enumerate((CALL, POINTS)):
        key = str(row.example[row.key])
        one = derive(row, decode(made.body), key, number, dict(row.example))
        await js.publish(one.subject, one.body)
    return site


async def lines(site, tmp_path, user, *options):
    password = tmp_path / f"{user}.password"
    password.write_text(site.password(user))
    common = [SITE, "--nats-url", site.url, "--password-file", str(password), "--user", user,
              *options]  # fmt: skip
    done = await asyncio.to_thread(CliRunner().invoke, command, common)
    assert done.exit_code == 0, done.output
    return done.output.splitlines()


LONG_AGO = ("--minutes", "525600")


async def test_what_consumers_derive_is_told_beside_the_events(derived, tmp_path):
    told = await lines(derived, tmp_path, "console", *LONG_AGO, "--derived", "--count", "2")
    words = " ".join(told)
    assert "slot door opened" in words
    assert "dispatch.callopened:" in words


async def test_one_service_can_be_asked_for_alone(derived, tmp_path):
    (told,) = await lines(
        derived, tmp_path, "console", *LONG_AGO, "--family", "dispatch", "--count", "1", "--json"
    )
    assert decode_derived(told.encode()).name == "dispatch.callopened"


async def test_points_are_told_to_a_consumer(derived, tmp_path):
    (told,) = await lines(
        derived, tmp_path, "consumer", *LONG_AGO, "--family", "loyalty", "--count", "1"
    )
    assert "loyalty.pointscredited: 12 points for 12.50 USD" in told


async def test_a_console_hears_no_points_under_any_filter(derived, beside, until):
    link, seen, said = derived.link("console"), [], []
    subjects = {"FLOOR": ("floor.v1.demo.loyalty.>", "floor.v1.demo.dispatch.>")}

    async def read():
        async for one in tail(link, subjects, Wanted(), "2020-01-01T00:00:00Z", said.append):
            seen.append(one.name)  # noqa: PERF401 - as they come

    async with beside(link.run(), read()):
        await until(lambda: seen and said, 40)
        assert seen == ["dispatch.callopened"]
