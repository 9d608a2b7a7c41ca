# REQUIRES: numpy, x86_64-host
# RUN: %python %s %t
"""Convolutions with a scale for each block of input channels against numpy.

Weights of 4 and 8 bits have a scale, and maybe a zero point, for each block of channels
of each position of the window; activations and results have constant parameters. The
interpreter on the integer form and compiled code for several processors must give the
oracle's bits: blocks summed in integers and added in f32, one after the other, positions
of the window first.
"""

import os
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
from quantized_modules import PROCESSORS, constant, pack, quantize, quantize_by_constants, run

f32 = np.float32
# Of activations and of results.
SCALE, RESULT_SCALE = f32(0.037), f32(0.31)


class Case:
    """A convolution: sizes of the image, of the window, channels, and so on."""

    def __init__(self, order, image, channels, filters, window, block, **others):
        self.order, self.image, self.window, self.block = order, image, window, block
        self.channels, self.filters = channels, filters
        self.samples, self.stride, self.dilation, self.padding = 1, 1, 1, 0
        self.width, self.storage, self.zero_point = 4, "i8", 7
        self.is_asymmetric = False
        vars(self).update(others)
        padded = [size + 2 * self.padding for size in image]
        self.result = [
            (size - (taps - 1) * self.dilation - 1) // self.stride + 1
            for size, taps in zip(padded, window)
        ]
        self.padded = padded

    def arrange(self, array):
        """An image of which channels are last, in the order of the case."""
        return np.moveaxis(array, -1, 1) if self.order == "nchw" else array

    def arrange_weights(self, array):
        """Weights of the window's dimensions, channels, and filters, likewise."""
        return array.transpose(3, 2, 0, 1) if self.order == "nchw" else array

    def get_type(self, samples, image, channels, element="f32"):
        sizes = [channels, *image] if self.order == "nchw" else [*image, channels]
        return f"tensor<{'x'.join(map(str, [samples, *sizes, element]))}>"


def multiply(case, q, weights, scales, bias):
    """The oracle: `weights` are less their zero points, and so are the codes `q`."""
    q = np.pad(q, [(0, 0), *[(case.padding,) * 2] * 2, (0, 0)])
    y = np.broadcast_to(bias, (len(q), *case.result, case.filters)).astype(f32)
    rows, columns = case.result
    for i, j in np.ndindex(*case.window):
        top, left = i * case.dilation, j * case.dilation
        part = q[:, top :: case.stride, left :: case.stride][:, :rows, :columns]
        for number, begin in enumerate(range(0, case.channels, case.block)):
            channels = slice(begin, begin + case.block)
            sums = part[..., channels] @ weights[i, j, channels]
            y += sums.astype(f32) * (SCALE * scales[i, j, number])
    return y


def make_module(case, codes, scales, zeros, bias):
    order, width = case.order, case.width
    x = case.get_type(case.samples, case.image, case.channels)
    padded = case.get_type(case.samples, case.padded, case.channels)
    y = case.get_type(case.samples, case.result, case.filters)
    codes, scales, zeros = map(case.arrange_weights, (codes, scales, zeros))
    channel_axis = 1 if order == "nchw" else 2
    shape = "x".join(map(str, codes.shape))
    packed = np.moveaxis(pack(np.moveaxis(codes, channel_axis, -1), width), -1, channel_axis)
    text = constant("packed", np.ascontiguousarray(packed), "i8")
    text += constant("scales", np.ascontiguousarray(scales), "f32")
    text += constant("bias", bias, "f32")
    name = "packed"
    if width < 8:
        name = "codes"
        text += (
            f"    %codes = ptq.unpack %packed axis {channel_axis} : "
            f"tensor<{'x'.join(map(str, packed.shape))}xi8> -> tensor<{shape}xi{width}>\n"
        )
    operands, parameters = "%scales", f"tensor<{'x'.join(map(str, scales.shape))}xf32>"
    if case.is_asymmetric:
        text += constant("zeros", np.ascontiguousarray(zeros).astype(np.int8), "i8")
        operands += ", %zeros"
        parameters += ", " + parameters.replace("f32", "i8")
    blocks = [1] * 4
    blocks[channel_axis] = case.block
    text += (
        f"    %w = ptq.dequantize %{name}, {operands} block {blocks} : "
        f"tensor<{shape}xi{width}>, {parameters} -> tensor<{shape}xf32>\n"
    )
    text += quantize_by_constants("d", "x", x, SCALE, case.zero_point, case.storage)
    spatial = (2, 3) if order == "nchw" else (1, 2)
    pads = [case.padding if axis in spatial else 0 for axis in range(4)]
    others = [axis for axis in range(4) if axis != (1 if order == "nchw" else 3)]
    attributes = ", ".join(
        f"{key} = dense<{value}> : tensor<2xi64>"
        for key, value in (("strides", case.stride), ("dilations", case.dilation))
    )
    size = "%n" if case.samples == "?" else ""
    op = "nchw_fchw" if order == "nchw" else "nhwc_hwcf"
    return (
        f"func.func @forward(%x: {x}) -> {y} attributes {{ptq.entry}} {{\n"
        f"    %c0 = arith.constant 0 : index\n    %n = tensor.dim %x, %c0 : {x}\n{text}"
        f"    %zero = arith.constant 0.0 : f32\n    %p = tensor.pad %d low{pads} high{pads} {{\n"
        f"    ^bb0(%i0: index, %i1: index, %i2: index, %i3: index):\n"
        f"      tensor.yield %zero : f32\n    }} : {x} to {padded}\n"
        f"    %e = tensor.empty({size}) : {y}\n"
        f"    %i = linalg.broadcast ins(%bias : tensor<{case.filters}xf32>) outs(%e : {y})"
        f" dimensions = {others}\n    %y = linalg.conv_2d_{op} {{{attributes}}}"
        f" ins(%p, %w : {padded}, tensor<{shape}xf32>) outs(%i : {y}) -> {y}\n"
        f"{quantize_by_constants('r', 'y', y, RESULT_SCALE, 3, 'i8')}    return %r : {y}\n}}\n"
    )


