"""``python -m floor_sim`` is ``slotsim``."""

from floor_sim.cli.main import main

main(prog_name="slotsim")
