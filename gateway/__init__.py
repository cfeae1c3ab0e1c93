"""The slot floor telemetry gateway."""
