"""Small changes of a problem or its evidence, and the check that what results is refused."""

import json
import re
from functools import reduce

from lucid_checker import check
from lucid_checker.derive import canonical_problem


def at(document, path):
    return reduce(lambda value, key: value[key], path, document)


def put(*path_and_value):
    *path, last, value = path_and_value

    def change(evidence, _problem):
        at(evidence, path)[last] = value

    return change


def drop(*path):
    def change(evidence, _problem):
        del at(evidence, path[:-1])[path[-1]]

    return change


def other(change):
    return lambda _evidence, problem: change(problem)


def of_problem(*path_and_value):
    """Change the problem and let the evidence claim its new hash: only the proofs are left."""
    *path, last, value = path_and_value

    def change(evidence, problem):
        at(problem, path)[last] = value
        evidence["problem_sha256"] = canonical_problem(problem)[1]

    return change


def assert_refused(pair, change, reason):
    problem, evidence = json.loads(pair[0]), json.loads(pair[1])
    change(evidence, problem)
    report = check(json.dumps(problem), json.dumps(evidence))
    assert not report.accepted
    assert report.readable
    assert report.obligations == {}
    assert not report.implies_safety
    assert report.probability_bound is None
    assert re.search(reason, report.reasons[0]), report.reasons
