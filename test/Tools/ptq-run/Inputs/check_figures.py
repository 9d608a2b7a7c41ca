"""Compares the figures of a report with those that numpy computes.

check_figures.py REPORT.json RESULTS.npz REFERENCE.npz INPUTS.npz
"""

import json
import sys

import numpy as np


def load(path):
    with np.load(path) as arrays:
        return {name: arrays[name] for name in arrays.files}


def sqnr(reference, result):
    return 10 * np.log10((reference**2).sum() / ((reference - result) ** 2).sum())


with open(sys.argv[1]) as file:
    report = json.load(file)
(result,), (reference,) = (
    [array.astype(np.float64) for array in load(path).values()] for path in sys.argv[2:4]
)
labels = load(sys.argv[4])["labels"]
expected = {
    "accuracy": np.mean(result.argmax(1) == labels),
    "agreement": np.mean(result.argmax(1) == reference.argmax(1)),
    "sqnr_db": sqnr(reference, result),
    "sqnr_db_median": np.median([sqnr(*pair) for pair in zip(reference, result)]),
    "samples": len(result),
}
assert report.keys() == expected.keys(), report
for key, value in expected.items():
    assert np.isclose(report[key], value, rtol=1e-12), (key, report[key], value)
