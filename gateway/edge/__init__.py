"""The edge daemon: ports, lines, schedule, supervision, status."""
