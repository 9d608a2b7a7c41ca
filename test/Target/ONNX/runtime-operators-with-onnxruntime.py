# REQUIRES: onnx, onnxruntime
# RUN: %python %s %t
"""Runs the operators that ONNX Runtime's quantizers add to the standard, interpreted and
compiled, beside ONNX Runtime: one by one, and in models that the quantizers wrote."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
import numpy as np
import onnx
from compare_quantized import (
    TYPES,
    Comparison,
    codes,
    constant,
    dequantized,
    limits,
    quantized,
    random,
    scales,
    weights,
)
from onnx import TensorProto, helper, numpy_helper
from onnx_models import model, node, tensor
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

try:
    from onnxruntime.quantization import matmul_nbits_quantizer
except ImportError:  # It needs onnx_ir.
    matmul_nbits_quantizer = None

IMAGE = (2, 4, 7, 6)


def runtime_node(operator, inputs, outputs, **attributes):
    return node(operator, inputs, outputs, domain="com.microsoft", **attributes)


def result(dtype, scale, zero_point):
    """The parameters of output r, and the node that makes floats of it."""
    parameters = [constant("r_s", "float32", scale), constant("r_z", dtype, zero_point)]
    return parameters, dequantized("y", "r")


def compare_unary(compare):
    x = random.uniform(-4, 4, IMAGE).astype(np.float32)
    pool = {"kernel_shape": [3, 2]}
    cases = [
        ("QLinearSigmoid", 1 / 256, {}),
        ("QLinearLeakyRelu", 0.03, {"alpha": 0.3}),
        ("QLinearLeakyRelu", 0.03, {}),
        ("QLinearGlobalAveragePool", 0.01, {"channels_last": 0}),
        ("QLinearAveragePool", 0.03, pool),
        ("QLinearAveragePool", 0.03, {**pool, "pads": [1, 0, 2, 1], "strides": [2, 1]}),
        ("QLinearAveragePool", 0.03, {**pool, "pads": [1, 0, 2, 1], "count_include_pad": 1}),
        ("QLinearSoftmax", 1 / 256, {"axis": -1, "opset": 13}),
        ("QLinearSoftmax", 1 / 256, {"axis": 1, "opset": 13}),
        ("QLinearSoftmax", 1 / 4096, {"axis": 1, "opset": 12}),
    ]
    for dtype in ("uint8", "int8"):
        low, high = limits(dtype)
        for index, (operator, scale, attributes) in enumerate(cases):
            zero_point = low if scale < 0.01 else (low + high) // 2 + 5
            nodes, constants = quantized("q", "x", dtype, 4 / 128, (low + high) // 2 - 3)
            parameters, last = result(dtype, scale, zero_point)
            nodes += [runtime_node(operator, "q q_s q_z r_s r_z", "r", **attributes), last]
            name = f"{operator}-{dtype}-{index}"
            compare(name, nodes, constants + parameters, {"x": x}, step=scale)
        # Without zero points they are 0.
        nodes, constants = quantized("q", "x", dtype, 4 / 128, 0)
        parameters, last = result(dtype, 1 / 256, 0)
        nodes += [runtime_node("QLinearSigmoid", ["q", "q_s", "", "r_s", ""], "r"), last]
        compare(f"no-zero-{dtype}", nodes, constants + parameters, {"x": x}, step=1 / 256)


def compare_binary(compare):
    x = random.uniform(-4, 4, IMAGE).astype(np.float32)
    for dtype in ("uint8", "int8"):
        for operator, scale in (("QLinearAdd", 0.0613), ("QLinearMul", 0.1237)):
            for shape in (IMAGE, (4, 1, 6), (1,)):
                nodes, constants = quantized("q", "x", dtype, 4 / 128, 7)
                constants += [
                    constant("w", dtype, codes(dtype, *shape)),
                    constant("w_s", "float32", 0.0211),
                    constant("w_z", dtype, 9),
                ]
                parameters, last = result(dtype, scale, 11)
                inputs = "q q_s q_z w w_s w_z r_s r_z"
                nodes += [runtime_node(operator, inputs, "r"), last]
                name = f"{operator}-{dtype}-{len(shape)}"
                compare(name, nodes, constants + parameters, {"x": x}, step=scale)


def compare_many(compare):
    x = random.uniform(-4, 4, IMAGE).astype(np.float32)
    for dtype in ("uint8", "int8"):
        nodes, constants = quantized("q", "x", dtype, 4 / 128, 7)
        others, more = quantized("p", "x", dtype, 0.0517, 9)
        parameters, last = result(dtype, 0.0413, 11)
        constants += more + parameters
        inputs = "r_s r_z q q_s q_z p p_s p_z q q_s q_z"
        concat = runtime_node("QLinearConcat", inputs, "r", axis=-2)
        compare(
            f"concat-{dtype}", nodes + others + [concat, last], constants, {"x": x}, step=0.0413
        )
        constants.append(constant("zero", "float32", 0.5))
        condition = node("Greater", "x zero", "c")
        inputs = "c q q_s q_z p p_s p_z r_s r_z"
        where = runtime_node("QLinearWhere", inputs, "r")
        chosen = nodes + others + [condition, where, last]
        compare(f"where-{dtype}", chosen, constants, {"x": x}, step=0.0413)


def compare_products(compare):
    x = random.uniform(-1, 1, (5, 12)).astype(np.float32)
    for x_type, w_type in (("uint8", "int8"), ("uint8", "uint8"), ("int8", "int8")):
        for trans_b in (0, 1):
            for per_column in (False, True):
                if per_column and w_type == "uint8":
                    continue
                shape = (8, 12) if trans_b else (12, 8)
                w_scale = scales(8) if per_column else scales()
                zero = 100 if w_type == "uint8" else 0
                nodes, constants = quantized("q", "x", x_type, 0.01, 7)
                parameters, last = result(x_type, 0.25, 11)
                constants += parameters + [
                    constant("w", w_type, weights(w_type, *shape)),
                    constant("w_s", "float32", w_scale),
                    constant("w_z", w_type, np.full_like(w_scale, zero)),
                    constant("b", "int32", random.integers(-5000, 5000, 8)),
                ]
                name = f"gemm-{x_type}-{w_type}-{trans_b}-{per_column}"
                attributes = {"transB": trans_b, "alpha": 0.5}
                inputs = "q q_s q_z w w_s w_z b r_s r_z"
                gemm = runtime_node("QGemm", inputs, "r", **attributes)
                compare(name, nodes + [gemm, last], constants, {"x": x}, step=0.25)
                gemm = runtime_node("QGemm", "q q_s q_z w w_s w_z b", "y", **attributes)
                compare(name + "-float", nodes + [gemm], constants, {"x": x}, tolerance=1e-5)
    matrix = random.uniform(-1, 2, (2, 5, 12)).astype(np.float32)
    for w_type in ("uint8", "int8"):
        for per_column in (False, True):
            w_scale = scales(8) if per_column else scales()
            zeros = codes(w_type, 8) if per_column else codes(w_type)
            nodes, constants = quantized("q", "x", "uint8", 0.02, 60)
            constants += [
                constant("w", w_type, weights(w_type, 12, 8)),
                constant("w_s", "float32", w_scale),
                constant("w_z", w_type, zeros),
                constant("b", "float32", scales(8)),
            ]
            name = f"{w_type}-{per_column}"
            inputs = "q w q_s w_s q_z w_z b"
            product = runtime_node("MatMulIntegerToFloat", inputs, "y")
            compare("to-float-" + name, nodes + [product], constants, {"x": matrix}, tolerance=1e-5)
            product = runtime_node("DynamicQuantizeMatMul", "x w w_s w_z b", "y")
            compare("dynamic-" + name, [product], constants, {"x": matrix}, tolerance=1e-5)


def compare_pairs(compare):
    """Codes of 16 and 4 bits in models of old operator sets."""
    x = random.uniform(-4, 4, IMAGE).astype(np.float32)
    for dtype in ("uint16", "int16", "uint4", "int4"):
        constants = [constant("s", "float32", 0.3), constant("z", dtype, 5)]
        nodes = [
            runtime_node("QuantizeLinear", "x s z", "q"),
            runtime_node("DequantizeLinear", "q s z", "y"),
        ]
        compare(f"pair-{dtype}", nodes, constants, {"x": x}, opset=17)


def compare_blocks(compare):
    """Products with weights of a few bits. Negative scales, and those of 0, are such."""
    x = random.uniform(-1, 1, (2, 3, 40)).astype(np.float32)
    for bits in (4, 8):
        for depth, size in ((40, 16), (40, 32), (40, 64), (40, 128)):
            count = -(-depth // size)
            w_scale = random.uniform(-0.1, 0.1, (7, count)).astype(np.float32)
            w_scale[0, 0] = 0
            constants = [
                constant("w", "uint8", codes("uint8", 7, count, size * bits // 8)),
                constant("w_s", "float32", w_scale),
                constant("w_z", "uint8", codes("uint8", 7, -(-count * bits // 8))),
                constant("b", "float32", scales(7)),
            ]
            attributes = {"K": depth, "N": 7, "bits": bits, "block_size": size}
            for kind, inputs in (
                ("plain", "x w w_s"),
                ("zero", "x w w_s w_z"),
                ("bias", ["x", "w", "w_s", "w_z", "", "b"]),
            ):
                product = runtime_node("MatMulNBits", inputs, "y", **attributes)
                name = f"blocks-{bits}-{size}-{kind}"
                compare(name, [product], constants, {"x": x}, tolerance=1e-5)


def compare_rows(compare):
    indices = np.array([[3, 0, 5], [8, -1, 2]], np.float32)
    for dtype in ("uint4", "int4"):
        for axis, gather_axis in ((1, 0), (0, 1), (1, 1)):
            scale_shape = (9, 3) if axis == 1 else (1, 40)
            constants = [
                constant("w", dtype, codes(dtype, 9, 40)),
                constant("w_s", "float32", scales(*scale_shape)),
                constant("w_z", dtype, codes(dtype, *scale_shape)),
            ]
            attributes = {"quantize_axis": axis, "gather_axis": gather_axis, "block_size": 16}
            nodes = [
                node("Cast", "x", "i", to=TensorProto.INT64),
                runtime_node("GatherBlockQuantized", "w i w_s w_z", "y", **attributes),
            ]
            name = f"rows-{dtype}-{axis}-{gather_axis}"
            compare(name, nodes, constants, {"x": indices})


class Samples(CalibrationDataReader):
    def __init__(self, samples):
        self.rest = iter(samples)

    def get_next(self):
        sample = next(self.rest, None)
        return None if sample is None else {"x": sample[None]}


def make_network():
    """A network of everything that the static quantizer has an operator for."""
    integers = lambda name, values: numpy_helper.from_array(np.array(values, np.int64), name)
    nodes = [
        node("Conv", "x w0 b0", "c0", pads=[1, 1, 1, 1]),
        node("Relu", "c0", "r0"),
        node("MaxPool", "r0", "m", kernel_shape=[2, 2], strides=[2, 2]),
        node("Conv", "m w1 b1", "c1", pads=[1, 1, 1, 1]),
        node("Add", "m c1", "a"),
        node("Sigmoid", "a", "g"),
        node("Mul", "a g", "sw"),
        node("LeakyRelu", "sw", "lr", alpha=0.1),
        node("AveragePool", "lr", "ap", kernel_shape=[2, 2], strides=[2, 2]),
        node("Pad", "ap pads", "pd"),
        node("AveragePool", "pd", "ap2", kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2]),
        node("Concat", "ap2 ap2", "cc", axis=1),
        node("Split", "cc", "s0 s1", axis=1),
        node("Concat", "s1 s0", "cd", axis=1),
        node("Transpose", "cd", "t", perm=[0, 2, 3, 1]),
        node("Transpose", "t", "u", perm=[0, 3, 1, 2]),
        node("GlobalAveragePool", "u", "gp"),
        node("Flatten", "gp", "fl"),
        node("Gemm", "fl w2 b2", "ge", transB=1),
        node("Clip", "ge lo hi", "cl"),
        node("Reshape", "cl shape", "rs"),
        node("MatMul", "rs w3", "mm"),
        node("Softmax", "mm", "y", axis=-1),
    ]
    constants = [
        tensor("w0", (8, 3, 3, 3), 1),
        tensor("b0", (8,), 2),
        tensor("w1", (8, 8, 3, 3), 3),
        tensor("b1", (8,), 4),
        integers("pads", [0, 0, 1, 0, 0, 0, 1, 1]),
        tensor("w2", (12, 16), 5),
        tensor("b2", (12,), 6),
        constant("lo", "float32", -3.0),
        constant("hi", "float32", 3.0),
        integers("shape", [-1, 2, 6]),
        tensor("w3", (6, 5), 7),
    ]
    return model(nodes, {"x": ["N", 3, 16, 16]}, ["y"], constants, opset=17)


def compare_static_quantizer(compare):
    path = os.path.join(compare.directory, "network.onnx")
    onnx.save(make_network(), path)
    samples = random.uniform(-1, 1, (16, 3, 16, 16)).astype(np.float32)
    expected = {"QLinearConv", "MaxPool", "QLinearAdd", "QLinearSigmoid", "QLinearMul"}
    expected |= {"QLinearLeakyRelu", "QLinearAveragePool", "Pad", "QLinearConcat", "Split"}
    expected |= {"Transpose", "QLinearGlobalAveragePool", "Flatten", "QGemm", "Reshape"}
    expected |= {"QLinearMatMul", "QLinearSoftmax", "QuantizeLinear", "DequantizeLinear"}
    for activations, weights_type, per_channel in (
        (QuantType.QUInt8, QuantType.QInt8, False),
        (QuantType.QUInt8, QuantType.QInt8, True),
        (QuantType.QUInt8, QuantType.QUInt8, False),
        (QuantType.QInt8, QuantType.QInt8, True),
    ):
        name = f"static-{activations}-{weights_type}-{per_channel}"
        made = os.path.join(compare.directory, name + ".onnx")
        quantize_static(
            path,
            made,
            Samples(samples),
            quant_format=QuantFormat.QOperator,
            activation_type=activations,
            weight_type=weights_type,
            per_channel=per_channel,
            reduce_range=True,
        )
        made = onnx.load(made)
        assert {made_node.op_type for made_node in made.graph.node} == expected
        compare.compare_model(name, made, {"x": samples[:4]}, step=1 / 256, lowers=True)


def compare_weight_quantizer(compare):
    nodes = [
        node("Cast", "x", "i", to=TensorProto.INT64),
        node("Gather", "table i", "e"),
        node("MatMul", "e w0", "h"),
        node("Relu", "h", "r"),
        node("MatMul", "r w1", "y"),
    ]
    constants = [tensor("table", (20, 48), 1), tensor("w0", (48, 40), 2), tensor("w1", (40, 9), 3)]
    made = model(nodes, {"x": ["N", 6]}, ["y"], constants, opset=21)
    made.ir_version = 10
    indices = random.integers(0, 20, (2, 6)).astype(np.float32)
    quantizers = matmul_nbits_quantizer
    for is_symmetric in (False, True):
        for bits in (4, 8):
            for form in (QuantFormat.QOperator, QuantFormat.QDQ):
                if (bits, form) == (8, QuantFormat.QDQ):
                    continue
                kinds = (
                    ("MatMul", "Gather") if bits == 4 and form != QuantFormat.QDQ else ("MatMul",)
                )
                config = quantizers.DefaultWeightOnlyQuantConfig(
                    block_size=16,
                    is_symmetric=is_symmetric,
                    quant_format=form,
                    op_types_to_quantize=kinds,
                    bits=bits,
                )
                copy = onnx.ModelProto()
                copy.CopyFrom(made)
                quantizer = quantizers.MatMulNBitsQuantizer(copy, algo_config=config)
                quantizer.process()
                name = f"nbits-{bits}-{is_symmetric}-{form}"
                written = quantizer.model.model
                kinds = {made_node.op_type for made_node in written.graph.node}
                assert kinds & {"MatMulNBits", "DequantizeLinear"}, kinds
                compare.compare_model(name, written, {"x": indices}, tolerance=1e-5)


def main(directory):
    compare = Comparison(directory)
    compare_unary(compare)
    compare_binary(compare)
    compare_many(compare)
    compare_products(compare)
    compare_pairs(compare)
    compare_blocks(compare)
    compare_rows(compare)
    compare_static_quantizer(compare)
    if matmul_nbits_quantizer:
        compare_weight_quantizer(compare)
    sys.exit(compare.failures != 0)


if __name__ == "__main__":
    main(sys.argv[1])
