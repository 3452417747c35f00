"""The main job on real input, from problems to a finished session, with every step checked.

Each act talks to the running mesh as a user would and says on the terminal what it sees. A step
that does not hold is shown in red and makes the whole story fail.
"""
