"""The command line, slotsim."""
