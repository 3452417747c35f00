"""Runs a consenting user's session as a durable saga, from consent to settlement."""
