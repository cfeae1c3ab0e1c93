"""Scenarios with a verdict: what happens on the floor, and what must be seen of it by when."""
