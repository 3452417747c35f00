"""Counts, durations and service levels as plain data; no clock, no socket."""
