# REQUIRES: numpy
# RUN: %python %s %S/digits %t
"""A network in the upstream quant dialect computes what its types say.

Scales are powers of two, so that numpy computes every number exactly and many
of them lie half-way between two codes. Exported and imported again, quantized
networks give the same bits.
"""

import os
import subprocess
import sys

import numpy as np

X_SCALE, X_ZERO = 2.0**-4, 100
W_SCALES = 2.0 ** np.array([-3, -4, -3, -5])
H_SCALE, H_ZERO, H_LOW = 2.0**-2, -5, -127
# One for each block of two rows, in each column.
V_SCALES = 2.0 ** np.array([[-1, -2, 0], [-3, 0, -1]])
V_ZEROS = np.array([[7, 8, 0], [15, 9, 8]])
P_SCALE, P_ZERO, P_LOW, P_HIGH = 2.0**-1, 30, 1, 250

MODULE = """
!x = !quant.uniform<u8:f32, {X_SCALE}:{X_ZERO}>
!w = !quant.uniform<i8:f32:1, {{ {w_scales} }}>
!h = !quant.uniform<i8<{H_LOW}:127>:f32, {H_SCALE}:{H_ZERO}>
!v = !quant.uniform<u4:f32:{{0:2, 1:1}}, {{ {v_pairs} }}>
!p = !quant.uniform<u8<{P_LOW}:{P_HIGH}>:f32, {P_SCALE}:{P_ZERO}>
func.func @forward(%x: tensor<?x8x!x>, %n: tensor<?x8xf32>)
    -> (tensor<?x4x!h>, tensor<?x3xf32>, tensor<?x8x!p>) {{
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %xf = quant.dcast %x : tensor<?x8x!x> to tensor<?x8xf32>
  %size = tensor.dim %xf, %c0 : tensor<?x8xf32>
  %ws = arith.constant dense<{w}> : tensor<8x4xi8>
  %wq = quant.scast %ws : tensor<8x4xi8> to tensor<8x4x!w>
  %wf = quant.dcast %wq : tensor<8x4x!w> to tensor<8x4xf32>
  %he = tensor.empty(%size) : tensor<?x4xf32>
  %h0 = linalg.fill ins(%zero : f32) outs(%he : tensor<?x4xf32>) -> tensor<?x4xf32>
  %h1 = linalg.matmul ins(%xf, %wf : tensor<?x8xf32>, tensor<8x4xf32>)
    outs(%h0 : tensor<?x4xf32>) -> tensor<?x4xf32>
  %h = quant.qcast %h1 : tensor<?x4xf32> to tensor<?x4x!h>
  %hf = quant.dcast %h : tensor<?x4x!h> to tensor<?x4xf32>
  %vs = arith.constant dense<{v}> : tensor<4x3xi4>
  %vq = quant.scast %vs : tensor<4x3xi4> to tensor<4x3x!v>
  %vf = quant.dcast %vq : tensor<4x3x!v> to tensor<4x3xf32>
  %ye = tensor.empty(%size) : tensor<?x3xf32>
  %y0 = linalg.fill ins(%zero : f32) outs(%ye : tensor<?x3xf32>) -> tensor<?x3xf32>
  %y = linalg.matmul ins(%hf, %vf : tensor<?x4xf32>, tensor<4x3xf32>)
    outs(%y0 : tensor<?x3xf32>) -> tensor<?x3xf32>
  %p = quant.qcast %n : tensor<?x8xf32> to tensor<?x8x!p>
  return %h, %y, %p : tensor<?x4x!h>, tensor<?x3xf32>, tensor<?x8x!p>
}}
"""


def run(*command):
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{result.stderr}")


def evaluate(module, samples, engine):
    run("ptq-run", module, f"--engine={engine}", "--input", samples, "--output=o.npz")
    with np.load("o.npz") as arrays:
        return {name: arrays[name] for name in arrays.files}


def demand_equal(expected, actual, what):
    assert expected.keys() == actual.keys(), f"{what}: {actual.keys()}"
    for name, array in expected.items():
        assert array.dtype == actual[name].dtype, f"{what}: type of {name}"
        assert array.tobytes() == actual[name].tobytes(), f"{what}: {name}"


