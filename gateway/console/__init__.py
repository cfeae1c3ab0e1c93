"""The technicians' console."""
