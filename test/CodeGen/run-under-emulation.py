# REQUIRES: numpy, aarch64-emulation
# RUN: %python %s %t
"""Runs random networks as AArch64 programs, emulated, which must agree with the
interpreter: integers in every bit, floats up to their rounding.

By hand: --help.
"""

import functools
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
from comparison import run
from programs import check, get_variant
from trials import get_parser, run_trials

PROCESSORS = [
    "cpu=cortex-a53",
    "cpu=cortex-a53 features=+dotprod",
    "cpu=neoverse-v1",
]


def execute(path, inputs):
    main, network, program = (os.path.join(path, n) for n in ("main.c", "network.o", "network"))
    compile = ["aarch64-linux-gnu-gcc", "-static", main, network, "-lm", "-o", program]
    problem = run(*compile)
    if problem:
        return None, problem
    emulator = ["qemu-aarch64", "-cpu", "max", program]
    process = subprocess.run(emulator, input=inputs, capture_output=True)
    if process.returncode != 0:
        return None, f"exited with {process.returncode}: {process.stderr.decode()[:300]}"
    return process.stdout, None


if __name__ == "__main__":
    trial = functools.partial(check, code=("object", "network.o"), execute=execute)
    variant = functools.partial(get_variant, PROCESSORS)
    sys.exit(run_trials(get_parser().parse_args(), len(PROCESSORS), variant, trial))
