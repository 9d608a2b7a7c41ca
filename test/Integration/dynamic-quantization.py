# REQUIRES: numpy, x86_64-host
# RUN: %python %s %t
"""Dynamic quantization against its definition in numpy.

Products with parameters from run time, per sample and per token, are computed by
the interpreter on the integer form and by compiled code, one sample a call and
several. Both must give the oracle's bits: scale and zero point in f64, codes by
rounding half to even, sums in integers, results in f32.
"""

import os
import subprocess
import sys

import numpy as np

f32 = np.float32


def choose(part, symmetric):
    """Scale and zero point for the finite elements of `part`, and 0."""
    finite = part[np.isfinite(part)].astype(np.float64)
    low, high = min(0.0, finite.min(initial=0)), max(0.0, finite.max(initial=0))
    if low == high:
        return f32(1), 0
    if symmetric:
        step = max(-low, high) / 127
    else:
        step = (high - low) / 255
    scale = f32(np.clip(step, np.finfo(f32).tiny, np.finfo(f32).max))
    if symmetric:
        return scale, 0
    return scale, int(np.clip(np.rint(-128 - low / np.float64(scale)), -128, 127))


def quantize(x, parts, symmetric):
    """Codes less their zero points, and scales, for an array of which each index
    of the first `parts` dimensions is measured by itself."""
    scales = np.ones(x.shape[:parts], f32)
    codes = np.zeros(x.shape, np.int64)
    for index in np.ndindex(*x.shape[:parts]):
        scale, zero = choose(x[index], symmetric)
        with np.errstate(invalid="ignore", over="ignore"):
            steps = x[index] / scale
        steps = np.rint(np.where(np.isnan(steps), f32(0), steps))
        lowest = -127 if symmetric else -128
        codes[index] = np.clip(steps, lowest - zero, 127 - zero).astype(np.int64)
        scales[index] = scale
    return codes, scales


class Case:
    """A network: its text, its inputs for one sample, and its oracle."""

    def __init__(self, seed, per_token, symmetric):
        self.random = np.random.default_rng(seed)
        self.symmetric = symmetric
        self.per_token = per_token

    def weights(self, *shape):
        codes = self.random.integers(-127, 128, shape)
        return codes, self.random.uniform(0.001, 0.1, 5).astype(f32)

    def constant(self, name, array, element):
        array = array.astype({"i8": np.int8, "f32": f32}[element])
        shape = "".join(f"{size}x" for size in array.shape)
        data = array.tobytes().hex().upper()
        return f'    {name} = arith.constant dense<"0x{data}"> : tensor<{shape}{element}>\n'

    def dequantized(self, name, shape):
        """IR that quantizes and dequantizes `name`, measured at run time."""
        sizes = [str(size) for size in shape]
        data = "x".join(sizes)
        low = " low -127" if self.symmetric else ""
        kind = "symmetric" if self.symmetric else "asymmetric"
        where, parameters = "axis 0", "?"
        encoding = f"<i8, {kind}, granularity = axis, axis = 0"
        if self.per_token:
            where = f"block [{', '.join(['1'] * (len(shape) - 1) + sizes[-1:])}]"
            parameters = "x".join(sizes[:-1] + ["1"])
            encoding = f"<i8, {kind}, granularity = token"
        if self.symmetric:
            encoding += ", narrow_range = true"
        scale, zero = f"tensor<{parameters}xf32>", f"tensor<{parameters}xi8>"
        results, operands, types = f"%s_{name}", f"%s_{name}", scale
        if not self.symmetric:
            results += f", %z_{name}"
            operands, types = results, f"{scale}, {zero}"
        return (
            f"    {results} = ptq.choose_parameters %{name} encoding({encoding}, source = dynamic>)\n"
            f"      : tensor<{data}xf32> -> {types}\n"
            f"    %q_{name} = ptq.quantize %{name}, {operands} {where}{low}\n"
            f"      : tensor<{data}xf32>, {types} -> tensor<{data}xi8>\n"
            f"    %d_{name} = ptq.dequantize %q_{name}, {operands} {where}\n"
            f"      : tensor<{data}xi8>, {types} -> tensor<{data}xf32>\n"
        )

    def module(self, body, arguments, result):
        return (
            f"module {{\n  func.func @forward({arguments}) -> {result} attributes {{ptq.entry}} {{\n"
            "    %c0 = arith.constant 0 : index\n    %zero = arith.constant 0.0 : f32\n"
            f"    %n = tensor.dim %x, %c0 : {arguments.split(': ')[1].split(', %')[0]}\n"
            f"{body}    return %y : {result}\n  }}\n}}\n"
        )

    def sample(self, kind, shape):
        """Ordinary values, ties, and what has no ordinary range."""
        x = self.random.normal(0, 2, shape).astype(f32)
        if kind == 1:  # Steps of 1/4, and halves of them.
            x = self.random.integers(-256, 255, shape).astype(f32) / 8
            x.flat[:2] = -32, 31.75
        elif kind == 2:
            x[...] = 0
        elif kind == 3:
            x.flat[:5] = np.nan, np.inf, -np.inf, -0.0, 7
        elif kind == 4:
            x = np.abs(x) + 3
        elif kind == 5:
            x *= f32(1e-39)
        elif kind == 6:
            x[...] = -2.5
        return x


