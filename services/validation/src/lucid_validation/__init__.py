"""Decides barrier certificates with evidence that can be checked independently."""
