"""Inbound: what the SMS and the player system send, checked, kept and answered."""
