"""Prints `N passed, N failed` for the results that lit wrote with --output.

    summarize-tests.py RESULTS.json

The status is 0 if some tests passed and none failed. Whatever is neither a
success nor left out on purpose counts as failed.
"""

import collections
import json
import sys

PASSED = {"PASS", "FLAKYPASS", "XFAIL"}
LEFT_OUT = {"UNSUPPORTED", "SKIPPED", "EXCLUDED"}


def main():
    with open(sys.argv[1]) as file:
        tests = json.load(file)["tests"]
    codes = collections.Counter(test["code"] for test in tests)
    passed = sum(codes[code] for code in PASSED)
    left_out = sum(codes[code] for code in LEFT_OUT)
    failed = len(tests) - passed - left_out
    if left_out:
        print(f"{left_out} unsupported on this machine")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
