"""``python -m gateway`` is ``slotgw``."""

from gateway.cli.main import main

main(prog_name="slotgw")
