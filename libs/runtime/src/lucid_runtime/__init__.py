"""Settings, clocks, shutdown, identifiers, addresses and failpoints of a Lucid process."""
