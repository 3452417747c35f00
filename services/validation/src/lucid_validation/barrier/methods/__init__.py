"""Methods that decide one case: each returns evidence, or None for "not by me"."""
