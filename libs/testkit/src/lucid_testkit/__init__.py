"""Servers, ports, clocks, faults, traces and strategies for tests."""
