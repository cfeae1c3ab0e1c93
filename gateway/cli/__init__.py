"""The command line, slotgw."""
