"""Loops of ours as machine code: compiled at installation, linked without the compiler.

Importing numba costs more than most answers take, and its cache wants a writable directory. So a
kernel is compiled once, by `lucid_native.compiling`, into a small object file
(`lucid_native.object_file`), and llvmlite alone links it into a process (`lucid_native.linking`).
"""
