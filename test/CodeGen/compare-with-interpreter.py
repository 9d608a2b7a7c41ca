# REQUIRES: numpy, openmp, x86_64-host
# RUN: %python %s %t
"""Runs random networks as machine code and by the interpreter, which must agree.

Integers agree in every bit, floats up to their rounding. Some of the networks use
threads wherever they can. By hand: --help.
"""

import functools
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
import numpy as np
from comparison import compare, run
from processors import get_processors
from trials import SAMPLES, Variant, get_parser, run_trials


def check(prefix, network, variant):
    """What is wrong with a network as machine code, or None."""
    source = prefix + ".mlir"
    with open(source, "w") as file:
        file.write(str(network))
    np.savez(prefix + ".npz", **network.samples(SAMPLES))
    common = ["--input=" + prefix + ".npz", f"--batch={variant.batch}"]
    compiled = prefix + ".llvm.mlir"
    outputs = [prefix + ".expected.npz", prefix + ".actual.npz"]
    problem = (
        run("ptq-run", source, "--engine=interpreter", "--output=" + outputs[0], *common)
        or run("ptq-opt", source, f"--ptq-lower={variant.processor}", "-o", compiled)
        or run("ptq-run", compiled, "--engine=jit", "--output=" + outputs[1], *common)
    )
    if problem:
        return problem
    return compare(*(dict(np.load(path)) for path in outputs))


def get_variant(processors, number, seed):
    """Neighbouring networks differ in everything."""
    processor = processors[(number + seed) % len(processors)]
    if number % 3 == 0:
        processor += " threads=3 thread-cost=0"
    dynamic = number % 2 == 1
    return Variant(processor, dynamic, (1, 3, 7)[number // 2 % 3] if dynamic else 1)


if __name__ == "__main__":
    variant = functools.partial(get_variant, get_processors())
    sys.exit(run_trials(get_parser().parse_args(), 2, variant, check))
