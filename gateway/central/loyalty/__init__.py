"""Loyalty: points for carded coin in, credited once for each carded session."""
