"""gRPC servers, channels, deadlines, status details and breakers for Lucid services."""
