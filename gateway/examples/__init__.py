"""Complete consumers to begin from: in Python here, in JavaScript beside it."""
