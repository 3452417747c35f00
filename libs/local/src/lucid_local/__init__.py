"""Runs the whole mesh on one machine: one process for each service, embedded stores, one folder.

The idea to hold: the supervisor knows processes, ports and files, and nothing of what the services
do. It talks to them only as an operator would: by signals and by `grpc.health.v1`.
"""
