"""Replies to floor events: pure state machines, one set an EGM."""
