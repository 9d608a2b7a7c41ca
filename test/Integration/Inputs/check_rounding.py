"""Optimizes the rounding of a network's weights and checks what ptq promises of it.

    check_rounding.py MODEL.onnx --data FOLDER --work FOLDER --calibrate OPTIONS
                      [--accuracy PERCENT --agreement PERCENT --sqnr DB | --nll NLL]
                      [--left N] [--measure]

OPTIONS are those of --ptq-calibrate besides the data; they ask for a rounding.
Checked are

  layers       every weight was optimized, but for LEFT (tables of embeddings), and
               no layer's error is larger than that of rounding to nearest
  engines      the compiled code gives what the interpreter gives, within 1e-5 of
               the largest output (static int8: 1e-2, a code may flip)
  accuracy     top-1, agreement with the float network and SQNR on the evaluation
               data, or the loss of the first 150 windows, are at least as good
               as expected

--measure prints one line of figures and the time that optimization took.
"""

import argparse
import json
import re
import sys
import time

import numpy as np

from checker import run
from check_network import NetworkChecker

REMARK = re.compile(
    r"'([^']+)' rounded by (\w+): error (\S+), to nearest (\S+); (\S+)% of the weights"
)
WINDOWS = 150


def optimize(source, calibrate, output):
    """Quantizes `source`; returns the remarks and the seconds that it took."""
    flags = [calibrate, "--remarks-filter=ptq-optimize-rounding", "--emit-bytecode"]
    start = time.perf_counter()
    result = run("ptq-opt", source, *flags, "-o", output)
    return result.stderr, time.perf_counter() - start


def check_layers(checker, remarks):
    layers = REMARK.findall(remarks)
    checker.expect(len(layers) > 0, f"layers: {len(layers)} optimized")
    left = remarks.count("cannot be optimized")
    checker.expect(left == checker.arguments.left, f"layers: {left} left to nearest")
    worse = [name for name, _, error, nearest, _ in layers if float(error) > float(nearest)]
    checker.expect(not worse, f"layers: worse than nearest: {worse}")


def evaluate(checker, module, engine, *options):
    """The figures of a module on evaluation data, and its output."""
    text, outputs = checker.execute(module, engine, "--json", *options)
    (result,) = outputs.values()
    return json.loads(text), result


def check_engines(checker, quantized, result, options):
    count = min(16, len(result))
    _, expected = evaluate(checker, quantized, "interpreter", f"--samples={count}", *options)
    largest = np.abs(expected).max()
    limit = 1e-5 if "weight-only" in checker.arguments.calibrate else 1e-2
    error = np.abs(result[:count] - expected).max() / largest
    checker.expect(error <= limit, f"engines: differ by {error:.1e}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    for name in ("--data", "--work", "--calibrate"):
        parser.add_argument(name, required=True)
    for name in ("--accuracy", "--agreement", "--sqnr", "--nll"):
        parser.add_argument(name, type=float)
    parser.add_argument("--left", type=int, default=0)
    parser.add_argument("--measure", action="store_true")
    arguments = parser.parse_args()
    checker = NetworkChecker(arguments)

    imported = checker.path("float.mlirbc")
    checker.run("ptq-translate", "--import-onnx", arguments.model, "-o", imported)
    calibrate = f"--ptq-calibrate=data={checker.data('calibration.npz')} {arguments.calibrate}"
    quantized = checker.path("quantized.mlirbc")
    remarks, seconds = optimize(imported, calibrate, quantized)
    code, _ = checker.compile(quantized, ["--ptq-lower"], "quantized.llvm.mlirbc")
    check_layers(checker, remarks)

    if arguments.nll is not None:
        figures, result = evaluate(
            checker, code, "jit", "--tokens", "input_ids", f"--samples={WINDOWS}"
        )
        wanted = [("nll", 1, -1, arguments.nll)]
    else:
        floats, _ = checker.compile(imported, ["--ptq-lower"], "float.llvm.mlirbc")
        figures, result = evaluate(
            checker, code, "jit", "--labels", "labels", "--reference", floats
        )
        wanted = [
            ("accuracy", 100, 1, arguments.accuracy),
            ("agreement", 100, 1, arguments.agreement),
            ("sqnr_db", 1, 1, arguments.sqnr),
        ]
    for key, scale, sign, target in wanted:
        value = scale * figures[key]
        checker.expect(
            target is None or sign * value >= sign * target - 1e-6,
            f"accuracy: {key} {value:.4f}, expected {target}",
        )
    check_engines(checker, quantized, result, [])
    if arguments.measure:
        values = " ".join(f"{key} {scale * figures[key]:.4f}" for key, scale, _, _ in wanted)
        print(f"{arguments.calibrate}: {values}, {seconds:.1f} s with the process")
    sys.exit(checker.failures != 0)


if __name__ == "__main__":
    main()
