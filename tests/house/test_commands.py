"""Every command explains itself, with an example."""

import click
import pytest
from click.testing import CliRunner

from floor_sim.cli.main import main as slotsim
from gateway.cli.main import main as slotgw


def commands(command, words):
    """Yield (words on the command line, command) for ``command`` and all below it."""
    yield words, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from commands(command.get_command(context, name), [*words, name])


ALL = [*commands(slotgw, ["slotgw"]), *commands(slotsim, ["slotsim"])]


@pytest.mark.parametrize(("words", "command"), ALL, ids=[" ".join(words) for words, _ in ALL])
def test_a_command_has_help_with_an_example(words, command):
    root = slotgw if words[0] == "slotgw" else slotsim
    result = CliRunner().invoke(root, [*words[1:], "--help"], prog_name=words[0])
    assert result.exit_code == 0, result.output
    assert f"Usage: {' '.join(words)}" in result.output
    if not isinstance(command, click.Group):
        assert f"Example: {' '.join(words)} " in " ".join(result.output.split()) + " "


@pytest.mark.parametrize(("words", "command"), ALL, ids=[" ".join(words) for words, _ in ALL])
def test_every_option_of_a_command_has_help(words, command):
    silent = [
        param.name
        for param in command.params
        if isinstance(param, click.Option) and not param.help and not param.hidden
    ]
    assert silent == []


@pytest.mark.parametrize("words", [["slotgw"], ["slotsim"]], ids=" ".join)
def test_wrong_usage_is_exit_status_2(words):
    root = slotgw if words == ["slotgw"] else slotsim
    result = CliRunner().invoke(root, ["no-such-command"])
    assert result.exit_code == 2