class Matmul(Case):
    """Rows times weights, a bias, a ReLU."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.w, self.sw = self.weights(37, 5)
        self.b = self.random.normal(0, 1, 5).astype(f32)

    def text(self):
        body = self.constant("%w", self.w, "i8") + self.constant("%sw", self.sw, "f32")
        body += self.constant("%b", self.b, "f32") + self.dequantized("x", ["?", 37])
        body += """
    %dw = ptq.dequantize %w, %sw axis 1 : tensor<37x5xi8>, tensor<5xf32> -> tensor<37x5xf32>
    %e = tensor.empty(%n) : tensor<?x5xf32>
    %i = linalg.broadcast ins(%b : tensor<5xf32>) outs(%e : tensor<?x5xf32>) dimensions = [0]
    %m = linalg.matmul ins(%d_x, %dw : tensor<?x37xf32>, tensor<37x5xf32>) outs(%i : tensor<?x5xf32>) -> tensor<?x5xf32>
    %f = linalg.fill ins(%zero : f32) outs(%e : tensor<?x5xf32>) -> tensor<?x5xf32>
    %y = linalg.max ins(%m, %f : tensor<?x5xf32>, tensor<?x5xf32>) outs(%e : tensor<?x5xf32>) -> tensor<?x5xf32>
"""
        return self.module(body, "%x: tensor<?x37xf32>", "tensor<?x5xf32>")

    def inputs(self, kind):
        return {"x": self.sample(kind, [37])}

    def oracle(self, x):
        codes, scales = quantize(x, 1, self.symmetric)
        sums = (codes @ self.w).astype(f32)
        return np.maximum(sums * (scales[:, None] * self.sw) + self.b, f32(0))


class Convolution(Case):
    """Padded images, channels first; padding has the code of 0."""

    groups = 1

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.w, self.sw = self.weights(5, 3, 3, 2)
        self.b = self.random.normal(0, 1, 5).astype(f32)

    def text(self):
        body = self.constant("%w", self.w, "i8") + self.constant("%sw", self.sw, "f32")
        body += self.constant("%b", self.b, "f32") + self.dequantized("x", ["?", 3, 7, 6])
        body += """
    %dw = ptq.dequantize %w, %sw axis 0 : tensor<5x3x3x2xi8>, tensor<5xf32> -> tensor<5x3x3x2xf32>
    %p = tensor.pad %d_x low[0, 0, 1, 0] high[0, 0, 2, 1] {
    ^bb0(%i0: index, %i1: index, %i2: index, %i3: index):
      tensor.yield %zero : f32
    } : tensor<?x3x7x6xf32> to tensor<?x3x10x7xf32>
    %e = tensor.empty(%n) : tensor<?x5x4x3xf32>
    %i = linalg.broadcast ins(%b : tensor<5xf32>) outs(%e : tensor<?x5x4x3xf32>) dimensions = [0, 2, 3]
    %y = linalg.conv_2d_nchw_fchw {strides = dense<2> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>}
      ins(%p, %dw : tensor<?x3x10x7xf32>, tensor<5x3x3x2xf32>) outs(%i : tensor<?x5x4x3xf32>) -> tensor<?x5x4x3xf32>
"""
        return self.module(body, "%x: tensor<?x3x7x6xf32>", "tensor<?x5x4x3xf32>")

    def inputs(self, kind):
        return {"x": self.sample(kind, [3, 7, 6])}

    def oracle(self, x):
        codes, scales = quantize(x, 1, self.symmetric)
        codes = np.pad(codes, [(0, 0), (0, 0), (1, 2), (0, 1)])
        sums = np.zeros([len(x), 5, 4, 3], np.int64)
        for row in range(4):
            for column in range(3):
                window = codes[:, :, 2 * row : 2 * row + 3, 2 * column : 2 * column + 2]
                sums[:, :, row, column] = np.tensordot(window, self.w, [(1, 2, 3), (1, 2, 3)])
        scale = scales[:, None] * self.sw
        return sums.astype(f32) * scale[:, :, None, None] + self.b[:, None, None]


class Depthwise(Case):
    """One filter for each channel."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.w, self.sw = self.weights(5, 3, 3)

    def text(self):
        body = self.constant("%w", self.w, "i8") + self.constant("%sw", self.sw, "f32")
        body += self.dequantized("x", ["?", 5, 6, 6])
        body += """
    %dw = ptq.dequantize %w, %sw axis 0 : tensor<5x3x3xi8>, tensor<5xf32> -> tensor<5x3x3xf32>
    %e = tensor.empty(%n) : tensor<?x5x4x4xf32>
    %i = linalg.fill ins(%zero : f32) outs(%e : tensor<?x5x4x4xf32>) -> tensor<?x5x4x4xf32>
    %y = linalg.depthwise_conv_2d_nchw_chw ins(%d_x, %dw : tensor<?x5x6x6xf32>, tensor<5x3x3xf32>)
      outs(%i : tensor<?x5x4x4xf32>) -> tensor<?x5x4x4xf32>
"""
        return self.module(body, "%x: tensor<?x5x6x6xf32>", "tensor<?x5x4x4xf32>")

    def inputs(self, kind):
        return {"x": self.sample(kind, [5, 6, 6])}

    def oracle(self, x):
        codes, scales = quantize(x, 1, self.symmetric)
        sums = np.zeros([len(x), 5, 4, 4], np.int64)
        for row in range(3):
            for column in range(3):
                sums += codes[:, :, row : row + 4, column : column + 4] * self.w[
                    None, :, row, column, None, None
                ]
        scale = scales[:, None] * self.sw
        return sums.astype(f32) * scale[:, :, None, None]


