"""The certified system beside the gateway: it polls the other SAS port and keeps its own books.

It is the simulator's alone: it may send control polls, and nothing of the gateway imports it.
"""
