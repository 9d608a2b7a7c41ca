# REQUIRES: numpy
# RUN: %python %s %S/no-pairs-left.mlir %t
"""Propagation changes where values are quantized, and not one bit of what comes out.

Each network of the file is quantized and run twice by the interpreter on random
inputs: as it is, and after ptq-propagate-qdq. The outputs must be equal.
"""

import os
import re
import subprocess
import sys

import numpy as np

SAMPLES = 5


def run(*command):
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(" ".join(command) + "\n" + result.stderr[:4000])


def make_inputs(function, generator):
    """Inputs for SAMPLES calls, some of them far beyond the calibrated range."""
    inputs = {}
    for number, dims in enumerate(re.findall(r"%\w+: tensor<([\dx]+)xf32>", function)):
        shape = [SAMPLES, *(int(dim) for dim in dims.split("x"))]
        inputs[f"arg{number}"] = generator.normal(0, 2, shape).astype(np.float32)
    return inputs


def evaluate(network, inputs, target):
    """The outputs of a network by the interpreter."""
    engine = "--engine=interpreter"
    run("ptq-run", network, engine, "--input", inputs, "--output", target)
    with np.load(target) as arrays:
        return {name: arrays[name] for name in arrays.files}


def main():
    source, work = sys.argv[1:]
    os.makedirs(work, exist_ok=True)
    with open(source) as file:
        networks = file.read().split("// -----")
    generator = np.random.default_rng(0)
    failures = 0
    for network in networks:
        name, arguments = re.search(r"func\.func @(\w+)\((.*?)\) ->", network).groups()
        paths = {
            form: os.path.join(work, f"{name}.{form}.mlir")
            for form in ("float", "qdq", "propagated")
        }
        with open(paths["float"], "w") as file:
            file.write(network)
        data = "--ptq-calibrate=data=random samples=4"
        run("ptq-opt", paths["float"], data, "-o", paths["qdq"])
        run("ptq-opt", paths["qdq"], "--ptq-propagate-qdq", "-o", paths["propagated"])
        inputs = os.path.join(work, "inputs.npz")
        np.savez(inputs, **make_inputs(arguments, generator))
        expected, actual = (
            evaluate(paths[form], inputs, os.path.join(work, form + ".npz"))
            for form in ("qdq", "propagated")
        )
        same = expected.keys() == actual.keys() and all(
            np.array_equal(expected[key], actual[key]) for key in expected
        )
        if not same:
            print(f"FAILED  {name}: propagation changes what comes out")
            failures += 1
    print(f"{len(networks)} networks, {failures} differ")
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