def check(directory, seed, case):
    """The number of results that differ from the oracle's."""
    random = np.random.default_rng(seed)
    high = 2 ** (case.width - 1) - 1
    codes = random.integers(-high - 1, high + 1, (*case.window, case.channels, case.filters))
    blocks = -(-case.channels // case.block)
    scales = random.uniform(0.001, 0.1, (*case.window, blocks, case.filters)).astype(f32)
    zeros = random.integers(-high - 1, high + 1, scales.shape) * case.is_asymmetric
    weights = codes - np.repeat(zeros, case.block, axis=2)[:, :, : case.channels]
    bias = random.normal(0, 1, case.filters).astype(f32)
    count = 3 if case.samples == "?" else case.samples
    x = random.normal(0, 2, (count, *case.image, case.channels)).astype(f32)
    q = quantize(x, SCALE, case.zero_point, int(case.storage[1:])) - case.zero_point
    y = multiply(case, q, weights, scales, bias)
    expected = case.arrange((quantize(y, RESULT_SCALE, 3, 8) - 3).astype(f32) * RESULT_SCALE)

    prefix = os.path.join(directory, str(seed))
    with open(prefix + ".mlir", "w") as file:
        file.write(make_module(case, codes, scales, zeros, bias))
    x = np.ascontiguousarray(case.arrange(x))
    np.savez(prefix + ".npz", x=x if case.samples == "?" else x[np.newaxis])
    common = ["--input=" + prefix + ".npz", "--output=" + prefix + ".out.npz"]
    if case.samples == "?":
        common.append(f"--batch={count}")
    run("ptq-opt", prefix + ".mlir", "--ptq-lower=to=integer", "-o", prefix + ".integer.mlir")
    with open(prefix + ".integer.mlir") as file:
        assert "linalg.conv" not in file.read(), "a convolution stays in float"
    differing = 0
    for target in ["to=integer", *PROCESSORS]:
        lowered = prefix + ".lowered.mlir"
        run("ptq-opt", prefix + ".mlir", f"--ptq-lower={target}", "-o", lowered)
        run("ptq-run", lowered, *common)
        (actual,) = np.load(prefix + ".out.npz").values()
        actual = actual.reshape(expected.shape)
        if (actual != expected).any():
            differing += 1
            print(f"{vars(case)} {target}: {(actual != expected).sum()} differ: {prefix}")
    return differing


CASES = [
    Case("nhwc", (6, 7), 64, 24, (1, 1), 32),
    Case("nhwc", (6, 7), 32, 20, (1, 1), 16, stride=2, samples="?", is_asymmetric=True),
    Case("nhwc", (5, 6), 32, 16, (3, 3), 16, padding=1, width=8, zero_point=-128),
    Case("nhwc", (9, 9), 40, 12, (3, 2), 16, stride=2, padding=1, is_asymmetric=True),
    Case("nchw", (6, 7), 64, 24, (3, 3), 32, padding=1, samples=2),
    Case("nchw", (8, 9), 36, 8, (2, 3), 12, dilation=2, padding=2, samples="?", width=8),
    Case("nchw", (6, 7), 64, 40, (1, 1), 32, width=8, is_asymmetric=True),
    Case("nchw", (6, 7), 32, 24, (3, 3), 16, padding=1, storage="i16", zero_point=999),
    Case(
        "nchw", (7, 5), 32, 9, (3, 3), 32, storage="i16", width=8, is_asymmetric=True, samples="?"
    ),
    # Each position of the window has one scale.
    Case("nchw", (6, 6), 16, 16, (3, 3), 16, padding=1),
]


def main():
    directory = sys.argv[1]
    os.makedirs(directory, exist_ok=True)
    differing = sum(check(directory, seed, case) for seed, case in enumerate(CASES))
    print(f"{len(CASES)} convolutions, {differing} results differ")
    return differing != 0


if __name__ == "__main__":
    sys.exit(main())
