"""Search for barrier certificates of polynomial systems: guess by numbers, prove exactly.

A learner proposes coefficients, the engine decides the rounded candidate, and what refutes it goes
back to the learner [SolarLezama2008]. Only the engine, with the independent checker, says PROVED.
"""
