"""Generated code; see protos/README.md."""
