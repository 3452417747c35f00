"""The vendor portal: vendors, their seeds, their keys and the ledger."""
