# REQUIRES: numpy, x86_64-host
# RUN: %python %s %t
"""Products with weights that are dequantized in the kernel, against numpy.

Weights are rounded to f32 before they are multiplied, and products are summed in the
order of the reduction, each operation rounded: that is computed by numpy, and machine
code for every processor that this machine can stand for must give its bits. So must
the interpreter. --seeds=N tries more networks.
"""

import argparse
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
import numpy as np
from processors import get_processors

f32 = np.float32
# Full vectors and tiles, none, and both with a rest.
COLUMNS = [1, 3, 8, 16, 17, 32, 40, 64, 75, 100]
DEPTHS = [1, 2, 7, 16, 33, 64, 130]
ROWS = [1, 2, 5, 6, 7, 13]


def pack(codes, width):
    """Codes along the last axis, those that share a byte from the low bits on."""
    count = 8 // width
    rest = -codes.shape[-1] % count
    codes = np.pad(codes, [(0, 0)] * (codes.ndim - 1) + [(0, rest)])
    bits = codes.astype(np.uint8) & ((1 << width) - 1)
    return sum(bits[..., i::count] << (width * i) for i in range(count)).astype(np.uint8)


def sum_products(x, weights):
    """The product of two matrices, row by row of the second one."""
    total = np.zeros((len(x), weights.shape[1]), f32)
    for values, row in zip(x.T, weights):
        total = total + values[:, None] * row
    return total