class Attention(Case):
    """Two activations, the second one transposed: zero points on both sides."""

    def text(self):
        body = self.dequantized("x", ["?", 6, 19]) + self.dequantized("k", ["?", 4, 19])
        body += """
    %et = tensor.empty(%n) : tensor<?x19x4xf32>
    %t = linalg.transpose ins(%d_k : tensor<?x4x19xf32>) outs(%et : tensor<?x19x4xf32>) permutation = [0, 2, 1]
    %e = tensor.empty(%n) : tensor<?x6x4xf32>
    %i = linalg.fill ins(%zero : f32) outs(%e : tensor<?x6x4xf32>) -> tensor<?x6x4xf32>
    %y = linalg.batch_matmul ins(%d_x, %t : tensor<?x6x19xf32>, tensor<?x19x4xf32>)
      outs(%i : tensor<?x6x4xf32>) -> tensor<?x6x4xf32>
"""
        return self.module(
            body, "%x: tensor<?x6x19xf32>, %k: tensor<?x4x19xf32>", "tensor<?x6x4xf32>"
        )

    def inputs(self, kind):
        return {"x": self.sample(kind, [6, 19]), "k": self.sample((kind + 3) % 7, [4, 19])}

    def oracle(self, x, k):
        parts = 2 if self.per_token else 1
        (a, sa), (b, sb) = quantize(x, parts, self.symmetric), quantize(k, parts, self.symmetric)
        sums = np.einsum("nik,njk->nij", a, b).astype(f32)
        if not self.per_token:
            return sums * (sa * sb)[:, None, None]
        return sums * (sa[:, :, None] * sb[:, None, :])


def run(*command):
    """Runs a tool; returns its messages."""
    process = subprocess.run(command, capture_output=True, text=True)
    if process.returncode != 0:
        sys.exit(" ".join(command) + "\n" + process.stderr)
    return process.stderr


def check(prefix, case):
    """The number of results that are not those of the oracle."""
    samples = [case.inputs(kind) for kind in range(7)] + [case.inputs(0) for _ in range(3)]
    arrays = {name: np.stack([sample[name] for sample in samples]) for name in samples[0]}
    np.savez(prefix + ".npz", **{f"arg{i}": array for i, array in enumerate(arrays.values())})
    expected = case.oracle(**arrays)
    with open(prefix + ".mlir", "w") as file:
        file.write(case.text())
    integer, code = prefix + ".integer.mlir", prefix + ".llvm.mlir"
    summary = run("ptq-opt", prefix + ".mlir", "--ptq-lower=to=integer", "-o", integer)
    run("ptq-opt", prefix + ".mlir", "--ptq-lower", "-o", code)
    failures = 0
    if "1 op quantized, 0 left in float" not in summary:
        print(f"{prefix}: {summary}")
        failures += 1
    for module, engine, batch in (
        (integer, "interpreter", 1),
        (integer, "interpreter", 4),
        (code, "jit", 1),
        (code, "jit", 4),
    ):
        output = f"{prefix}.{engine}.{batch}.npz"
        run(
            "ptq-run",
            module,
            f"--engine={engine}",
            f"--batch={batch}",
            "--input=" + prefix + ".npz",
            "--output=" + output,
        )
        with np.load(output) as results:
            (actual,) = (results[name] for name in results.files)
        wrong = actual != expected
        if wrong.any():
            first = tuple(np.argwhere(wrong)[0])
            print(
                f"{prefix}: {engine}, batch {batch}: {wrong.sum()} of {wrong.size} differ, "
                f"first at {first}: {actual[first]} instead of {expected[first]}"
            )
            failures += 1
    return failures


def main():
    directory = sys.argv[1]
    os.makedirs(directory, exist_ok=True)
    failures = 0
    for kind in (Matmul, Convolution, Depthwise, Attention):
        for symmetric in (False, True):
            for per_token in (False, True) if kind in (Matmul, Attention) else (False,):
                name = f"{kind.__name__}.{symmetric}.{per_token}"
                failures += check(os.path.join(directory, name), kind(1, per_token, symmetric))
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())
