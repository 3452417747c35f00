"""Many small matrices at once, one in each lane of a vector: loops that are compiled ahead of time.

LAPACK spends most of its time on a 4x4 matrix in calls and branches. Here the innermost loop runs
over `LANES` matrices, so that every operation is a vector operation. The loops follow the rules of
compiled kernels: flat arrays that the caller owns, nothing allocated, nothing raised.
"""
