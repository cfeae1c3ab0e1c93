"""What is said on wires: pure, no I/O, no clock, no logging."""
