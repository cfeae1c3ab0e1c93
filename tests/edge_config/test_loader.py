"""Wrong site files, and what an operator reads about them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_config.loader import FILE_BYTES_MAX, ConfigError, load_toml, parse_toml
from edge_config.site import Site

GOOD = """
[site]
id = "demo"
name = "Demo"
jurisdiction = "US-NV"
time_zone = "America/Los_Angeles"
currency = "USD"

[gateway]
id = "edge1"
run_folder = "run"

[nats]
password_file = "edge.password"

[[lines]]
name = "L1"
port = "lines/L1"
transport = "pty"

[[lines]]
name = "L2"
port = "lines/L2"
transport = "pty"

[[egms]]
asset = "10101"
line = "L1"
address = 1
location = "01-01-01"
denomination = "0.01"

[[egms]]
asset = "10201"
line = "L2"
address = 1
location = "01-02-01"
"""


def report(text):
    with pytest.raises(ConfigError) as caught:
        parse_toml(text, Site, "site.toml")
    return caught.value


def only_problem(text):
    problems = report(text).problems
    assert len(problems) == 1, [str(problem) for problem in problems]
    return problems[0]


def changed(old, new, count=1):
    assert old in GOOD
    return GOOD.replace(old, new, count)


def test_a_right_file_is_read():
    site = parse_toml(GOOD, Site, "site.toml")
    assert [egm.asset for egm in site.egms_on("L2")] == ["10201"]
    assert site.line("L2").ninth_bit_by == "none"


# what is changed, to what, and what the report says: key, found, expected, hint
MISTAKES = [
    ('currency = "USD"', "", "site.currency", "nothing", "a value", "ISO 4217"),
    ('currency = "USD"', 'currency = "usd"', "site.currency", "'usd'", "three capital", "ISO"),
    ('currency = "USD"', 'curency = "USD"\ncurrency = "USD"',
     "site.curency", "an unknown key", "currency", "did you mean 'currency'?"),
    ("[gateway]", "[gatevay]\n[gateway]", "gatevay", "an unknown key", "gateway", "'gateway'"),
    ('id = "demo"', 'id = "de mo"', "site.id", "'de mo'", "letters, digits, _ or -", "casino"),
    ("Los_Angeles", "Los_Angelos", "site.time_zone", "Angelos", "America/Los_Angeles", ""),
    ("[gateway]", 'gaming_day_starts = "4am"\n[gateway]',
     "site.gaming_day_starts", "'4am'", '"04:00"', "gaming day starts"),
    ("address = 1", "address = 128", "egms[0].address", "128", "127 or less", "1 to 127"),
    ("address = 1", 'address = "1"',
     "egms[0].address", "'1'", "a whole number", "write 1 without the quotes"),
    ("address = 1", "address = true", "egms[0].address", "true", "a whole number", "SAS address"),
    ("address = 1", "address = 1.5", "egms[0].address", "1.5", "a whole number", "SAS address"),
    ('denomination = "0.01"', "denomination = 0.01",
     "egms[0].denomination", "0.01", "in quotes", 'for example "0.01"'),
    ('denomination = "0.01"', 'denomination = "-1"',
     "egms[0].denomination", "'-1'", "more than 0", "one credit"),
    ('denomination = "0.01"', 'denomination = "nan"',
     "egms[0].denomination", "'nan'", "a decimal number", "one credit"),
    ('name = "L1"', 'name = "L1"\npoll_interval_s = 0.01',
     "lines[0].poll_interval_s", "0.01", "0.04 or more", "two polls"),
    ('name = "L1"', 'name = "L1"\nallow = "own-line"',
     "lines[0].allow", "'own-line'", "'own_line'", "did you mean 'own_line'?"),
    ('name = "L1"', 'name = "L1"\nninth_bit = "parity"',
     "lines[0].ninth_bit", "'parity' on a pty", "'none'", "the kernel drops it"),
    ('transport = "pty"', 'ninth_bit = "parmrk"',
     "lines[0].ninth_bit", "'parmrk' on a serial port", "'none'", "its own escapes"),
    ('port = "lines/L1"\ntransport = "pty"',
     'port = "127.0.0.1:7401/1"\ntransport = "bridge"\nninth_bit = "unknown"',
     "lines[0].ninth_bit", "'unknown' on a bridge", "'auto'", "with every byte"),
    ('port = "lines/L1"\ntransport = "pty"', 'port = "lines/L1"\ntransport = "bridge"',
     "lines[0].port", "'lines/L1'", "host:port/line", "tunnel"),
    ('port = "lines/L1"\ntransport = "pty"', 'port = "10.0.0.9:7401/1"\ntransport = "bridge"',
     "lines[0].port", "'10.0.0.9:7401/1'", "of this computer", "tunnel"),
    ('port = "lines/L1"\ntransport = "pty"',
     ('port = "localhost:7401/1"\ntransport = "bridge"\n[[lines]]\nname = "L3"\n'
      'transport = "bridge"\nport = "tcp://127.0.0.1:7401/1"'),
     "lines[1].port", "'tcp://127.0.0.1:7401/1' again", "of its own", "lines[0].port"),
    ('port = "lines/L1"', 'port = "lines/L1"\nport_egm = "lines/L1.egm"',
     "lines[0].port_egm", "on a line that this gateway polls", 'mode = "listen"', "by itself"),
    ('port = "lines/L1"', 'port = "lines/L1"\nmode = "listen"\nport_egm = "lines/L1"',
     "lines[0].port_egm", "'lines/L1' again", "of its own", "lines[0].port"),
    ('port = "lines/L1"\ntransport = "pty"',
     'port = "127.0.0.1:7401/1"\ntransport = "bridge"\nmode = "listen"',
     "lines[0].mode", "'listen' on a bridge", "'host'", "no receive wire"),
    ('line = "L2"', 'line = "L3"',
     "egms[1].line", "'L3'", "a line of this file", "its lines are L1, L2"),
    ('line = "L2"', 'line = "L1"',
     "egms[1].address", "1 again on line 'L1'", "an address of its own", "egms[0]"),
    ('asset = "10201"', 'asset = "10101"',
     "egms[1].asset", "'10101' again", "of its own", "egms[0]"),
    ('name = "L2"', 'name = "L2"\n[[lines]]\nname = "L2"',
     "lines[2].name", "'L2' again", "of its own", "lines[1]"),
    ("lines/L2", "lines//L1", "lines[1].port", "'lines//L1' again", "of its own", "lines[0]"),
    ('line = "L2"', 'line = "L2"\ncard_reader = "lines/L1"',
     "egms[1].card_reader", "'lines/L1' again", "a port of its own", "lines[0].port"),
    ('password_file = "edge.password"', "",
     "nats", "neither", "one of password_file and password_env", "edge.password"),
    ("[nats]", '[nats]\npassword_env = "P"', "nats", "password_file and password_env", "one", ""),
    ("[nats]", '[nats]\npassword = "hunter2"',
     "nats.password", "an unknown key", "password_file", "did you mean 'password_"),
    ("[nats]", '[nats]\nurl = "http://x"', "nats.url", "'http://x'", "nats://127", "Address"),
]  # fmt: skip


@pytest.mark.parametrize("row", MISTAKES, ids=lambda row: row[1][:30])
def test_each_mistake_is_told_with_key_found_expected_and_hint(row):
    old, new, key, found, expected, hint = row
    (problem,) = [each for each in report(changed(old, new)).problems if each.key == key]
    assert found in problem.found
    assert expected in problem.expected
    assert hint in problem.hint


def test_unknown_and_none_are_two_words_for_no_ninth_bit_on_a_real_port():
    for word in ("unknown", "none"):
        text = changed('transport = "pty"', f'ninth_bit = "{word}"')
        line = parse_toml(text, Site, "site.toml").line("L1")
        assert (line.transport, line.ninth_bit, line.ninth_bit_by) == ("serial", "none", "none")


def test_a_bridge_carries_the_ninth_bit_and_a_real_port_makes_it_by_parity():
    text = changed('port = "lines/L1"\ntransport = "pty"', 'port = "/dev/ttyS1"')
    text = text.replace('port = "lines/L2"\ntransport = "pty"',
                        'port = "tcp://localhost:7401/2"\ntransport = "bridge"')  # fmt: skip
    site = parse_toml(text, Site, "site.toml")
    assert [line.ninth_bit_by for line in site.lines] == ["parity", "symbols"]


def test_thirty_three_egms_do_not_go_on_one_line():
    rows = "".join(
        f'[[egms]]\nasset = "2{n:04}"\nline = "L1"\naddress = {n + 2}\nlocation = "x"\n'
        for n in range(32)
    )
    problem = only_problem(GOOD + rows)
    assert (problem.key, problem.found, problem.expected) == (
        "lines[0]", "33 EGMs on line 'L1'", "at most 32",
    )  # fmt: skip


def test_many_mistakes_of_every_sort_stand_in_one_report():
    text = GOOD.replace('id = "demo"', 'id = "a b"').replace('name = "L1"', 'nane = "L1"')
    text = text.replace("address = 1", "address = 0", 1).replace('line = "L2"', 'line = "L9"')
    text = text.replace('asset = "10201"', 'asset = "10101"')
    keys = {problem.key for problem in report(text).problems}
    assert keys == {
        "site.id", "lines[0].nane", "lines[0].name", "egms[0].line", "egms[0].address",
        "egms[1].line", "egms[1].asset",
    }  # fmt: skip


def test_the_report_has_one_line_a_problem_in_the_files_order():
    text = changed("address = 1", "address = 0", 2).replace('id = "demo"', 'id = ""')
    error = report(text)
    lines = str(error).splitlines()
    assert len(lines) == len(error.problems) == 3
    assert lines[0].startswith("site.toml:3: site.id: found '', expected 1 to 64 letters")
    number = text.splitlines().index("address = 0") + 1
    assert lines[1].startswith(f"site.toml:{number}: egms[0].address: found 0, expected 1 or more;")


def test_a_password_in_an_address_or_under_its_own_key_is_not_shown():
    text = changed("[nats]", '[nats]\nurl = "nats://edge:hunter2@h:1"\npassword = "hunter3"')
    shown = str(report(text))
    assert "hunter" not in shown
    assert "'nats://...@h:1'" in shown


def test_a_long_or_many_lined_value_stays_on_one_bounded_line():
    text = changed('id = "demo"', f'id = """{"a b" * 10_000}\n\u2028x"""')
    assert len(str(report(text)).splitlines()) == 1
    assert len(str(report(text))) < 300


def test_a_report_of_very_many_mistakes_is_cut_and_says_so():
    text = GOOD + "".join(f"k{n} = 1\n" for n in range(500))
    lines = str(report(text)).splitlines()
    assert len(lines) == 201
    assert lines[-1] == "site.toml: and 300 more"


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (None, "no such file"),
        (b"[site", "at end of document"),
        (b"\na = = 1", "site.toml:2: found Invalid value, expected TOML"),
        (b"a = [" + b"[" * 100_000, "nested too deep"),
        (b"a = " + b"9" * 10_000, "digits"),
        (b"\nname = '\xff'", "site.toml:2: found the byte FFh, expected UTF-8 text"),
        (b"#" * (FILE_BYTES_MAX + 1), f"at most {FILE_BYTES_MAX} bytes"),
        (b"", "site: found nothing"),
        (b"egms = []", "egms: found an empty list, expected at least one"),
    ],
    ids=lambda item: str(item)[:20],
)
def test_a_file_that_is_no_site_file_at_all_is_told_in_words(tmp_path, raw, words):
    path = tmp_path / "site.toml"
    if raw is not None:
        path.write_bytes(raw)
    with pytest.raises(ConfigError) as caught:
        load_toml(path, Site)
    assert words in str(caught.value)


def test_a_folder_is_no_site_file(tmp_path):
    with pytest.raises(ConfigError, match="Is a directory"):
        load_toml(tmp_path, Site)


def test_a_path_with_a_nul_is_no_site_file():
    with pytest.raises(ConfigError, match="null"):
        load_toml("a\0b", Site)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "line", "asset", "port", "x"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


def as_toml(value):
    match value:
        case None:
            return "1979-05-27T07:32:00Z"
        case bool():
            return str(value).lower()
        case dict():
            return "{" + ", ".join(f"{key} = {as_toml(item)}" for key, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(as_toml, value)) + "]"
        case str():
            return '"' + "".join(f"\\U{ord(char):08X}" for char in value) + '"'
    return str(value)


def gives_a_site_or_a_report(text):
    try:
        site, lines = parse_toml(text, Site, "x.toml"), []
    except ConfigError as error:
        site, lines = None, str(error).splitlines()
    assert isinstance(site, Site) or lines
    assert all(line.startswith("x.toml") for line in lines)


@given(st.text(max_size=200))
def test_any_text_gives_a_site_or_a_report(text):
    gives_a_site_or_a_report(text)


KEYS = sorted({line.split(" = ")[0] for line in GOOD.splitlines() if " = " in line})


@given(st.sampled_from(KEYS), VALUES)
def test_any_value_under_any_key_gives_a_site_or_a_report(key, value):
    lines = [f"{key} = {as_toml(value)}" if line.startswith(f"{key} =") else line
             for line in GOOD.splitlines()]  # fmt: skip
    gives_a_site_or_a_report("\n".join(lines))


@given(st.dictionaries(st.sampled_from(["site", "nats", "lines", "egms", "privacy"]), VALUES))
def test_any_tables_give_a_site_or_a_report(tables):
    gives_a_site_or_a_report("\n".join(f"{key} = {as_toml(val)}" for key, val in tables.items()))


def test_the_demo_floors_site_file_is_right():
    root = Path(__file__).parents[2]
    site = load_toml(root / "edge_config/sites/demo_floor.toml", Site)
    assert len(site.egms) == 24
    assert [len(site.egms_on(line.name)) for line in site.lines] == [4] * 6
