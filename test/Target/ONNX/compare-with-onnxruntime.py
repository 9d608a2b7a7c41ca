# REQUIRES: onnx, onnxruntime
# RUN: %python %s %t
"""Runs every operator, with odd parameters, beside ONNX Runtime on random inputs.

The nodes of one operator and operator set version share a model, in which each node
has inputs of its own. Run by hand with names of models to see only these.
"""

import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper
from onnx_models import model, node

# Relative to the largest output, or to 1 if that is less.
TOLERANCE = 1e-5
# The size given to the symbolic dimension N.
SAMPLES = 3


class Bundle:
    """The nodes of one model, with their inputs, constants and outputs."""

    def __init__(self, name, opset=13, seed=0):
        self.name, self.opset = name, opset
        self.random = np.random.default_rng(seed)
        self.nodes, self.inputs, self.constants, self.outputs = [], {}, [], []

    def constant(self, values, dtype=np.float32):
        """Adds a constant; returns its name."""
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values, dtype), name))
        return name

    def floats(self, *shape):
        """Adds a constant of random floats."""
        return self.constant(self.random.uniform(-1, 1, shape))

    def input(self, *shape):
        """Adds a graph input; "N" is the batch."""
        name = f"x{len(self.inputs)}"
        self.inputs[name] = list(shape)
        return name

    def add(self, operator, *inputs, is_output=True, **attributes):
        """Adds a node of one output; returns its name."""
        name = f"y{len(self.nodes)}"
        self.nodes.append(node(operator, list(inputs), [name], **attributes))
        if is_output:
            self.outputs.append(name)
        return name


def elementwise(opset):
    bundle = Bundle(f"elementwise-{opset}", opset)
    for operator in ("Add", "Sub", "Mul", "Div"):
        bundle.add(operator, bundle.input("N", 3, 4), bundle.input("N", 3, 4))
        bundle.add(operator, bundle.input("N", 3, 4), bundle.floats(3, 1))
        bundle.add(operator, bundle.floats(4), bundle.input("N", 3, 1))
        bundle.add(operator, bundle.input("N", 1, 4), bundle.floats(1, 3, 1))
        bundle.add(operator, bundle.input("N", 1, 4), bundle.input("N", 3, 1))
        bundle.add(operator, bundle.constant(0.3), bundle.input("N"))
        bundle.add(operator, bundle.input("N", 2), bundle.constant([0.7]))
        bundle.add(operator, bundle.input("N", 3, 2), bundle.floats(5, 1, 1, 2), is_output=False)
    for operator in ("Relu", "Sigmoid", "Tanh", "Identity"):
        bundle.add(operator, bundle.input("N", 3, 4))
        bundle.add(operator, bundle.input())
    if opset < 11:
        bundle.add("Clip", bundle.input("N", 9), min=-0.25, max=0.5)
        bundle.add("Clip", bundle.input("N", 9), max=0.5)
    else:
        bundle.add("Clip", bundle.input("N", 9), bundle.constant(-0.25), bundle.constant(0.5))
        bundle.add("Clip", bundle.input("N", 9), "", bundle.constant(0.5))
        bundle.add("Clip", bundle.input("N", 9), bundle.constant(0.1))
    return bundle


def random_window(random, rank, kernel, with_dilations=True):
    """Window attributes; returns them with the size that the image must have at least."""
    attributes = {"strides": [int(n) for n in random.integers(1, 4, rank)]}
    dilations = [int(n) for n in random.integers(1, 3, rank)] if with_dilations else [1] * rank
    if with_dilations:
        attributes["dilations"] = dilations
    # Pads smaller than the window, so that none lies wholly in the padding.
    attributes["pads"] = [int(random.integers(0, size)) for size in 2 * list(kernel)]
    if random.random() < 0.3 and dilations == [1] * rank:
        del attributes["pads"]
        attributes["auto_pad"] = str(random.choice(["SAME_UPPER", "SAME_LOWER", "VALID"]))
        # ONNX Runtime refuses windows that leave gaps here.
        attributes["strides"] = [min(pair) for pair in zip(attributes["strides"], kernel)]
    extents = [(size - 1) * dilation + 1 for size, dilation in zip(kernel, dilations)]
    return attributes, [int(extent + random.integers(0, 9)) for extent in extents]


