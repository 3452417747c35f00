"""Quantum error correction: codes, decoders, noise, sampling and what may be concluded from it.

Stim simulates and PyMatching matches; this package checks what they are given, packs bits the same
way everywhere (row r, bit i in byte i // 8, least significant first) and counts honestly.
"""
