"""``slotsim``: one row a command; a command's module is imported only when it is used."""

from __future__ import annotations

import importlib

import click

# name: (module, attribute, one line of help)
COMMANDS: dict[str, tuple[str, str, str]] = {
    "run":    ("floor_sim.cli.run",    "run",         "Run a simulated floor until it is stopped."),
    "replay": ("floor_sim.cli.replay", "replay",      "Play the machines of a capture."),
    "polls":  ("floor_sim.cli.polls",  "polls",       "What a machine does with each poll."),
    "scenario": ("floor_sim.cli.scenario", "scenario", "Play scenarios and get a verdict."),
    "list":   ("floor_sim.cli.list",   "list_floors", "List the floors that come with slotsim."),
    "do":     ("floor_sim.cli.do",     "do_at",       "Do something at a machine that runs."),
    "faults": ("floor_sim.cli.faults", "faults",      "What can go wrong; add and remove it."),
    "floor":  ("floor_sim.cli.floor",  "floor",       "Make floors of any size."),
    "day":    ("floor_sim.cli.day",    "day",         "Hours of a floor in virtual time."),
    "judge":  ("floor_sim.cli.judge",  "judge",       "Judge any host, rule by rule."),
    "host":   ("floor_sim.cli.host",   "host",        "Poll any EGM, and judge it rule by rule."),
    "export-site": ("floor_sim.cli.export_site", "export_site",
                    "The gateway's site file for a floor."),
    "extracts": ("floor_sim.cli.extracts", "extracts",
                 "What a certified system would have written."),
    "panel":   ("floor_sim.cli.panel",  "panel",      "Act on a floor that runs, on a screen."),
    "profile": ("floor_sim.cli.profile", "profile", "Kinds of machines: list, show, draft."),
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
    """Simulated floor of EGMs that speak SAS over ptys.

    Exit status: 0 done, 1 failed, 2 wrong usage or floor file.
    """


if __name__ == "__main__":
    main()
