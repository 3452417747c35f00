"""The rules of the vendor portal, as plain functions of plain data.

The one idea to hold: a seed reaches nobody unless a proof exists for exactly the version that is
published. Every state change is a function `old -> new` that refuses with a sentence, so the same
rules hold in the server, in the background work and in a replayed history.
"""
