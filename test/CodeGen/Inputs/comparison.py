"""Runs tools, and compares the outputs of two engines."""

import subprocess

import numpy as np

# Relative to the largest output, or to 1 if that is less.
TOLERANCE = 1e-5


def run(*command):
    """The messages of a command that failed, or None."""
    process = subprocess.run(command, capture_output=True, text=True)
    if process.returncode == 0:
        return None
    lines = [line[:300] for line in process.stderr.splitlines()[:20]]
    return "\n".join([" ".join(command), f"exited with {process.returncode}", *lines])


def compare(expected, actual):
    """What is wrong with `actual`, or None."""
    if sorted(expected) != sorted(actual):
        return f"outputs {sorted(actual)} instead of {sorted(expected)}"
    for name in expected:
        a, b = expected[name], actual[name]
        if a.shape != b.shape or a.dtype != b.dtype:
            return f"{name} is {b.dtype}{b.shape} instead of {a.dtype}{a.shape}"
        if a.dtype.kind != "f":
            wrong = a != b
        else:
            scale = max(1, np.max(np.abs(a), initial=0, where=np.isfinite(a)))
            with np.errstate(invalid="ignore"):
                near = np.abs(a - b) <= TOLERANCE * scale
            wrong = ~(near | (a == b) | (np.isnan(a) & np.isnan(b)))
        if wrong.any():
            first = np.argwhere(wrong)[0].tolist()
            return (
                f"{name}: {wrong.sum()} of {a.size} differ, first at {first}: "
                f"{b[tuple(first)]} instead of {a[tuple(first)]}"
            )
    return None