def quantize(values, scale, zero, low, high):
    return np.clip(np.rint(np.nan_to_num(values / scale, nan=0)) + zero, low, high)


def write_network(w, v):
    pairs = [
        "{" + ", ".join(f"{s}:{z}" for s, z in zip(*row)) + "}"
        for row in zip(V_SCALES, V_ZEROS)
    ]
    # Constants of unsigned types are written as the signed number of their bits.
    signed = np.where(v > 7, v - 16, v)
    text = MODULE.format(
        **{name: value for name, value in globals().items() if name.isupper()},
        w_scales=", ".join(map(str, W_SCALES)),
        v_pairs=", ".join(pairs),
        w=w.tolist(),
        v=signed.tolist(),
    )
    with open("quant.mlir", "w") as file:
        file.write(text)


def check_network():
    random = np.random.default_rng(0)
    x = random.integers(0, 256, (50, 8), dtype=np.uint8)
    w = random.integers(-128, 128, (8, 4)) // 16
    v = random.integers(0, 16, (4, 3))
    n = (random.integers(-200, 900, (50, 8)) / 8).astype(np.float32)
    n[0, :4] = [np.nan, np.inf, -np.inf, -0.0]
    write_network(w, v)
    np.savez("x.npz", arg0=x, arg1=n)

    h = quantize(
        (x.astype(int) - X_ZERO) @ w * (X_SCALE * W_SCALES), H_SCALE, H_ZERO, H_LOW, 127
    )
    vf = (v - np.repeat(V_ZEROS, 2, axis=0)) * np.repeat(V_SCALES, 2, axis=0)
    expected = {
        "result0": h.astype(np.int8),
        "result1": ((h - H_ZERO) * H_SCALE @ vf).astype(np.float32),
        "result2": quantize(n, P_SCALE, P_ZERO, P_LOW, P_HIGH).astype(np.uint8),
    }
    assert len(np.unique(h)) > 50, "the network saturates"

    run("ptq-opt", "quant.mlir", "--ptq-import-quant", "-o", "qdq.mlir")
    run("ptq-opt", "qdq.mlir", "--ptq-lower=to=integer", "-o", "integer.mlir")
    with open("integer.mlir") as file:
        assert "ptq.requantize" in file.read(), "nothing computes on codes"
    for module in ("qdq.mlir", "integer.mlir"):
        demand_equal(expected, evaluate(module, "x.npz", "interpreter"), module)
        demand_equal(expected, evaluate(module, "x.npz", "jit"), f"compiled {module}")


def check_round_trip(digits, options, is_whole=True):
    calibrate = f"--ptq-calibrate=data={digits}/calibration.npz samples=16 {options}"
    run("ptq-opt", "float.mlirbc", calibrate, "-emit-bytecode", "-o", "qdq.mlirbc")
    # Once in text, which has all digits of scales, and once in bytecode.
    run("ptq-opt", "qdq.mlirbc", "--ptq-export-quant", "-o", "quant.mlir")
    run("ptq-opt", "quant.mlir", "-emit-bytecode", "-o", "quant.mlirbc")
    with open("quant.mlir") as file:
        text = file.read()
    assert "quant.dcast" in text, f"{options}: nothing is exported"
    assert not is_whole or "= ptq." not in text, f"{options}: an op is left"
    evaluation = f"{digits}/evaluation.npz"
    expected = evaluate("qdq.mlirbc", evaluation, "interpreter")
    for name in ("quant.mlir", "quant.mlirbc"):
        run("ptq-opt", name, "--ptq-import-quant", "-emit-bytecode", "-o", "again.mlirbc")
        actual = evaluate("again.mlirbc", evaluation, "interpreter")
        demand_equal(expected, actual, options)


def main():
    digits = os.path.abspath(sys.argv[1])
    os.makedirs(sys.argv[2], exist_ok=True)
    os.chdir(sys.argv[2])
    check_network()
    run("ptq-translate", "--import-onnx", f"{digits}/digits.onnx", "-o", "float.mlirbc")
    check_round_trip(digits, "")
    check_round_trip(digits, "weights=i4")
    # Dimensions of 9 end with a short block, which is not exported.
    check_round_trip(digits, "weights=i4 block=8", is_whole=False)
    check_round_trip(digits, "activations=i16")


if __name__ == "__main__":
    main()