def convolutions(opset, seed):
    bundle = Bundle(f"convolutions-{opset}", opset, seed)
    random = bundle.random
    for index in range(40):
        rank = 1 if index % 4 == 3 else 2
        kernel = [int(n) for n in random.integers(1, 5, rank)]
        attributes, image = random_window(random, rank, kernel)
        # Dense, grouped, depthwise, depthwise with several outputs for each input.
        groups = [1, 1, 2, 3, 4][index % 5]
        per_group = [3, 1, 2, 1, 1][index % 5]
        outputs = groups * [4, 1, 3, 1, 2][index % 5]
        if index % 2:
            attributes["kernel_shape"] = kernel
        inputs = [bundle.input("N", groups * per_group, *image)]
        inputs.append(bundle.floats(outputs, per_group, *kernel))
        if index % 3:
            inputs.append(bundle.floats(outputs))
        bundle.add("Conv", *inputs, group=groups, **attributes)
    # A filter that is computed.
    bundle.add("Conv", bundle.input(2, 3, 5, 5), bundle.input(4, 3, 2, 2), bundle.input(4))
    return bundle


def pooling(opset, seed):
    bundle = Bundle(f"pooling-{opset}", opset, seed)
    random = bundle.random
    for index in range(40):
        operator = ["MaxPool", "AveragePool"][index % 2]
        rank = 1 if index % 5 == 4 else 2
        kernel = [int(n) for n in random.integers(1, 5, rank)]
        with_dilations = opset >= (10 if operator == "MaxPool" else 19)
        attributes, image = random_window(random, rank, kernel, with_dilations)
        if opset >= 10 and "auto_pad" not in attributes:
            attributes["ceil_mode"] = int(random.integers(0, 2))
        if operator == "AveragePool":
            attributes["count_include_pad"] = int(random.integers(0, 2))
        bundle.add(operator, bundle.input("N", 3, *image), kernel_shape=kernel, **attributes)
    for operator in ("GlobalAveragePool", "GlobalMaxPool"):
        bundle.add(operator, bundle.input("N", 3, 5, 7))
        bundle.add(operator, bundle.input("N", 3, 5))
        bundle.add(operator, bundle.input("N", 2, 3, 4, 5))
    return bundle


def products(opset):
    bundle = Bundle(f"products-{opset}", opset)
    for lhs, rhs in (
        (("N", 4), (4, 5)),
        (("N", 3, 4), (4, 5)),
        (("N", 2, 3, 4), (4, 5)),
        (("N", 3, 4), (4,)),
    ):
        bundle.add("MatMul", bundle.input(*lhs), bundle.floats(*rhs))
    for lhs, rhs in (
        (("N", 3, 4), ("N", 4, 5)),
        (("N", 2, 3, 4), ("N", 2, 4, 5)),
        (("N", 2, 3, 4), ("N", 1, 4, 5)),
        (("N", 3, 4), (1, 4, 5)),
        ((3, 4), ("N", 4, 5)),
        ((2, 1, 3, 4), (5, 4, 2)),
        ((4,), (4, 5)),
        ((3, 4), (4,)),
        ((4,), (4,)),
        ((4,), (2, 4, 5)),
        ((2, 3, 4), (4,)),
    ):
        bundle.add("MatMul", bundle.input(*lhs), bundle.input(*rhs))
    for index, bias in enumerate(((5,), (1,), (1, 5), (), None)):
        inputs = [bundle.input("N", 4), bundle.floats(*((4, 5), (5, 4))[index % 2])]
        if bias is not None:
            inputs.append(bundle.floats(*bias))
        elif opset < 11:
            inputs.append(bundle.floats(5))
        bundle.add("Gemm", *inputs, transB=index % 2, alpha=0.5 + index, beta=1.0 - index / 2)
    for bias in ((6, 5), (6, 1), (5,)):
        bundle.add("Gemm", bundle.input(4, 6), bundle.input(5, 4), bundle.input(*bias), transA=1, transB=1, alpha=0.3, beta=1.7)
    bundle.add("Gemm", bundle.input("N", 4), bundle.floats(4, 5), bundle.floats(5), beta=0.0)
    return bundle


