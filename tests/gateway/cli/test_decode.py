"""``slotgw decode``: hex, files and captures, for people and for programs."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.cli.decode import PROBLEMS_MAX, decode
from protocols.sas.crc import with_crc
from protocols.sas.secrets import SECRET_SPANS

VECTORS = Path(__file__).parents[2] / "protocols/sas/vectors"
FRAMES, REPLIES, REQUESTS = (
    json.loads((VECTORS / f"{name}.json").read_text()) for name in ("frames", "replies", "requests")
)

CAPTURE = """\
sas-capture 1
line: L1
started: 2026-02-03T04:05:06.789012Z
ninth-bits: known

0.000000 host 81*
0.004312 egm 11
0.020105 host 01* 1A
0.023950 egm 01 1A 00 01
0.024950 egm 00 00 1F A6
0.040000 host 81*
0.045000 egm 00
"""


def run(*arguments, text=None):
    return CliRunner().invoke(decode, list(arguments), input=text)


def objects(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


def of(*arguments, text=None):
    result = run("--json", *arguments, text=text)
    assert result.exit_code == 0, result.output
    return objects(result)


@pytest.mark.parametrize("row", FRAMES, ids=lambda row: row["hex"][:24])
def test_every_frame_from_outside_is_one_object_with_its_crc(row):
    (found,) = of(row["hex"])
    assert found["crc_ok"] is row["crc_ok"]
    assert found.keys() >= {
        "direction", "address", "kind", "command", "name", "fields", "meaning", "errors",
    }  # fmt: skip
    if row["direction"] != "unknown" and row["crc_ok"]:
        assert found["direction"] == row["direction"]
    assert found["direction_guessed"] is True


def test_all_of_them_are_decoded_from_the_input_a_line_each():
    found = of("-", text="\n".join(row["hex"] for row in FRAMES))
    assert [item["crc_ok"] for item in found] == [row["crc_ok"] for row in FRAMES]


def test_a_message_is_told_with_all_that_is_known_of_it():
    (found,) = of("--from", "egm", "01 57 00 00 00 00 47 50 83 6D")
    assert found == {
        "hex": "0157000000004750836D",
        "direction": "egm",
        "direction_guessed": False,
        "direction_why": None,
        "address": 1,
        "kind": "answer",
        "command": "57",
        "name": "cash_out_waiting",
        "meaning": "EGM 1 answers poll 57 (the cash-out that waits for a validation number); "
                   "cash_out_type 00 (cashable), amount_cents 4750 cents (47.50)",
        "fields": [
            {"name": "cash_out_type", "value": "00", "unit": None, "meaning": "cashable"},
            {"name": "amount_cents", "value": 4750, "unit": "cents", "meaning": "47.50"},
        ],
        "crc_ok": True,
        "crc_found": "836D",
        "crc_expected": "836D",
        "wakeup": None,
        "concludes": "the EGM keeps it until it hears another poll (implied ACK); poll 57 again "
                     "would be an implied NACK, and it would send the same bytes again",
        "errors": [],
        "notes": [],
    }  # fmt: skip


def test_for_a_person_it_is_a_few_lines():
    result = run("01520008A8A6")
    assert result.exit_code == 0
    assert result.stdout == (
        "host? 01 52 00 08 A8 A6\n"
        "  long poll 52 game_meters: asks EGM 1: coin in, coin out, jackpot and games played of a "
        "game\n"
        "    game  8\n"
        "  CRC A8 A6, right\n"
        "  then: if EGM 1 answered poll 52 last, that did not arrive (implied NACK), and it sends "
        "the same again; whatever else it or another EGM said last has arrived (implied ACK)\n"
        "  who: host, guessed: it fits a host's poll 52, and no answer to one\n"
        "\n"
    )


def test_a_wrong_crc_is_told_with_the_right_one_and_is_no_failure():
    result = run("--from", "egm", "04C301E6")
    assert result.exit_code == 0
    assert "CRC 01 E6, wrong: F7 93 is expected" in result.stdout
    assert "wrong: the CRC does not fit" in result.stdout
    assert of("04C301E6")[0]["crc_ok"] is False


@pytest.mark.parametrize("text", ["81", "80", "00", "11", "0111", "0100"])
def test_what_has_no_crc_has_none_to_be_right_or_wrong(text):
    (found,) = of(text)
    assert (found["crc_ok"], found["crc_found"], found["errors"]) == (None, None, [])


def test_bytes_one_by_one_are_one_message_and_longer_ones_are_several():
    assert [item["hex"] for item in of("01", "1A")] == ["011A"]
    assert [item["hex"] for item in of("81", "011A")] == ["81", "011A"]
    assert [item["hex"] for item in of("81", "11", "80")] == ["81", "11", "80"]
    assert [item["hex"] for item in of("0x01,0x1A")] == ["011A"]


def test_ninth_bits_are_shown_where_they_are_known():
    assert of("01* 1A")[0]["wakeup"] == [True, False]
    assert of("01* 1A")[0]["direction_guessed"] is False
    assert run("01* 1A").stdout.startswith("host  01* 1A\n")


@pytest.mark.parametrize(
    ("arguments", "text", "words"),
    [
        (["zz"], None, "'zz' is not hex, and there is no file of that name"),
        (["011"], None, "odd number of hex digits"),
        (["0111", "xx"], None, "'xx' is not hex\n"),
        (["x" * 5000], None, "is not hex"),
        (["-"], "81\nhello\n82\n", "the input, line 2: 'hello' is not hex"),
        (["/no/such/file"], None, "'/no/such/file' is not hex, and there is no file"),
    ],
)
def test_what_is_not_hex_is_one_clear_line_and_exit_status_2(arguments, text, words):
    result = run(*arguments, text=text)
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("slotgw decode: ")
    assert words in result.stderr


def test_after_a_bad_line_the_next_are_decoded():
    result = run("--json", "-", text="81\nhello\n# a comment\n\n82  # another\n")
    assert [item["hex"] for item in objects(result)] == ["81", "82"]


def test_a_capture_is_told_with_times_and_what_follows(tmp_path):
    path = tmp_path / "L1.capture"
    path.write_text(CAPTURE)
    found = of(str(path))
    assert [(item["at_s"], item["line"], item["hex"]) for item in found] == [
        (0.0, "L1", "81"), (0.004312, "L1", "11"), (0.020105, "L1", "011A"),
        (0.02395, "L1", "011A000100001FA6"), (0.04, "L1", "81"), (0.045, "L1", "00"),
    ]  # fmt: skip
    assert [item["crc_ok"] for item in found] == [None, None, None, True, None, None]
    assert not any(item["errors"] or item["direction_guessed"] for item in found)
    assert "its report (slot door opened) arrived (implied ACK)" in found[2]["concludes"]
    assert "its answer to poll 1A arrived (implied ACK)" in found[4]["concludes"]
    told = run(str(path)).stdout
    assert told.startswith("line L1, started 2026-02-03T04:05:06.789012+00:00, ninth bits known\n")
    assert "0.004312  EGM   11\n  exception 11 slot_door_opened: EGM 1 reports" in told


def test_a_capture_may_come_from_the_input_and_have_bad_lines():
    text = "\n# first\n" + CAPTURE.replace("sas-capture", "SAS-CAPTURE").replace(
        "0.023950 egm", "0.023950 guest"
    )
    result = run("--json", "-", text=text)
    assert result.exit_code == 2
    assert "the input, line 11: host, egm or unknown must follow the time" in result.stderr
    assert len(objects(result)) == 6


def test_who_spoke_in_a_capture_that_does_not_tell_may_be_given():
    text = "sas-capture 1\nline: L1\n0 unknown 81\n1 unknown 11\n"
    assert [item["direction"] for item in of("-", text=text)] == ["host", "host"]
    assert of("-", text=text)[0]["direction_why"].startswith("guessed from the order")
    assert [item["direction"] for item in of("--from", "egm", "-", text=text)] == ["egm", "egm"]


def test_another_kind_of_file_is_given_up_soon(tmp_path):
    path = tmp_path / "noise"
    path.write_bytes(bytes(range(256)) * 200)
    result = run(str(path))
    assert result.exit_code == 2
    assert result.stderr.count("\n") == PROBLEMS_MAX + 1
    assert "given up" in result.stderr
    assert result.stderr.replace("\n", "").isprintable()


def test_a_folder_is_no_file(tmp_path):
    result = run(str(tmp_path))
    assert result.exit_code == 2
    assert "Is a directory" in result.stderr


def secrets_of(row, layouts):
    wire = bytes.fromhex(row["wire"])
    span = SECRET_SPANS.get(wire[1])
    if span is None or (layouts == "answer" and wire[1] == 0x72):
        return None
    secret = wire[span.start : min(span.stop, len(wire) - 2)]
    return secret if len(set(secret)) > 1 else None


@pytest.mark.parametrize(
    ("row", "side"),
    [
        *((row, "egm") for row in REPLIES if secrets_of(row, "answer")),
        *((row, "host") for row in REQUESTS if secrets_of(row, "request")),
    ],
    ids=lambda item: item if isinstance(item, str) else item["name"],
)
def test_a_secret_is_not_printed_even_to_one_who_typed_it(row, side):
    wire = bytes.fromhex(row["wire"])
    secret = secrets_of(row, "answer" if side == "egm" else "request")
    shown = (
        run("--from", side, wire.hex()).stdout + run("--json", "--from", side, wire.hex()).stdout
    )
    assert secret.hex() not in shown.lower().replace(" ", "")
    assert wire[-2:].hex(" ") not in shown.lower()
    assert "**" in shown


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(min_size=1, max_size=80), st.sampled_from(["host", "egm", "auto"]))
def test_any_bytes_are_decoded_without_an_exception(data, side):
    for frame in (data, with_crc(data)):
        for arguments in ([frame.hex()], ["--json", frame.hex()]):
            result = run("--from", side, *arguments)
            assert result.exception is None or isinstance(result.exception, SystemExit)
            assert (result.exit_code, result.stderr) == (0, "")
