"""Weight-only quantization of one network, against numpy and compiled.

    check_weight_only.py MODEL.onnx --data FOLDER --work FOLDER
                         [--accuracy MODE=PERCENT ...]
                         [--tokens INPUT] [--loss MODE=NLL ...] [--float-tables]
                         [--modes MODE ...]

For each way to quantize weights (MODES) the same is done twice: by ptq, and by
numpy, which quantizes the weights in the ONNX file and leaves the network in
float. Checked are

  numpy        ptq's compiled code gives what the float network with numpy's
               weights gives, interpreted, within 1e-5 of the largest output
  engines      so does ptq's network, interpreted
  size         codes, scales and zero points are as small as promised, in the
               file and in the compiled constants alike
  accuracy     top-1 is within 0.3 points of what was expected, where it is given
  loss         of a language model (--tokens): the mean negative log-likelihood of
               the next token over the first 150 windows is within 0.005 of what
               was expected, where it is given; the interpreter runs 4 of them

Tables that rows are gathered from, such as embeddings, are weights as well; with
--float-tables a recipe leaves them alone. Batch norms are not folded: that would give the weights of a tensor another
range, and the expected figures are those of the networks as they are.
"""

import argparse
import json
import re
import sys

import numpy as np
import onnx
from onnx import numpy_helper

from checker import Checker, run

# Name: options of ptq-assign-schemes, largest size beside float (None where
# nothing is promised).
MODES = {
    "i8-tensor": ("weights=i8 weights-per=tensor", 0.28),
    "i8": ("weights=i8", 0.28),
    "i4": ("weights=i4", 0.155),
    "i4-blocks": ("weights=i4 block=32", 0.15),
    # The last block is short in most networks.
    "i4-blocks-64": ("weights=i4 block=64", 0.15),
    "i8-blocks-128": ("weights=i8 block=128", 0.28),
    "i4-asymmetric": ("weights=i4 block=32 weights-symmetry=asymmetric", None),
    "i2": ("weights=i2 block=16", None),
    # Activations rounded to half of a word before each product.
    "i8-f16": ("weights=i8 activations=f16", 0.28),
    "i4-blocks-bf16": ("weights=i4 block=32 activations=bf16", 0.15),
    # Only matrices of whole groups are in groups, everything else per channel.
    "i4-groups": ("weights=i4", 0.155),
}
ELEMENT_BYTES = {"f32": 4, "f16": 2, "i64": 8, "i32": 4, "i8": 1, "index": 8}
BLOCKS = {"i4-blocks": 32, "i4-blocks-64": 64, "i8-blocks-128": 128}
BLOCKS.update({"i4-asymmetric": 32, "i2": 16, "i4-blocks-bf16": 32})
# Name: element type, and the root mean square error, as a share of that of the
# outputs, which a few values that round the other way may cost. Rounding costs
# more than that.
HALVES = {
    "i8-f16": (onnx.TensorProto.FLOAT16, 1e-4),
    "i4-blocks-bf16": (onnx.TensorProto.BFLOAT16, 8e-4),
}
FLOAT_TABLES = """{"version": 1, "rules": [{"kind": "gather", "scheme": "float"}]}"""
FLOAT_PASSES = ["ptq-verify-resources", "ptq-fold-constants", "canonicalize"]


class WeightOnlyChecker(Checker):
    def transform(self, source, name, *flags):
        path = self.path(name)
        run("ptq-opt", source, *flags, "--emit-bytecode", "-o", path)
        return path

    def execute(self, module, engine, *options):
        """What ptq-run prints, and the one output."""
        text, outputs = super().execute(module, engine, *options)
        (result,) = outputs.values()
        return text, result

    def interpret(self, module):
        options = ["--samples=4"] if self.arguments.tokens else []
        _, result = self.execute(module, "interpreter", *options)
        return result

    def count_constants(self, module):
        """The bytes of all constants in a module, compiled or not."""
        text = run(
            "ptq-opt",
            module,
            "--mlir-elide-resource-strings-if-larger=16",
            "--mlir-elide-elementsattrs-if-larger=16",
        ).stdout
        lines = [
            line
            for line in text.splitlines()
            if re.search(r"arith\.constant|mlir\.global .*constant", line)
        ]
        total = 0
        for line in lines:
            if found := re.search(r": tensor<((?:\d+x)*)([a-z]\w+)>", line):
                sizes = [int(size) for size in found[1].split("x") if size]
                total += int(np.prod(sizes)) * ELEMENT_BYTES[found[2]]
        return total


def round_and_clamp(values, scales, zero_points, low, high):
    codes = np.rint(values / scales) + zero_points
    return (np.clip(codes, low, high) - zero_points).astype(np.float32) * scales