class Weights:
    """Random codes with scales and zero points, and the floats that they stand for."""

    def __init__(self, random, shape, block_axis):
        pick = lambda *choices: choices[random.integers(len(choices))]
        self.shape, self.width = shape, pick(2, 4, 4, 8)
        size = shape[block_axis]
        self.block = [1] * len(shape)
        self.block[block_axis] = pick(size, 2, 5, 8, 32)
        if pick(True, False, False):  # For all of the tensor.
            self.block = list(shape)
        self.block = [min(block, size) for block, size in zip(self.block, shape)]
        limit = 1 << (self.width - 1)
        self.codes = random.integers(-limit, limit, shape, np.int8)
        counts = [-(-size // block) for size, block in zip(shape, self.block)]
        self.scale_type = pick("f16", "f32")
        scales = random.uniform(0.01, 1, counts)
        self.scales = scales.astype(self.scale_type.replace("f", "float"))
        self.zeros = None
        if pick(True, False):
            self.zeros = random.integers(-limit, limit, counts, np.int8)

    def spread(self, parameters):
        for axis, block in enumerate(self.block):
            parameters = np.repeat(parameters, block, axis)
        return parameters[tuple(slice(size) for size in self.shape)]

    @property
    def floats(self):
        centered = self.codes.astype(np.int32)
        if self.zeros is not None:
            centered = centered - self.spread(self.zeros)
        return centered.astype(f32) * self.spread(self.scales).astype(f32)

    def write(self, code):
        """Lines that define %w."""
        parameters = [code.constant(self.scales, self.scale_type)]
        if self.zeros is not None:
            parameters.append(code.constant(self.zeros, "i8"))
        if self.width == 8:
            codes = code.constant(self.codes, "i8")
        else:
            packed = code.constant(pack(self.codes, self.width), "i8")
            codes = "%codes", tensor(self.shape, f"i{self.width}")
            axis = len(self.shape) - 1
            types = f"{packed[1]} -> {codes[1]}"
            code.line(f"%codes = ptq.unpack {packed[0]} axis {axis} : {types}")
        values = ", ".join(name for name, _ in [codes, *parameters])
        types = ", ".join(type for _, type in [codes, *parameters])
        types += " -> " + tensor(self.shape, "f32")
        code.line(f"%w = ptq.dequantize {values} block {self.block} : {types}")


def tensor(shape, element):
    return f"tensor<{''.join(f'{size}x' for size in shape)}{element}>"


class Code:
    def __init__(self):
        self.lines, self.resources = [], []

    def line(self, text):
        self.lines.append("  " + text)

    def constant(self, array, element):
        """Name and type of a constant."""
        name, type = f"%c{len(self.resources)}", tensor(array.shape, element)
        data = (16).to_bytes(4, "little") + array.tobytes()
        resource = f"constant{len(self.resources)}"
        self.resources.append(f'{resource}: "0x{data.hex()}"')
        self.line(f"{name} = arith.constant dense_resource<{resource}> : {type}")
        return name, type

    def finish(self, input, output):
        return "\n".join(
            [f"func.func @forward(%x: {input}) -> {output} {{", *self.lines]
            + [f"  return %y : {output}", "}", "{-# dialect_resources: { builtin: {"]
            + [",\n".join(self.resources), "} } #-}", ""]
        )


def make_matmul(random):
    """The text of a network, its input and its output."""
    pick = lambda choices: choices[random.integers(len(choices))]
    rows, depth, columns = pick(ROWS), pick(DEPTHS), pick(COLUMNS)
    is_transposed = pick([True, False])
    shape = [columns, depth] if is_transposed else [depth, columns]
    weights = Weights(random, shape, 1 if is_transposed else 0)
    code = Code()
    weights.write(code)
    floats = weights.floats.T if is_transposed else weights.floats
    code.line("%zero = arith.constant 0.0 : f32")
    factor, factor_type = "%w", tensor([depth, columns], "f32")
    maps = ""
    if is_transposed and pick([True, False]):
        factor_type = tensor(shape, "f32")
        maps = "indexing_maps = [" + ", ".join(
            f"affine_map<(m, n, k) -> {index}>" for index in ("(m, k)", "(n, k)", "(m, n)")
        ) + "]"
    elif is_transposed:
        code.line(f"%te = tensor.empty() : {factor_type}")
        code.line(
            f"%t = linalg.transpose ins(%w : {tensor(shape, 'f32')})"
            f" outs(%te : {factor_type}) permutation = [1, 0]"
        )
        factor = "%t"
    x = random.standard_normal((rows, depth)).astype(f32)
    size = pick([rows, "?"])
    input, output = tensor([size, depth], "f32"), tensor([size, columns], "f32")
    value, rounded = "%x", x
    if pick([True, False]):  # Activations rounded to half of a word.
        half = tensor([size, depth], "f16")
        code.line(f"%h = arith.truncf %x : {input} to {half}")
        code.line(f"%r = arith.extf %h : {half} to {input}")
        value, rounded = "%r", x.astype(np.float16).astype(f32)
    dynamic = ""
    if size == "?":
        code.line("%axis = arith.constant 0 : index")
        code.line(f"%size = tensor.dim %x, %axis : {input}")
        dynamic = "%size"
    code.line(f"%e = tensor.empty({dynamic}) : {output}")
    code.line(f"%i = linalg.fill ins(%zero : f32) outs(%e : {output}) -> {output}")
    result = "%s" if pick([True, False]) else "%y"
    code.line(
        f"{result} = linalg.matmul {maps} ins({value}, {factor} : {input}, {factor_type})"
        f" outs(%i : {output}) -> {output}"
    )
    expected = sum_products(rounded, floats)
    if result == "%s":  # What follows is computed on registers, too.
        bias = random.standard_normal(columns).astype(f32)
        name, type = code.constant(bias, "f32")
        code.line(
            "%y = linalg.generic {indexing_maps = [affine_map<(m, n) -> (m, n)>,"
            " affine_map<(m, n) -> (n)>, affine_map<(m, n) -> (m, n)>],"
            ' iterator_types = ["parallel", "parallel"]}'
            f" ins(%s, {name} : {output}, {type}) outs(%e : {output}) {{"
        )
        code.line("^bb0(%a: f32, %b: f32, %out: f32):")
        code.line("  %sum = arith.addf %a, %b : f32")
        code.line("  linalg.yield %sum : f32")
        code.line(f"}} -> {output}")
        expected = expected + bias
    return code.finish(input, output), x, expected


def make_convolution(random):
    pick = lambda choices: choices[random.integers(len(choices))]
    height, width = pick([4, 7]), pick([5, 9])
    channels, outputs = pick([1, 3, 4, 16]), pick(COLUMNS)
    window = [pick([1, 3]), pick([1, 2, 3])]
    shape = [*window, channels, outputs]
    weights = Weights(random, shape, 2)
    code = Code()
    weights.write(code)
    positions = [height - window[0] + 1, width - window[1] + 1]
    batch = pick([1, 2])
    x = random.standard_normal((batch, height, width, channels)).astype(f32)
    size = pick([batch, "?"])
    input = tensor([size, *x.shape[1:]], "f32")
    output = tensor([size, *positions, outputs], "f32")
    dynamic = ""
    if size == "?":
        code.line("%axis = arith.constant 0 : index")
        code.line(f"%size = tensor.dim %x, %axis : {input}")
        dynamic = "%size"
    code.line("%zero = arith.constant 0.0 : f32")
    code.line(f"%e = tensor.empty({dynamic}) : {output}")
    code.line(f"%i = linalg.fill ins(%zero : f32) outs(%e : {output}) -> {output}")
    code.line(
        f"%y = linalg.conv_2d_nhwc_hwcf ins(%x, %w : {input}, {tensor(shape, 'f32')})"
        f" outs(%i : {output}) -> {output}"
    )
    patches = [
        x[:, i : i + positions[0], j : j + positions[1], c].reshape(-1)
        for i in range(window[0])
        for j in range(window[1])
        for c in range(channels)
    ]
    expected = sum_products(np.stack(patches, 1), weights.floats.reshape(-1, outputs))
    return code.finish(input, output), x, expected.reshape(batch, *positions, outputs)


def run(*command):
    process = subprocess.run(command, capture_output=True, text=True)
    if process.returncode:
        sys.exit(f"{' '.join(command)}\n{process.stderr[:2000]}")


def execute(network, prefix, *options):
    outputs = prefix + ".output.npz"
    run("ptq-run", network, f"--input={prefix}.npz", f"--output={outputs}", *options)
    (output,) = np.load(outputs).values()
    return output


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("directory")
    parser.add_argument("--seeds", type=int, default=24)
    parser.add_argument("--first", type=int, default=0)
    options = parser.parse_args()
    os.makedirs(options.directory, exist_ok=True)
    processors = get_processors()
    failures = 0
    for seed in range(options.first, options.first + options.seeds):
        random = np.random.default_rng(seed)
        make = make_convolution if seed % 3 == 2 else make_matmul
        text, x, expected = make(random)
        prefix = os.path.join(options.directory, str(seed))
        with open(prefix + ".mlir", "w") as file:
            file.write(text)
        # A network of a known size takes all of it as one sample.
        is_dynamic = "?" in text
        np.savez(prefix + ".npz", x=x if is_dynamic else x[None])
        processor = processors[seed % len(processors)]
        source, compiled = prefix + ".mlir", prefix + ".llvm.mlir"
        run("ptq-opt", source, f"--ptq-lower={processor}", "-o", compiled)
        batch = f"--batch={len(x) if is_dynamic else 1}"
        actual = {
            processor: execute(compiled, prefix, "--engine=jit", batch),
            "interpreter": execute(source, prefix, "--engine=interpreter", batch),
        }
        for name, array in actual.items():
            array = array.reshape(expected.shape)
            if not np.array_equal(array, expected):
                failures += 1
                wrong = np.argwhere(array != expected)
                print(f"{prefix}: {name}: {len(wrong)} of {array.size} differ: {wrong[:1]}")
    print(f"{options.seeds} networks, {failures} results wrong")
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
