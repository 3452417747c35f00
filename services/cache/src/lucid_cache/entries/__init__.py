"""What a cache is, without a clock, a socket or a disk: entries, leases, tags and their order."""