def normalizations(opset):
    bundle = Bundle(f"normalizations-{opset}", opset)
    for shape in (("N", 5), ("N", 5, 3), ("N", 5, 3, 2)):
        parameters = [bundle.floats(5) for _ in range(3)]
        variance = bundle.constant(bundle.random.uniform(0.01, 4, 5))
        bundle.add("BatchNormalization", bundle.input(*shape), *parameters, variance, epsilon=1e-3)
    for axis in (1, 2, 3, -1 if opset >= 11 else 1):
        bundle.add("Softmax", bundle.input("N", 4, 3, 2), axis=axis)
    bundle.add("Softmax", bundle.input("N", 4))
    return bundle


def shapes(opset):
    bundle = Bundle(f"shapes-{opset}", opset)
    for axis in (0, 1, 2, 4):
        bundle.add("Flatten", bundle.input(2, 3, 4, 5), axis=axis)
    bundle.add("Flatten", bundle.input("N", 3, 4))
    for source, shape in (
        (("N", 3, 4), [-1, 12]),
        (("N", 3, 4), [0, 12]),
        (("N", 3, 4), [-1, 2, 6]),
        (("N", 3, 4), [0, 4, -1, 1]),
        (("N", 6), [0, 1, 2, 1, 3]),
        (("N", 1, 1), [-1]),
        ((2, 3, 4), [4, -1, 3]),
        ((2, 3, 4), [24]),
        ((1, 1), []),
        ((), [1, 1, 1]),
        ((6, 5, 4), [10, 2, 6]),
    ):
        bundle.add("Reshape", bundle.input(*source), bundle.constant(shape, np.int64))
    # Two thirds of the batch's rows, and back.
    folded = bundle.add("Reshape", bundle.input("N", 3, 4), bundle.constant([-1, 4], np.int64), is_output=False)
    bundle.add("Reshape", folded, bundle.constant([-1, 2, 6], np.int64))
    bundle.add("Transpose", bundle.input("N", 3, 4), perm=[0, 2, 1])
    bundle.add("Transpose", bundle.input(2, 3, 4))
    bundle.add("Transpose", bundle.input(5))
    bundle.add("Transpose", bundle.input())
    bundle.add("Transpose", bundle.input(2, 3, 4, 5), perm=[2, 0, 3, 1])
    swapped = bundle.add("Transpose", bundle.floats(3, 2, 4), perm=[2, 0, 1], is_output=False)
    bundle.add("Add", bundle.input("N", 4, 3, 2), swapped)
    axes = lambda *axes: {"axes": axes} if opset < 13 else {}
    constants = lambda *axes: [bundle.constant(axes, np.int64)] if opset >= 13 else []
    bundle.add("Squeeze", bundle.input("N", 1, 3, 1), *constants(1, 3), **axes(1, 3))
    bundle.add("Squeeze", bundle.input("N", 1, 3, 1), *constants(1), **axes(1))
    bundle.add("Squeeze", bundle.input(2, 1, 3, 1))
    bundle.add("Unsqueeze", bundle.input("N", 3), *constants(1, 3), **axes(1, 3))
    bundle.add("Unsqueeze", bundle.input(2, 3), *constants(0, 2), **axes(0, 2))
    bundle.add("Dropout", bundle.input("N", 3))
    literal = bundle.add("Constant", value=numpy_helper.from_array(np.arange(3, dtype=np.float32)), is_output=False)
    bundle.add("Add", bundle.input("N", 3), literal)
    return bundle


