"""Random networks as programs of their own, for processors that are emulated."""

import os
import re

import numpy as np
from comparison import compare, run
from trials import SAMPLES, Variant

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


def get_variant(processors, number, seed):
    """Every processor in turn, every other network of fixed size."""
    turn, index = divmod(number, len(processors))
    dynamic = (turn + index + seed) % 2 == 1
    # A call takes what a module of fixed size calls one sample.
    return Variant(processors[index], dynamic, SAMPLES if dynamic else 1)


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


def split(data, expected):
    """What a program wrote, with the shapes of the expected outputs."""
    outputs = {}
    for name in sort_names(expected):
        array = expected[name]
        values = np.frombuffer(data[: array.nbytes], array.dtype)
        outputs[name], data = values.reshape(array.shape), data[array.nbytes :]
    return outputs


def check(path, network, variant, code, execute):
    """What is wrong with a network as a program, or None.

    `code` is the kind of code that ptq-translate emits, and the name of its file.
    `execute(path, inputs)` makes a program of that and main.c in folder `path`; it
    returns what the program writes and what is wrong with it, one of them None."""
    os.makedirs(path, exist_ok=True)

    def place(name):
        return os.path.join(path, name)

    with open(place("network.mlir"), "w") as file:
        file.write(str(network))
    samples = network.samples(variant.batch)
    np.savez(place("samples.npz"), **samples)
    interpret = ["ptq-run", place("network.mlir"), "--engine=interpreter"]
    data = [f"--input={place('samples.npz')}", f"--output={place('expected.npz')}"]
    lowered = place("network.llvm.mlir")
    lower = ["ptq-opt", place("network.mlir"), f"--ptq-lower={variant.processor}"]
    problem = run(*interpret, f"--batch={variant.batch}", *data) or run(*lower, "-o", lowered)
    for kind, file in code, ("c-header", "network.h"):
        emit = [f"--emit-{kind}", "--c-name=network", lowered, "-o", place(file)]
        problem = problem or run("ptq-translate", *emit)
    if problem:
        return problem
    inputs = [samples[name] for name in sort_names(samples)]
    expected = dict(np.load(place("expected.npz")))
    write_main(path, inputs, [expected[name] for name in sort_names(expected)])
    written, problem = execute(path, b"".join(array.tobytes() for array in inputs))
    size = sum(array.nbytes for array in expected.values())
    if not problem and len(written) != size:
        problem = f"{len(written)} bytes instead of {size}"
    return problem or compare(expected, split(written, expected))
