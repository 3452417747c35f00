"""Requests answered with numpy, one module a topic, each imported at its first use.

Everything here is synchronous and runs in a thread: numpy lets other threads run meanwhile.
"""
