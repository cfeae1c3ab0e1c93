"""Checks of one EGM, step by step: what was seen goes in, findings come out; pure.

Commissioning, the comms test, the absence test and the meter check; their reports and signatures.
"""
