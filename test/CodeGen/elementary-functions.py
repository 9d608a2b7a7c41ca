# REQUIRES: numpy
# RUN: %python %s %t
"""Elementary functions are as exact as they say, and the same everywhere.

The interpreter is measured against numpy and the C library in f64, on numbers from
all of f32; machine code, for every processor that this machine can stand for, must
give its bits. --stride=N takes every Nth f32 instead of every 4099th.
"""

import argparse
import math
import os
import subprocess
import sys

import numpy as np

f32 = np.float32

# The function in f64 and the largest error in units in the last place.
FUNCTIONS = {
    "erf": (np.vectorize(math.erf, otypes=[np.float64]), 1.5),
    "exp": (np.exp, 1.0),
    "exp2": (np.exp2, 1.0),
    "expm1": (np.expm1, 2.0),
    "log": (np.log, 1.0),
    "log1p": (np.log1p, 2.0),
    "rsqrt": (lambda x: 1 / np.sqrt(x), 1.5),
    "tanh": (np.tanh, 1.5),
}

# Rows that are no multiple of a vector, and single elements.
ROWS = (1021, 1)

MODULE = """
func.func @forward(%x: tensor<?x{row}x{type}>) -> ({types}) attributes {{ptq.entry}} {{
{body}
  return {values} : {types}
}}
"""


def make_module(row, element):
    tensor = f"tensor<?x{row}x{element}>"
    body = [f"  %{name} = math.{name} %x : {tensor}" for name in FUNCTIONS]
    values = ", ".join("%" + name for name in FUNCTIONS)
    return MODULE.format(
        row=row, type=element, types=", ".join([tensor] * len(FUNCTIONS)), body="\n".join(body), values=values
    )


def get_sample(stride):
    """Numbers of every exponent, a line of usual ones, and special ones."""
    everywhere = np.arange(0, 2**32, stride, dtype=np.uint64).astype(np.uint32)
    usual = np.linspace(-105, 90, 200001, dtype=f32)
    # Where functions end, and where one way to compute them becomes another.
    edges = [0, 1, 0.625, 4, 10, 18, 88.72284, 87.33655, 103.97208, 104, 126, 128, 149, 150]
    edges += [2.0**-126, 2.0**-149, 2.0**-24, 0.5**0.5, 2.0**0.5, math.log(2) / 2, np.inf]
    bits = np.array(edges, f32).view(np.uint32).astype(np.int64)
    near = np.clip(bits[:, None] + np.arange(-8, 9), 0, 0x7F800000).astype(np.uint32).ravel()
    nans = np.array([0x7F800001, 0x7FC00000, 0x7FFFFFFF, 0x7FC12345], np.uint32)
    special = np.concatenate([near, nans])
    special = np.concatenate([special, special | np.uint32(0x80000000)])
    return special.view(f32), np.concatenate([everywhere.view(f32), usual, special.view(f32)])


