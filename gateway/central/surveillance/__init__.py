"""Surveillance: security events with place, cameras and the stretch of video to keep."""
