"""Formats of other tools and texts for people: pure functions from text to text, no I/O.

Problems come in from KeYmaera X archives (`kyx_problem`), SMT-LIB 2 (`smt_reader`) and JSON
(`documents`); they go out to the same (`kyx_writer`, `smt_writer`) and, with their evidence, to
people (`summary`, `latex`).
"""
