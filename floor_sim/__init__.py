"""A simulated floor of EGMs that speak bytes; never imports the gateway."""
