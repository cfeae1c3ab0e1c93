"""The rows of the catalogue, a module for families that belong together."""
