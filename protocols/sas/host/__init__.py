"""The host's side of a line: whom to poll, when, and what an answer means for the link."""
