# REQUIRES: numpy, x86_64-host
# RUN: %python %s %t
"""Products with a scale for each block against their definition in numpy.

Weights of 2, 4 and 8 bits, in blocks or with a scale for each channel, meet float
activations, which are measured and quantized block by block, or have constant scales
and zero points; results may be quantized again. The interpreter on the integer form and
compiled code for several processors must give the oracle's bits: scales in f64, codes by
rounding half to even, blocks summed in integers and added in f32, one after the other.
"""

import itertools
import os
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
from quantized_modules import PROCESSORS, constant, pack, quantize, quantize_by_constants, run

f32 = np.float32
# What ptq-quantize-weight-only-activations says of the error, for normal activations:
# root mean squares, relative to that of the outputs, in blocks of 128.
ERRORS = {"i8": 8e-3, "i16": 3e-5}
LIMITS = {"i8": 127, "i16": 32767}
# Where parameters are constants: of activations and of results.
SCALE, RESULT_SCALE = f32(0.037), f32(0.31)


def measure(block, limit):
    """Symmetric codes of a block of activations, and their scale."""
    finite = block[np.isfinite(block)].astype(np.float64)
    largest = np.abs(finite).max(initial=0)
    if largest == 0:
        scale = f32(1)
    else:
        scale = f32(np.clip(largest / limit, np.finfo(f32).tiny, np.finfo(f32).max))
    with np.errstate(invalid="ignore", over="ignore"):
        steps = block / scale
    steps = np.rint(np.where(np.isnan(steps), f32(0), steps))
    return np.clip(steps, -limit, limit).astype(np.int64), scale


def multiply(x, codes, scales, bias, block, limit):
    """The oracle: `scales` has a row for each block of `block` rows of `codes`, which
    are less their zero points."""
    y = np.broadcast_to(bias, (len(x), codes.shape[1])).astype(f32)
    for number, begin in enumerate(range(0, x.shape[1], block)):
        part = slice(begin, begin + block)
        for row in range(len(x)):
            quantized, scale = measure(x[row, part], limit)
            sums = quantized @ codes[part]
            assert np.abs(sums).max() < 2**31
            with np.errstate(over="ignore", invalid="ignore"):
                y[row] += sums.astype(f32) * (scale * scales[number])
    return y


def multiply_codes(q, zero_point, codes, scales, bias, block):
    """The oracle for activations with constant parameters."""
    y = np.broadcast_to(bias, (len(q), codes.shape[1])).astype(f32)
    for number, begin in enumerate(range(0, q.shape[1], block)):
        part = slice(begin, begin + block)
        sums = (q[:, part] - zero_point) @ codes[part]
        y += sums.astype(f32) * (SCALE * scales[number])
    return y


def make_module(shape, codes, width, scales, zeros, block, bias, rows, rounded, zero_point=None):
    """A product of float activations, rounded to a narrower type if there is one. With
    a zero point they are quantized to `rounded`, and so are the results, to i8."""
    depth, columns = shape
    text = constant("packed", pack(codes, width), "i8")
    sizes = f"tensor<{depth}x{columns}x"
    if width < 8:
        text += (
            f"    %codes = ptq.unpack %packed axis 1 : tensor<{depth}x{columns * width // 8}xi8>"
            f" -> {sizes}i{width}>\n"
        )
    name = "codes" if width < 8 else "packed"
    parameters, where = f"tensor<{len(scales)}x{columns}xf32>", f"block [{block}, 1]"
    if block >= depth:
        scales, parameters, where = scales[0], f"tensor<{columns}xf32>", "axis 1"
        zeros = zeros[0]
    text += constant("scales", scales, "f32") + constant("bias", bias, "f32")
    operands = "%scales"
    if zeros.any():
        text += constant("zeros", zeros.astype(np.int8), "i8")
        operands += ", %zeros"
        parameters += ", " + parameters.replace("f32", "i8")
    text += (
        f"    %w = ptq.dequantize %{name}, {operands} {where} : {sizes}i{width}>, {parameters}"
        f" -> {sizes}f32>\n"
    )
    source, data = "x", f"tensor<{rows}x{depth}xf32>"
    result = f"tensor<{rows}x{columns}xf32>"
    if zero_point is not None:
        text += quantize_by_constants("d", "x", data, SCALE, zero_point, rounded)
        source = "d"
    elif rounded:
        narrow = data.replace("f32", rounded)
        text += f"    %t = arith.truncf %x : {data} to {narrow}\n"
        text += f"    %d = arith.extf %t : {narrow} to {data}\n"
        source = "d"
    size = "(%n)" if rows == "?" else "()"
    requantize, returned = "", "y"
    if zero_point is not None:
        requantize = quantize_by_constants("r", "y", result, RESULT_SCALE, 3, "i8")
        returned = "r"
    return (
        f"func.func @forward(%x: {data}) -> {result} attributes {{ptq.entry}} {{\n"
        f"    %c0 = arith.constant 0 : index\n    %n = tensor.dim %x, %c0 : {data}\n{text}"
        f"    %e = tensor.empty{size} : {result}\n"
        f"    %i = linalg.broadcast ins(%bias : tensor<{columns}xf32>) outs(%e : {result})"
        f" dimensions = [0]\n    %y = linalg.matmul ins(%{source}, %w : {data}, {sizes}f32>)"
        f" outs(%i : {result}) -> {result}\n{requantize}    return %{returned} : {result}\n}}\n"
    )


def make_activations(random, rows, depth):
    """Ordinary rows, one of zeros, one with what is not finite, one of ties."""
    x = random.normal(0, 2, (rows, depth)).astype(f32)
    if rows > 3:
        x[1] = 0
        x[2, :4] = np.nan, np.inf, -np.inf, -0.0
        x[3] = random.integers(-254, 255, depth).astype(f32) / 2
        x[3, 0] = 127
    return x


