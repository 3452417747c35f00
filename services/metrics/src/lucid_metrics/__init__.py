"""The read model of the mesh: what the services report, and what it means.

The one idea: no data is *unknown*, never 0 and never 100. Nobody waits for this service; it holds a
bounded picture in memory and counts what it had to leave out.
"""
