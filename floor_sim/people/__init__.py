"""Who walks about on the floor: guests who play, staff who mend, and what goes wrong by itself."""
