"""The demonstration: every process under one parent, and the verdict."""
