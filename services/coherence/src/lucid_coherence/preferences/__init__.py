"""A preference as a density matrix over seed features: ranked by the Born rule, updated by Lueders' rule."""
