"""Stores of the services: SQLite by default, PostgreSQL by URL, with the same promises on both.

The one idea: a fact, the answer that was given for it and the event that tells others are written
in one transaction, or not at all. Each module is imported on its own; this file imports nothing.
"""
