# REQUIRES: numpy, openmp, x86_64-host
# RUN: %python %s %t
"""Runs random networks as machine code and by the interpreter, which must agree.

Integers agree in every bit, floats up to their rounding. Some of the networks use
threads wherever they can. By hand: names of cases as further arguments restrict the
networks to these, --seeds=N tries more of them.
"""

import argparse
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
import numpy as np
from comparison import compare, run
from processors import get_processors
from random_networks import CASES, make_network

# Not a multiple of any batch but 1 and 7.
SAMPLES = 7


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
                if number % 3 == 0:
                    processor += " threads=3 thread-cost=0"
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
