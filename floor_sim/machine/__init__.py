"""One EGM: what it remembers, what can happen to it, and how its SAS ports answer a host."""
