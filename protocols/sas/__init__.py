"""SAS 6.02 / 6.03, both sides of the wire."""
