# REQUIRES: numpy
# RUN: %python %s %t
"""Functions of one byte become tables, which hold what the functions give.

Every code goes through each function: the integer form, interpreted and
compiled, gives the bits of the QDQ form, and numpy in f64 the same code but next
to a tie.
"""

import math
import os
import subprocess
import sys

import numpy as np

f32 = np.float32
SCALE, ZERO = f32(0.0625), -7
OUT_SCALE, OUT_ZERO = f32(0.015), 4
erf = np.vectorize(math.erf)

# Name: body from %x to %r, and the function in numpy.
FUNCTIONS = {
    "sigmoid": (
        "%n = arith.negf %x : f32\n%e = math.exp %n : f32\n"
        "%d = arith.addf %e, %one : f32\n%r = arith.divf %one, %d : f32",
        lambda x: 1 / (1 + np.exp(-x)),
    ),
    "tanh": ("%r = math.tanh %x : f32", np.tanh),
    "gelu": (
        "%c = arith.constant 0.70710678 : f32\n%h = arith.constant 0.5 : f32\n"
        "%s = arith.mulf %x, %c : f32\n%e = math.erf %s : f32\n"
        "%p = arith.addf %e, %one : f32\n%q = arith.mulf %x, %h : f32\n"
        "%r = arith.mulf %q, %p : f32",
        lambda x: 0.5 * x * (1 + erf(x * 0.70710678)),
    ),
    "hardswish": (
        "%c = arith.constant 0.16666667 : f32\n%h = arith.constant 0.5 : f32\n"
        "%s = arith.mulf %x, %c : f32\n%t = arith.addf %s, %h : f32\n"
        "%l = arith.maximumf %t, %zero : f32\n%g = arith.minimumf %l, %one : f32\n"
        "%r = arith.mulf %x, %g : f32",
        lambda x: x * np.clip(x * 0.16666667 + 0.5, 0, 1),
    ),
    "leaky": (
        "%c = arith.constant 0.1 : f32\n%s = arith.mulf %x, %c : f32\n"
        "%g = arith.cmpf oge, %x, %zero : f32\n%r = arith.select %g, %x, %s : f32",
        lambda x: np.where(x >= 0, x, x * 0.1),
    ),
    "exp": ("%r = math.exp %x : f32", np.exp),
    # NaN for half of the codes, and infinity.
    "log": ("%r = math.log %x : f32", np.log),
}

MODULE = """
#id = affine_map<(i, j) -> (i, j)>
module {{
  func.func @forward(%input: tensor<?x256xf32>) -> tensor<?x256xf32> attributes {{ptq.entry}} {{
    %c0 = arith.constant 0 : index
    %zero = arith.constant 0.0 : f32
    %one = arith.constant 1.0 : f32
    %out_s = arith.constant {scale} : f32
    %out_z = arith.constant {zero} : i8
    %out_t = arith.constant {out_scale} : f32
    %out_y = arith.constant {out_zero} : i8
    %out_n = tensor.dim %input, %c0 : tensor<?x256xf32>
    %out_e = tensor.empty(%out_n) : tensor<?x256xf32>
    %out_q = ptq.quantize %input, %out_s, %out_z : tensor<?x256xf32>, f32, i8 -> tensor<?x256xi8>
    %out_d = ptq.dequantize %out_q, %out_s, %out_z : tensor<?x256xi8>, f32, i8 -> tensor<?x256xf32>
    %out_f = linalg.generic {{indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}}
         ins(%out_d : tensor<?x256xf32>) outs(%out_e : tensor<?x256xf32>) {{
    ^bb0(%x: f32, %o: f32):
      {body}
      linalg.yield %r : f32
    }} -> tensor<?x256xf32>
    %out_c = ptq.quantize %out_f, %out_t, %out_y : tensor<?x256xf32>, f32, i8 -> tensor<?x256xi8>
    %r = ptq.dequantize %out_c, %out_t, %out_y : tensor<?x256xi8>, f32, i8 -> tensor<?x256xf32>
    return %r : tensor<?x256xf32>
  }}
}}
"""


def run(*command):
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{result.stderr}")


def evaluate(module, engine, samples):
    run("ptq-run", module, f"--engine={engine}", "--input", samples, "--output=o.npz")
    with np.load("o.npz") as arrays:
        (name,) = arrays.files
        return arrays[name]


def check(name, samples, inputs):
    body, function = FUNCTIONS[name]
    parameters = dict(scale=SCALE, zero=ZERO, out_scale=OUT_SCALE, out_zero=OUT_ZERO)
    with open("qdq.mlir", "w") as file:
        file.write(MODULE.format(body=body, **parameters))
    run("ptq-opt", "qdq.mlir", "--ptq-lower=to=integer", "-o", "integer.mlir")
    with open("integer.mlir") as file:
        assert "ptq.lookup" in file.read(), f"{name} is no table"
    expected = evaluate("qdq.mlir", "interpreter", samples)
    for engine in ("interpreter", "jit"):
        actual = evaluate("integer.mlir", engine, samples)
        assert expected.tobytes() == actual.tobytes(), f"{name}, {engine}"

    with np.errstate(all="ignore"):
        values = function(inputs.astype(np.float64)) / np.float64(OUT_SCALE)
    steps = np.rint(np.where(np.isnan(values), 0, values))
    codes = np.clip(steps + OUT_ZERO, -128, 127)
    actual = np.rint(expected / OUT_SCALE) + OUT_ZERO
    near_tie = np.abs(values - np.floor(values) - 0.5) < 1e-4
    differ = codes != actual
    assert not np.any(differ & ~near_tie), f"{name}: {inputs[differ & ~near_tie]}"


def main():
    os.makedirs(sys.argv[1], exist_ok=True)
    os.chdir(sys.argv[1])
    codes = np.arange(-128, 128)
    inputs = ((codes - ZERO).astype(f32) * SCALE)[np.newaxis]
    np.save("x.npy", inputs)
    for name in FUNCTIONS:
        check(name, "x.npy", inputs)


if __name__ == "__main__":
    main()
