"""The `lucid` command: starts the mesh, asks it, and shows what it answers."""
