"""What a machine answers to each long poll and what each order does to it, by subject."""
