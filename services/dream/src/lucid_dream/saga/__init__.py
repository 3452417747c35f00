"""The pure heart of the dream service: which step comes next, and why.

Nothing here waits, calls, stores, reads a clock or draws a number. Histories go in, decisions
come out; so a recorded history replays as a list, and every rule can be tested by itself.
"""
