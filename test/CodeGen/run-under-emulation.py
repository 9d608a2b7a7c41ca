# REQUIRES: numpy, aarch64-emulation
# RUN: %python %s %t
"""Runs random networks as AArch64 programs, emulated, which must agree with the
interpreter: integers in every bit, floats up to their rounding.

By hand: names of cases as further arguments restrict the networks to these, --seeds=N
tries more of them.
"""

import argparse
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
import numpy as np
from comparison import compare, run
from random_networks import CASES, make_network

# Not a multiple of any batch but 1 and 7.
SAMPLES = 7

PROCESSORS = [
    "cpu=cortex-a53",
    "cpu=cortex-a53 features=+dotprod",
    "cpu=neoverse-v1",
]

# Reads all inputs, calls the network, writes all outputs.
MAIN = """#include "network.h"
#include <stdio.h>
#include <stdlib.h>
static void *allocate(size_t size) {
  return aligned_alloc(NETWORK_ALIGNMENT, (size / NETWORK_ALIGNMENT + 1) * NETWORK_ALIGNMENT);
}
int main(void) {
  void *arrays[COUNT];
  size_t sizes[COUNT] = {SIZES};
  for (int i = 0; i < COUNT; ++i)
    arrays[i] = allocate(sizes[i]);
  for (int i = 0; i < INPUTS; ++i)
    if (fread(arrays[i], 1, sizes[i], stdin) != sizes[i])
      return 1;
#ifdef NETWORK_WORKSPACE_BYTES
  network(ARGUMENTS, allocate(NETWORK_WORKSPACE_BYTES));
#else
  network(ARGUMENTS);
#endif
  for (int i = INPUTS; i < COUNT; ++i)
    fwrite(arrays[i], 1, sizes[i], stdout);
  return 0;
}
"""


def sort_names(arrays):
    """arg2 before arg10."""
    return sorted(arrays, key=lambda name: int(re.search(r"\d+$", name).group()))


def write_main(path, inputs, outputs):
    with open(os.path.join(path, "network.h")) as file:
        takes_samples = "network(int64_t samples" in file.read()
    arrays = [*inputs, *outputs]
    arguments = [f"arrays[{i}]" for i in range(len(arrays))]
    if takes_samples:
        arguments.insert(0, str(SAMPLES))
    macros = {
        "COUNT": len(arrays),
        "INPUTS": len(inputs),
        "SIZES": ", ".join(str(array.nbytes) for array in arrays),
        "ARGUMENTS": ", ".join(arguments),
    }
    with open(os.path.join(path, "main.c"), "w") as file:
        file.writelines(f"#define {name} {value}\n" for name, value in macros.items())
        file.write(MAIN)


def emulate(path, inputs, expected):
    """The outputs of the program, with the shapes of the expected ones; or a problem."""
    process = subprocess.run(
        ["qemu-aarch64", "-cpu", "max", os.path.join(path, "network")],
        input=b"".join(array.tobytes() for array in inputs),
        capture_output=True,
    )
    if process.returncode != 0:
        return None, f"exited with {process.returncode}: {process.stderr.decode()[:300]}"
    data, outputs = process.stdout, {}
    for name in sort_names(expected):
        array = expected[name]
        values = np.frombuffer(data[: array.nbytes], array.dtype)
        outputs[name], data = values.reshape(array.shape), data[array.nbytes :]
    return outputs, None


def check(path, network, processor, dynamic):
    """What is wrong with a network as a program for `processor`, or None."""
    os.makedirs(path, exist_ok=True)

    def place(name):
        return os.path.join(path, name)

    with open(place("network.mlir"), "w") as file:
        file.write(str(network))
    # A call takes what a module of fixed size calls one sample.
    samples = network.samples(SAMPLES if dynamic else 1)
    np.savez(place("samples.npz"), **samples)
    interpret = ["ptq-run", place("network.mlir"), "--engine=interpreter"]
    batch = SAMPLES if dynamic else 1
    data = [f"--input={place('samples.npz')}", f"--output={place('expected.npz')}"]
    lowered = place("network.llvm.mlir")
    problem = run(*interpret, f"--batch={batch}", *data) or run(
        "ptq-opt", place("network.mlir"), f"--ptq-lower={processor}", "-o", lowered
    )
    for kind, file in ("object", "network.o"), ("c-header", "network.h"):
        emit = [f"--emit-{kind}", "--c-name=network", lowered, "-o", place(file)]
        problem = problem or run("ptq-translate", *emit)
    if problem:
        return problem
    inputs = [samples[name] for name in sort_names(samples)]
    expected = dict(np.load(place("expected.npz")))
    write_main(path, inputs, [expected[name] for name in sort_names(expected)])
    sources = [place("main.c"), place("network.o")]
    compiler = ["aarch64-linux-gnu-gcc", "-static"]
    problem = run(*compiler, *sources, "-lm", "-o", place("network"))
    if problem:
        return problem
    actual, problem = emulate(path, inputs, expected)
    return problem or compare(expected, actual)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("directory")
    parser.add_argument("cases", nargs="*")
    parser.add_argument("--seeds", type=int, default=1)
    options = parser.parse_args()
    names = options.cases or list(CASES)
    groups = [names[i::4] for i in range(4)] if len(names) > 4 else [names]
    failures = number = 0
    for seed in range(options.seeds):
        for group in groups:
            for processor in PROCESSORS:
                dynamic = number % 2 == 1
                number += 1
                path = os.path.join(options.directory, f"{number}")
                network = make_network([seed, number], group, dynamic)
                problem = check(path, network, processor, dynamic)
                if problem:
                    failures += 1
                    print(f"{group} {processor} seed {seed}\n{path}: {problem}\n")
    print(f"{number} networks, {failures} of them wrong")
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
