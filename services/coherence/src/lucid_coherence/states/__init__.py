"""States of finite quantum systems as batches of density matrices: check, project, measure.

The one idea to hold: a batch is one `(count, d, d)` complex128 array, every operation acts on the
whole batch, and the answer to each state is a value or the check that it fails with its size.
Pure mathematics: no clock, no chance, no input or output.
"""
