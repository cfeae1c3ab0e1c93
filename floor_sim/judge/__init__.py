"""Judges whoever speaks on a SAS line, rule by rule: hosts (``slotsim judge``) and EGMs."""
