# REQUIRES: numpy, x86_64-host
# RUN: %python %s %t
"""Runs random networks as machine code and by the interpreter, which must agree.

Integers agree in every bit, floats up to their rounding. By hand: names of cases as
further arguments restrict the networks to these, --seeds=N tries more of them.
"""

import argparse
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
import numpy as np
from processors import get_processors
from random_networks import CASES, make_network

# Relative to the largest output, or to 1 if that is less.
TOLERANCE = 1e-5
# Not a multiple of any batch but 1 and 7.
SAMPLES = 7


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


def check(prefix, network, processor, batch):
    """What is wrong with a network as code for `processor`, or None."""
    source = prefix + ".mlir"
    with open(source, "w") as file:
        file.write(str(network))
    np.savez(prefix + ".npz", **network.samples(SAMPLES))
    common = ["--input=" + prefix + ".npz", f"--batch={batch}"]
    compiled = prefix + ".llvm.mlir"
    outputs = [prefix + ".expected.npz", prefix + ".actual.npz"]
    problem = (
        run("ptq-run", source, "--engine=interpreter", "--output=" + outputs[0], *common)
        or run("ptq-opt", source, f"--ptq-lower={processor}", "-o", compiled)
        or run("ptq-run", compiled, "--engine=jit", "--output=" + outputs[1], *common)
    )
    if problem:
        return problem
    return compare(*(dict(np.load(path)) for path in outputs))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("directory")
    parser.add_argument("cases", nargs="*")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--single", action="store_true", help="one case in a network")
    options = parser.parse_args()
    os.makedirs(options.directory, exist_ok=True)
    names = options.cases or list(CASES)
    groups = [names[i::4] for i in range(4)] if len(names) > 4 else [names]
    if options.single:
        groups = [[name] for name in names]
    processors = get_processors()
    failures = number = 0
    for seed in range(options.first, options.first + options.seeds):
        for group in groups:
            for dynamic in (False, True):
                # Neighbouring networks differ in everything.
                processor = processors[(number + seed) % len(processors)]
                batch = (1, 3, 7)[number // 2 % 3] if dynamic else 1
                number += 1
                prefix = os.path.join(options.directory, f"{number}")
                network = make_network([seed, number], group, dynamic)
                problem = check(prefix, network, processor, batch)
                if problem:
                    failures += 1
                    print(f"{group} {processor} batch {batch} seed {seed}\n{prefix}: {problem}\n")
    print(f"{number} networks, {failures} of them wrong")
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
