"""The index: every event of the last thirty days, found by machine, place, code or type."""
