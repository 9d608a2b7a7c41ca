"""Measures products with weights of 4 bits in blocks beside ONNX Runtime's.

    weight_only.py [--rows 1 128] [--blocks 32 128] [--depth 4096] [--columns 4096]
                   [--cpu NAME] [--rounds 15] [--json FILE]

An ONNX model of one MatMulNBits, the operator of ONNX Runtime for weights of 4 bits,
is imported and compiled: with float products, and with the activations of each call
quantized to 16 or to 8 bits, block by block. ONNX Runtime runs the same model with
accuracy_level 4, which quantizes the activations to 8 bits, beside the last of them,
and with float products beside the others. Both take turns on one thread; a time is the
median over the rounds, of processor time, a ratio the median of those in each round.
Activations are normal random numbers; an error is the root mean square of what differs
from products in f64, over that of the products.

The tools are those on the PATH.
"""

import argparse
import json
import os
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import onnx_runtime
from kernels import get_cpu_name
from libraries import Code, build_library
from networks import run
from tables import print_rows
from timing import time_in_turns

# What `--ptq-lower=weight-only=` makes of the activations, and the accuracy_level of
# the peer.
MODES = {"f32": 0, "i16": 0, "i8": 4}


class Product:
    """Activations of `rows` times weights in blocks of `block` along the depth."""

    def __init__(self, rows, depth, columns, block):
        self.rows, self.depth, self.columns, self.block = rows, depth, columns, block
        random = np.random.default_rng(0)
        blocks = depth // block
        self.packed = random.integers(0, 256, (columns, blocks, block // 2), np.uint8)
        self.scales = random.uniform(0.5, 1, (columns, blocks)).astype(np.float32) / 8
        self.activations = random.standard_normal((rows, depth), np.float32)

    @property
    def name(self):
        return f"{self.rows}x{self.depth}x{self.columns}/{self.block}"

    def compute(self):
        """The products in f64. The first of two codes is in the low bits; 8 is 0."""
        codes = np.stack([self.packed & 15, self.packed >> 4], -1).astype(np.int8) - 8
        weights = codes.reshape(*self.scales.shape, -1) * self.scales[..., np.newaxis]
        weights = weights.reshape(self.columns, self.depth).astype(np.float64)
        return self.activations.astype(np.float64) @ weights.T

    def save(self, path, accuracy_level):
        constants = {"weights": self.packed, "scales": self.scales.reshape(-1)}
        node = helper.make_node(
            "MatMulNBits",
            ["input", *constants],
            ["output"],
            domain="com.microsoft",
            K=self.depth,
            N=self.columns,
            bits=4,
            block_size=self.block,
            accuracy_level=accuracy_level,
        )
        shapes = {"input": [self.rows, self.depth], "output": [self.rows, self.columns]}
        input, output = (
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
            for name, shape in shapes.items()
        )
        initializers = [numpy_helper.from_array(a, name) for name, a in constants.items()]
        graph = helper.make_graph([node], "net", [input], [output], initializers)
        domains = {"": 17, "com.microsoft": 1}
        opsets = [helper.make_opsetid(domain, n) for domain, n in domains.items()]
        onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), path)


def compile_product(product, mode, cpu, path):
    """A call of the compiled product."""
    model, lowered = path + ".onnx", f"{path}.{mode}.mlirbc"
    product.save(model, MODES[mode])
    imported = path + ".imported.mlirbc"
    run("ptq-translate", "--import-onnx", model, "-o", imported)
    options = [f"weight-only={mode}"] if mode != "f32" else []
    options += [f"cpu={cpu}"] if cpu else []
    lower = "--ptq-lower=" + " ".join(options)
    run("ptq-opt", imported, lower, "--emit-bytecode", "-o", lowered)
    library = build_library(lowered, f"{path}.{mode}")
    return Code(library, product.activations, [product.rows, product.columns])


def measure(product, mode, arguments, folder):
    """The figures of one product."""
    expected = product.compute()

    def get_error(output):
        return float(np.sqrt(np.mean((output - expected) ** 2) / np.mean(expected**2)))

    path = os.path.join(folder, "product")
    code = compile_product(product, mode, arguments.cpu, path)
    peer = code
    if onnx_runtime.is_available():
        feeds = {"input": product.activations}
        peer = onnx_runtime.prepare_session(path + ".onnx", feeds)
    seconds, ratio = time_in_turns(code, peer, arguments.rounds)
    figures = dict(name=product.name, activations=mode, seconds=seconds)
    figures["error"] = get_error(code.output)
    if peer is not code:
        figures.update(ratio=ratio, peer_error=get_error(peer()[0]))
    return figures


def print_table(figures):
    print(f"{figures['cpu']}, one thread\n")
    rows = []
    for product in figures["products"]:
        cells = [product["name"], product["activations"]]
        cells += [f"{1e6 * product['seconds']:.0f} us", f"{product['error']:.1e}"]
        if "ratio" in product:
            cells += [f"{product['ratio']:.2f}", f"{product['peer_error']:.1e}"]
        else:
            cells += ["", ""]
        rows.append(cells)
    columns = ["", "activations", "ptq", "error", "ONNX Runtime / ptq", "error"]
    print_rows(columns, rows)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, nargs="+", default=[1, 128])
    parser.add_argument("--blocks", type=int, nargs="+", default=[32, 128])
    parser.add_argument("--depth", type=int, default=4096)
    parser.add_argument("--columns", type=int, default=4096)
    parser.add_argument("--cpu", help="the processor that ptq compiles for")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", help="where all figures go")
    arguments = parser.parse_args()
    for block in arguments.blocks:
        if block <= 0 or block % 2 or arguments.depth % block:
            parser.error(f"the depth has no blocks of {block}")
    # Before the libraries are loaded, or they start threads.
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

    figures = dict(cpu=get_cpu_name(), products=[])
    for rows in arguments.rows:
        for block in arguments.blocks:
            product = Product(rows, arguments.depth, arguments.columns, block)
            for mode in MODES:
                with tempfile.TemporaryDirectory() as folder:
                    figures["products"].append(measure(product, mode, arguments, folder))
    if arguments.json:
        with open(arguments.json, "w") as file:
            json.dump(figures, file, indent=2)
    print_table(figures)


if __name__ == "__main__":
    main()
