"""What the daemon tells people: the models on the status socket."""
