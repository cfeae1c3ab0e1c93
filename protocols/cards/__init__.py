"""Player cards: what a reader beside the machine says. SAS itself carries no card."""
