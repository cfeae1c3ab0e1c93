"""A simulated floor for other people's tests: in memory on a clock of its own, or over ptys."""