def quantize_rows(rows, bits, symmetric, half):
    """Each row with a scale of its own, as numerics demand: scales are rounded
    before codes are computed."""
    low, high = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    smallest = np.minimum(rows.min(1, keepdims=True), 0).astype(np.float64)
    largest = np.maximum(rows.max(1, keepdims=True), 0).astype(np.float64)
    if symmetric:
        low = -high
        span, steps = np.maximum(-smallest, largest), high
    else:
        span, steps = largest - smallest, high - low
    scales = (span / steps).astype(np.float32)
    if half:
        scales = scales.astype(np.float16).astype(np.float32)
    zero_points = np.zeros_like(span)
    if not symmetric:
        with np.errstate(invalid="ignore", divide="ignore"):
            zero_points = np.clip(np.rint(low - smallest / scales), low, high)
    zero_points = np.where(span == 0, 0, zero_points).astype(np.float32)
    scales[span == 0] = 1
    return round_and_clamp(rows, scales, zero_points, low, high)


def quantize(weights, mode, is_matrix):
    """`weights` with output channels first."""
    bits = int(mode[1])
    symmetric = mode != "i4-asymmetric"
    rows = weights.reshape(len(weights), -1)
    depth = rows.shape[1]
    if mode == "i8-tensor":
        return quantize_rows(weights.reshape(1, -1), bits, True, False).reshape(
            weights.shape
        )
    block = BLOCKS.get(mode)
    if mode == "i4-groups" and is_matrix and depth % 32 == 0:
        block = 32
    half = block is not None
    block = block or depth
    parts = [
        quantize_rows(rows[:, at : at + block], bits, symmetric, half)
        for at in range(0, depth, block)
    ]
    return np.concatenate(parts, 1).reshape(weights.shape)


def find_weights(node, initializers, with_tables):
    """The name of the weights of `node`, and whether channels come first."""
    if node.op_type == "Gather" and with_tables:
        is_table = node.input[0] in initializers and all(
            a.i == 0 for a in node.attribute
        )
        return (node.input[0], True) if is_table else (None, False)
    if node.op_type not in ("Conv", "Gemm", "MatMul"):
        return None, False
    attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    channels_first = node.op_type == "Conv" or bool(attributes.get("transB", 0))
    return node.input[1], channels_first


def quantize_model(model, mode, with_tables=True):
    """Quantizes the weights of `model` in place; returns their float bytes."""
    initializers = {tensor.name: tensor for tensor in model.graph.initializer}
    total = 0
    for node in model.graph.node:
        name, channels_first = find_weights(node, initializers, with_tables)
        tensor = initializers.get(name)
        if tensor is None:
            continue
        weights = numpy_helper.to_array(tensor)
        total += weights.nbytes
        if not channels_first:
            weights = weights.T
        result = quantize(np.ascontiguousarray(weights), mode, node.op_type != "Conv")
        if not channels_first:
            result = result.T
        tensor.CopyFrom(
            numpy_helper.from_array(np.ascontiguousarray(result), tensor.name)
        )
    return total


def round_activations(model, element):
    """Rounds what products read to `element`, and widens it again."""
    nodes = []
    for node in model.graph.node:
        if node.op_type in ("Conv", "Gemm", "MatMul"):
            value = node.input[0]
            name = f"{node.output[0]}_{value}"
            narrow = onnx.helper.make_node("Cast", [value], [name + "_half"], to=element)
            wide = onnx.helper.make_node(
                "Cast", [name + "_half"], [name + "_word"], to=onnx.TensorProto.FLOAT
            )
            node.input[0] = name + "_word"
            nodes += [narrow, wide]
        nodes.append(node)
    copies = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del model.graph.node[:]
    model.graph.node.extend(copies)


def put_matrices_in_groups(text, with_tables):
    """Schemes for the products whose sums are whole groups of 32, and the tables
    whose rows are."""
    scheme = (
        "{ptq.scheme = #ptq.scheme<weights = <i4, symmetric, granularity = block, "
        "block_size = 32, narrow_range = true>>}"
    )

    def put(match):
        depth = int(match[2].split("x")[0])
        return match[1] + (f" {scheme}" if depth % 32 == 0 else "") + match[0][len(match[1]) :]

    if with_tables:
        text = re.sub(
            r"(tensor\.extract %\S+\[.*\]) : tensor<\d+x(\d+)xf32>", put, text
        )
    return re.sub(
        r"(linalg\.matmul)(?= ins) ins\(%\S+, %\S+ : tensor<\S+>, tensor<(\S+)xf32>\)",
        put,
        text,
    )


