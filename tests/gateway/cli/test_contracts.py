"""``slotgw contracts`` as an integrator and a maker of releases type it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli.contracts import contracts


@pytest.fixture
def command():
    def run(*arguments):
        return CliRunner().invoke(contracts, [str(argument) for argument in arguments])

    return run


@pytest.fixture
def exported(command, tmp_path):
    done = command("export", tmp_path / "contract")
    assert done.exit_code == 0, done.output
    return tmp_path / "contract"


def test_export_writes_schemas_examples_pages_and_the_document(exported):
    for name in ("schemas/door.opened.v1.json", "examples/door.opened.v1.json", "asyncapi.json",
                 "pages/door.opened.v1.md", "pages/index.md", "catalogue.json",
                 "schemas/sms.card.in.v1.json", "schemas/envelope.event.json"):  # fmt: skip
        assert (exported / name).stat().st_size > 100


def test_a_catalogue_breaks_nothing_against_itself(command, exported):
    done = command("check", exported)
    assert (done.exit_code, "nothing breaks" in done.output) == (0, True)


def test_a_field_that_readers_knew_and_that_is_gone_is_one_line_and_status_1(command, exported):
    path = exported / "catalogue.json"
    old = json.loads(path.read_text())
    old["types"]["door.opened.v1"]["schema"]["properties"]["handle"] = {"type": "string"}
    path.write_text(json.dumps(old))
    done = command("check", exported)
    assert done.exit_code == 1
    assert done.stdout.splitlines() == ["door.opened.v1: handle: removed"]
    kept = path.read_bytes()
    refused = command("release", path)
    assert (refused.exit_code, path.read_bytes()) == (1, kept)


def test_release_writes_a_snapshot_that_check_takes(command, tmp_path):
    path = tmp_path / "released.json"
    assert command("release", path).exit_code == 0
    assert command("check", path).exit_code == 0


def test_a_folder_without_a_catalogue_is_status_2(command, tmp_path):
    done = command("check", tmp_path)
    assert (done.exit_code, str(Path("catalogue.json")) in done.output) == (2, True)
