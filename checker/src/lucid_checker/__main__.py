"""`python -m lucid_checker PROBLEM EVIDENCE`, or one bundle {"problem": …, "evidence": …}.

Exit status: 0 accepted, 1 refused, 2 unreadable.
"""

import json
import sys
from pathlib import Path

from lucid_checker.check import Report, check
from lucid_checker.document import read_object
from lucid_checker.limits import Refused


def _texts(paths: list[str]) -> tuple[str, str]:
    texts = [Path(path).read_text(encoding="utf-8") for path in paths]
    if len(texts) == 2:
        return texts[0], texts[1]
    bundle = read_object(texts[0], "bundle").fields(("problem", "evidence"))
    return json.dumps(bundle["problem"].value), json.dumps(bundle["evidence"].value)


def main(arguments: list[str]) -> int:
    """Print the report as one JSON object and return the exit status."""
    if len(arguments) not in (1, 2):
        sys.stderr.write("usage: python -m lucid_checker PROBLEM EVIDENCE | BUNDLE\n")
        return 2
    try:
        report = check(*_texts(arguments))
    except (OSError, UnicodeDecodeError) as error:
        report = Report(False, reasons=[f"{type(error).__name__}: not readable."], readable=False)
    except Refused as error:
        report = Report(False, reasons=[f"{error}."], readable=False)
    sys.stdout.write(json.dumps(vars(report), sort_keys=True) + "\n")
    if report.accepted:
        return 0
    return 1 if report.readable else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
