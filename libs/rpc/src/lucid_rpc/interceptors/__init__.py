"""What surrounds every call on the server, from the outside in.

Tracing, errors, deadline, admission, authorisation, decoding, field rules, and then the servicer.
"""
