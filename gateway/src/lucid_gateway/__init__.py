"""The HTTP edge: REST, server-sent events and pages over the gRPC services."""