def bundles():
    for opset in (7, 9, 11, 13, 17, 21):
        yield elementwise(opset)
        yield convolutions(opset, seed=opset)
        yield pooling(opset, seed=opset)
        yield products(opset)
        yield normalizations(opset)
        yield shapes(opset)


def split(bundle):
    """Models with a symbolic batch and without one, so that each has a clear signature."""
    for suffix, wants_batch in (("", True), ("-fixed", False)):
        produced = {name: made for made in bundle.nodes for name in made.output}

        def ancestors(name):
            made = produced.get(name)
            return [name] + [a for i in (made.input if made else ()) for a in ancestors(i)]

        outputs = [
            name
            for name in bundle.outputs
            if any("N" in bundle.inputs.get(a, ()) for a in ancestors(name)) == wants_batch
        ]
        names = {a for name in outputs for a in ancestors(name)}
        if outputs:
            yield bundle.name + suffix, model(
                [made for made in bundle.nodes if made.output[0] in names],
                {name: shape for name, shape in bundle.inputs.items() if name in names},
                outputs,
                [constant for constant in bundle.constants if constant.name in names],
                bundle.opset,
            )


def run(path, inputs):
    """Outputs by name, from the importer and the interpreter."""
    imported, fed, got = path + ".mlirbc", path + ".in.npz", path + ".out.npz"
    np.savez(fed, **inputs)
    for command in (
        ["ptq-translate", "--import-onnx", "--emit-bytecode", path, "-o", imported],
        ["ptq-run", imported, "--engine=interpreter", "--input", fed, "--output", got],
    ):
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return np.load(got)


def is_batched(info):
    """Whether the first dimension of an input is symbolic."""
    dims = info.type.tensor_type.shape.dim
    return bool(dims) and dims[0].HasField("dim_param")


def compare(name, made, directory):
    """Whether all outputs agree; prints those that do not."""
    path = os.path.join(directory, name + ".onnx")
    onnx.save(made, path)
    random = np.random.default_rng(1)
    inputs = {
        info.name: random.uniform(
            -1, 1, [dim.dim_value or SAMPLES for dim in info.type.tensor_type.shape.dim]
        ).astype(np.float32)
        for info in made.graph.input
    }
    options = onnxruntime.SessionOptions()
    # Its shape inference ignores that a window of ceil_mode must start inside.
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    expected = dict(zip((info.name for info in made.graph.output), session.run(None, inputs)))
    # ptq-run wants as many samples of each input: those without a batch are repeated.
    batched = {info.name for info in made.graph.input if is_batched(info)}
    if batched:
        inputs = {
            key: values if key in batched else np.stack([values] * SAMPLES)
            for key, values in inputs.items()
        }
    results = run(path, inputs)
    agrees, worst = True, 0.0
    for key, values in expected.items():
        result = results[key]
        # The result for the one sample of a model without a batch.
        if result.shape == (1, *values.shape):
            result = result[0]
        made_node = next(n for n in made.graph.node if key in n.output)
        if result.shape != values.shape:
            print(f"{name}: {key}: shape {result.shape}, expected {values.shape}\n{made_node}")
            agrees = False
            continue
        scale = max(1.0, np.abs(values).max(initial=0))
        error = np.abs(result - values).max(initial=0) / scale
        worst = max(worst, error)
        if not error <= TOLERANCE:
            print(f"{name}: {key}: error {error}\n{made_node}")
            agrees = False
    print(f"{name}: {len(expected)} outputs, largest error {worst:.1e}")
    return agrees


def main(directory, *wanted):
    os.makedirs(directory, exist_ok=True)
    models = [made for bundle in bundles() for made in split(bundle)]
    results = [
        compare(name, made, directory) for name, made in models if not wanted or name in wanted
    ]
    sys.exit(not results or not all(results))


if __name__ == "__main__":
    main(*sys.argv[1:])
