"""The mesh's shared cache: two tiers, leases, tags and a stream of invalidations.

The one idea: a fault of the cache is a miss, never an error and never a wrong value.
"""