def in_rows(values, row):
    count = -(-len(values) // row)
    return np.resize(values, (count, row))


def run(*command):
    process = subprocess.run(command, capture_output=True, text=True)
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{process.stderr}")


def get_processors():
    """Descriptions of processors that this machine can stand for."""
    processors = ["cpu=host"]
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo") as file:
            flags = file.read().split()
        if "sse2" in flags:
            processors.append("cpu=x86-64")
        if "avx2" in flags and "fma" in flags:
            processors.append("cpu=x86-64-v3")
        if "avx512vl" in flags:
            processors.append("cpu=x86-64-v4")
    return processors


def measure(x, actual, exact):
    """The error of each result in units in the last place of `exact` as f32."""
    with np.errstate(all="ignore"):
        exponent = np.maximum(np.frexp(exact)[1] - 24, -149)
        error = np.abs(actual.astype(np.float64) - exact) / np.ldexp(1.0, exponent)
        rounded = exact.astype(f32)
    # What is too large for f32 is infinite, but next to the border either will do.
    border = np.isinf(actual) & (np.abs(exact) > np.finfo(f32).max) & (np.sign(actual) == np.sign(exact))
    same = (rounded == actual) & (np.signbit(rounded) == np.signbit(actual))
    error[same | border] = np.minimum(error, 0.5)[same | border]
    error[np.isinf(exact) & same] = 0
    error[np.isnan(exact)] = np.where(np.isnan(actual), 0, np.inf)[np.isnan(exact)]
    return np.where(np.isnan(error), np.inf, error)


def check_errors(x, results):
    wrong = False
    for name, (function, bound) in FUNCTIONS.items():
        with np.errstate(all="ignore"):
            error = measure(x, results[name], function(x.astype(np.float64)))
        worst = np.argmax(error)
        print(f"{name:6} {error[worst]:.3f} ulp at {x[worst]!r}, of {len(x)} numbers")
        if error[worst] > bound:
            wrong = True
            print(f"  more than {bound}: {results[name][worst]!r}")
    return not wrong


def check_special(x, results):
    nans, zeros = np.isnan(x), x == 0
    problems = []
    for name, result in results.items():
        bits = result.view(np.uint32)
        # What sqrt makes of a NaN that signals depends on the processor.
        if name != "rsqrt" and np.any(bits[nans] != x[nans].view(np.uint32)):
            problems.append(f"{name}: a NaN becomes another one")
        if name in ("erf", "expm1", "log1p", "tanh") and np.any(bits[zeros] != x[zeros].view(np.uint32)):
            problems.append(f"{name}: a zero does not become itself")
        if name in ("erf", "tanh") and np.nanmax(np.abs(result)) != 1:
            problems.append(f"{name}: beyond 1")
        if name in ("exp", "exp2") and np.any(result[zeros] != 1):
            problems.append(f"{name}: not 1 at 0")
    print("\n".join(problems), end="")
    return not problems


def check_bits(name, expected, actual):
    bits = np.uint32 if expected.dtype == f32 else np.uint16
    different = expected.view(bits) != actual.view(bits)
    if different.any():
        first = np.argmax(different)
        print(f"{name}: {different.sum()} differ, first {actual[first]!r} instead of {expected[first]!r}")
    return not different.any()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("directory")
    parser.add_argument("--stride", type=int, default=4099)
    options = parser.parse_args()
    os.makedirs(options.directory, exist_ok=True)
    special, sample = get_sample(options.stride)
    right = True
    for element, dtype in (("f32", f32), ("f16", np.float16)):
        for row in ROWS:
            x = sample if row > 1 else special
            if dtype == np.float16:
                x = np.arange(2**16, dtype=np.uint16).view(dtype)
                x = x[~np.isnan(x)]
            x = in_rows(x, row)
            prefix = os.path.join(options.directory, f"{element}-{row}")
            with open(prefix + ".mlir", "w") as file:
                file.write(make_module(row, element))
            np.savez(prefix + ".npz", x=x)

            def evaluate(path, engine):
                output = prefix + ".out.npz"
                run("ptq-run", path, f"--engine={engine}", "--batch=64", f"--input={prefix}.npz", f"--output={output}")
                results = np.load(output)
                return {name: results[f"result{i}"].ravel() for i, name in enumerate(FUNCTIONS)}

            expected = evaluate(prefix + ".mlir", "interpreter")
            if dtype == f32:
                right &= check_errors(x.ravel(), expected)
                right &= check_special(x.ravel(), expected)
            for processor in get_processors():
                compiled = prefix + ".llvm.mlir"
                run("ptq-opt", prefix + ".mlir", f"--ptq-lower={processor}", "-o", compiled)
                actual = evaluate(compiled, "jit")
                for name in FUNCTIONS:
                    right &= check_bits(f"{name} {element} {processor}", expected[name], actual[name])
    return not right


if __name__ == "__main__":
    sys.exit(main())
