"""``slotgw``: one row a command; a command's module is imported only when it is used."""

from __future__ import annotations

import importlib

import click

# name: (module, attribute, one line of help)
COMMANDS: dict[str, tuple[str, str, str]] = {
    "run":         ("gateway.cli.run", "run", "Poll the lines of a site and publish its events."),
    "check":       ("gateway.cli.check", "check", "Say what is wrong with a site file."),
    "outbox":      ("gateway.cli.outbox", "outbox", "Look into the outbox, prove it, replay."),
    "console":     ("gateway.cli.console", "console", "The technicians' console."),
    "say":         ("gateway.cli.say", "say", "Tell the gateway what no wire tells."),
    "report":      ("gateway.cli.report", "report", "Are signed reports as they were signed?"),
    "tail":        ("gateway.cli.tail", "tail", "The floor's events as they come."),
    "ask":         ("gateway.cli.ask", "ask", "What is the floor like now?"),
    "find":        ("gateway.cli.find", "find", "Events of thirty days, by machine or code."),
    "central":     ("gateway.cli.central", "central", "Dispatch, loyalty, surveillance."),
    "demo":        ("gateway.cli.demo", "demo", "A simulated bank, end to end, under one parent."),
    "capture":     ("gateway.cli.capture", "capture", "Write what is on a line into a file."),
    "decode":      ("gateway.cli.decode", "decode", "Say what SAS messages or a capture mean."),
    "ports":       ("gateway.cli.ports", "ports", "The serial ports of this computer."),
    "port-test":   ("gateway.cli.port_test", "port_test", "Is a serial port fit for SAS?"),
    "contracts":   ("gateway.cli.contracts", "contracts", "Schemas, AsyncAPI, pages; what breaks."),
    "metrics":     ("gateway.cli.metrics", "metrics", "Every figure served for Prometheus."),
    "nats-config": ("gateway.cli.nats_config", "nats_config", "Users, permissions and streams."),
}  # fmt: skip


class LazyGroup(click.Group):
    """A group whose commands are imported when they are first asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the commands, in the table's order."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command called ``cmd_name``, or None."""
        del ctx
        row = COMMANDS.get(cmd_name)
        if row is None:
            return None
        command = getattr(importlib.import_module(row[0]), row[1])
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands without importing any of them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, row[2]) for name, row in COMMANDS.items()])


@click.group(cls=LazyGroup)
@click.version_option(package_name="slot-floor-gateway")
def main() -> None:
    """Slot floor telemetry gateway: SAS lines to durable events on NATS.

    Exit status: 0 done, 1 failed, 2 wrong usage or configuration.
    """