def check(directory, seed, case, is_asymmetric=False):
    """The number of results that differ from the oracle's."""
    shape, rows, width, block, storage, rounded = case
    depth, columns = shape
    random = np.random.default_rng(seed)
    high = 2 ** (width - 1) - 1
    codes = random.integers(-high - (width < 8), high + 1, shape)
    blocks = -(-depth // block)
    scales = random.uniform(0.001, 0.1, (blocks, columns)).astype(f32)
    zeros = random.integers(-high - 1, high + 1, scales.shape) * is_asymmetric
    weights = codes - np.repeat(zeros, block, axis=0)[:depth]
    bias = random.normal(0, 1, columns).astype(f32)
    count = rows if rows != "?" else 7
    x = make_activations(random, count, depth)
    # A scale for each channel leaves blocks of 128.
    step = block if block < depth else 128
    spread = np.repeat(scales, block, axis=0)[:depth:step]
    zero_point = None
    if storage in LIMITS:
        measured = x.astype(np.float16).astype(f32) if rounded == "f16" else x
        expected = multiply(measured, weights, spread, bias, step, LIMITS[storage])
        mode = f"weight-only={storage}"
    else:
        mode = ""
        zero_point = storage
        q = quantize(x, SCALE, zero_point, int(rounded[1:]))
        y = multiply_codes(q, zero_point, weights, scales, bias, block)
        expected = (quantize(y, RESULT_SCALE, 3, 8) - 3).astype(f32) * RESULT_SCALE
    prefix = os.path.join(directory, str(seed))
    with open(prefix + ".mlir", "w") as file:
        file.write(
            make_module(shape, codes, width, scales, zeros, block, bias, rows, rounded, zero_point)
        )
    # A fixed number of rows is one sample.
    np.savez(prefix + ".npz", x=x if rows == "?" else x[np.newaxis])

    common = ["--input=" + prefix + ".npz", "--output=" + prefix + ".out.npz"]
    if rows == "?":
        common.append(f"--batch={count}")
    differing = 0
    for target in ["to=integer", *PROCESSORS]:
        lowered = prefix + ".lowered.mlir"
        run("ptq-opt", prefix + ".mlir", f"--ptq-lower={mode} {target}", "-o", lowered)
        run("ptq-run", lowered, *common)
        (actual,) = np.load(prefix + ".out.npz").values()
        actual = actual.reshape(expected.shape)
        same = actual.view(np.int32) == expected.view(np.int32)
        same |= np.isnan(actual) & np.isnan(expected)
        if not same.all():
            differing += 1
            print(f"{case} {target}: {(~same).sum()} of {same.size} differ: {prefix}")
    return differing


def measure_error(storage):
    """How far the oracle's results are from those of exact products."""
    random = np.random.default_rng(0)
    x = random.normal(0, 1, (4, 1024)).astype(f32)
    codes = random.integers(-7, 8, (1024, 64))
    scales = random.uniform(0.05, 0.1, (8, 64)).astype(f32)
    weights = codes * np.repeat(scales.astype(np.float64), 128, axis=0)
    exact = x.astype(np.float64) @ weights
    y = multiply(x, codes, scales, np.zeros(64, f32), 128, LIMITS[storage])
    return np.sqrt(((y - exact) ** 2).mean() / (exact**2).mean())


CASES = [
    # (depth, columns), rows, bits, block, activations, rounded to; or constant zero
    # point of activations, quantized to
    *itertools.product([(128, 24)], [1, 5], [4], [32, 64], ["i8", "i16"], [None]),
    *itertools.product([(96, 40)], ["?"], [4, 8, 2], [16, 96], ["i8", "i16"], [None]),
    ((70, 12), 4, 4, 32, "i8", None),
    ((70, 12), 4, 4, 32, "i16", None),
    ((70, 12), 1, 8, 14, "i8", None),
    ((70, 20), 4, 4, 10, "i8", None),
    ((30, 20), 9, 4, 6, "i16", None),
    ((300, 8), 4, 4, 300, "i8", None),
    ((300, 64), 1, 4, 300, "i16", None),
    ((64, 36), 4, 4, 32, "i8", "f16"),
    *itertools.product([(128, 24)], [1, "?"], [4, 8], [32], [-128, 7], ["i8"]),
    *itertools.product([(70, 36)], [4], [4, 8], [32], [-32768, 999], ["i16"]),
    ((70, 20), 6, 4, 10, 0, "i8"),
]
# With zero points of weights, too.
ASYMMETRIC_CASES = [
    ((128, 24), "?", 4, 32, "i8", None),
    ((96, 40), 5, 8, 16, "i16", None),
    ((70, 20), 6, 4, 10, 7, "i8"),
    ((128, 24), 1, 2, 32, -128, "i8"),
    ((70, 12), "?", 8, 32, 999, "i16"),
    ((300, 64), 4, 4, 300, "i8", None),
    ((64, 24), 3, 8, 64, 5, "i8"),
]


def main():
    directory = sys.argv[1]
    os.makedirs(directory, exist_ok=True)
    differing = sum(check(directory, seed, case) for seed, case in enumerate(CASES))
    for seed, case in enumerate(ASYMMETRIC_CASES, start=len(CASES)):
        differing += check(directory, seed, case, is_asymmetric=True)
    print(f"{len(CASES + ASYMMETRIC_CASES)} products, {differing} results differ")
    for storage, largest in ERRORS.items():
        error = measure_error(storage)
        print(f"error with {storage}: {error:.1e}")
        differing += not largest / 2 < error < largest
    return differing != 0


if __name__ == "__main__":
    sys.exit(main())
