"""``slotsim panel``: a terminal screen to act on a floor that runs by hand."""