def get_error(result, expected, mode):
    """The largest error beside the largest output; where values are rounded to
    half of a word, the mean one beside the mean one."""
    mean = lambda x: np.sqrt(np.mean(x.astype(np.float64) ** 2))
    largest = lambda x: np.abs(x).max()
    norm = mean if mode in HALVES else largest
    return norm(result - expected) / norm(expected)


def check_mode(checker, mode, float_form, float_code):
    options, promised = MODES[mode]
    with_tables = not checker.arguments.float_tables
    if not with_tables:
        recipe = checker.path("recipe.json")
        with open(recipe, "w") as file:
            file.write(FLOAT_TABLES)
        options += " recipe=" + recipe
    name = mode + "."
    source = float_form
    if mode == "i4-groups":
        source = checker.path(name + "schemes.mlir")
        with open(source, "w") as file:
            file.write(
                put_matrices_in_groups(run("ptq-opt", float_form).stdout, with_tables)
            )
    passes = [
        "ptq-assign-schemes{scheme=weight-only " + options + "}",
        "ptq-insert-observers",
        "ptq-run-calibration",
        "ptq-fold-parameters",
        "cse",
        "canonicalize",
    ]
    pipeline = "--pass-pipeline=builtin.module(" + ",".join(passes) + ")"
    quantized = checker.transform(source, name + "qdq.mlirbc", pipeline)
    code = checker.transform(quantized, name + "llvm.mlirbc", "--ptq-lower")

    model = onnx.load(checker.arguments.model)
    float_bytes = quantize_model(model, mode, with_tables)
    tolerance = 1e-5
    if mode in HALVES:
        element, tolerance = HALVES[mode]
        round_activations(model, element)
    simulated = checker.path(name + "onnx")
    onnx.save(model, simulated)
    imported = checker.path(name + "numpy.mlir")
    run("ptq-translate", "--import-onnx", simulated, "-o", imported)

    if checker.arguments.tokens:
        result = check_loss(checker, mode, code)
    else:
        result = check_accuracy(checker, mode, code)
    for check, module in (("numpy", imported), ("engines", quantized)):
        expected = checker.interpret(module)
        error = get_error(result[: len(expected)], expected, mode)
        checker.expect(error <= tolerance, f"{mode}: {check}: differs by {error:.1e}")
    for check, module, reference in (
        ("file", quantized, float_form),
        ("code", code, float_code),
    ):
        rest = checker.count_constants(reference) - float_bytes
        share = (checker.count_constants(module) - rest) / float_bytes
        checker.expect(
            promised is None or share <= promised,
            f"{mode}: size: {share:.4f} of float in the {check}, promised {promised}",
        )


def check_accuracy(checker, mode, code):
    """Checks compiled code; returns its outputs."""
    _, result = checker.execute(code, "jit")
    with np.load(checker.data("evaluation.npz")) as arrays:
        labels = arrays["labels"]
    accuracy = 100 * float(np.mean(result.argmax(1) == labels))
    wanted = dict(checker.arguments.accuracy).get(mode)
    checker.expect(
        wanted is None or abs(accuracy - wanted) <= 0.3,
        f"{mode}: accuracy: {accuracy:.2f} %, expected {wanted}",
    )
    return result


def check_loss(checker, mode, code):
    """Checks compiled code; returns its outputs."""
    report, result = checker.execute(
        *[code, "jit", "--tokens", checker.arguments.tokens, "--samples=150", "--json"]
    )
    loss = json.loads(report)["nll"]
    wanted = dict(checker.arguments.loss).get(mode)
    checker.expect(
        wanted is None or abs(loss - wanted) <= 0.005,
        f"{mode}: loss: {loss:.4f}, expected {wanted}",
    )
    return result


def main():
    def parse_figure(text):
        mode, value = text.split("=")
        return mode, float(value)

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("--data", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--accuracy", nargs="*", type=parse_figure, default=[])
    parser.add_argument("--tokens")
    parser.add_argument("--loss", nargs="*", type=parse_figure, default=[])
    parser.add_argument("--float-tables", action="store_true")
    parser.add_argument("--modes", nargs="*", choices=MODES, default=MODES)
    checker = WeightOnlyChecker(parser.parse_args())
    imported = checker.path("float.mlir")
    run("ptq-translate", "--import-onnx", checker.arguments.model, "-o", imported)
    pipeline = "--pass-pipeline=builtin.module(" + ",".join(FLOAT_PASSES) + ")"
    float_form = checker.transform(imported, "float.mlirbc", pipeline)
    float_code = checker.transform(float_form, "float.llvm.mlirbc", "--ptq-lower")
    for mode in checker.arguments.modes:
        check_mode(checker, mode, float_form, float_code)
    sys.exit(checker.failures != 0)


if __name__ == "__main__":
    main()
