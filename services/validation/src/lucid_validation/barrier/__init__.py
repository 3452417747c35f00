"""Decides barrier certificates: the pure domain.

Entry points: `problem.parse_problem` (JSON object to frozen `Problem`), `decide.decide_problem`
(`Problem` to `Decision` with evidence), `portfolio.explain` (the plan without running it).
Nothing here reads clocks, files, randomness or the network: they arrive as arguments.
"""
