"""Card readers: track 2, its check, and the frames of common serial readers."""
