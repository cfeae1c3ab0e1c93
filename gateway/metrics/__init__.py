"""Prometheus metrics: read from counters that are kept anyway, only when somebody asks."""
