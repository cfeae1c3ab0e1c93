"""Dispatch: one call for each handpay, tilt or lamp, ended by the machine's own reset."""
