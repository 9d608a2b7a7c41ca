# REQUIRES: onnx, onnxruntime
# RUN: %python %s %t
"""Runs every operator of quantization beside ONNX Runtime, interpreted and compiled.

What rounds once is compared exactly, ties, saturation and infinities included. What
requantizes may differ by one step next to a tie, as the factors are rounded otherwise.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
import numpy as np
from compare_quantized import (
    Comparison,
    codes,
    constant,
    dequantized,
    get_ties,
    limits,
    quantized,
    random,
    scales,
    weights,
)
from onnx import TensorProto, numpy_helper
from onnx_models import node


def compare_pairs(compare):
    for dtype in ("uint4", "int4", "uint8", "int8", "uint16", "int16"):
        low, high = limits(dtype)
        for zero_point in (low, (low + high) // 2 + 3, high):
            nodes, constants = quantized("q", "x", dtype, 0.5, zero_point)
            nodes.append(dequantized("y", "q"))
            compare(f"{dtype}-{zero_point}", nodes, constants, {"x": get_ties(7, 9)})
        shape = (3, 4, 5)
        x = get_ties(*shape)
        for axis in (0, 1, -1):
            count = shape[axis]
            zero_points = codes(dtype, count)
            nodes, constants = quantized("q", "x", dtype, scales(count), zero_points, axis=axis)
            nodes.append(dequantized("y", "q", axis=axis))
            compare(f"{dtype}-axis{axis}", nodes, constants, {"x": x})
        layout = {"axis": 1, "block_size": 2}
        zero_points = codes(dtype, 3, 2, 5)
        nodes, constants = quantized("q", "x", dtype, scales(3, 2, 5), zero_points, **layout)
        nodes.append(dequantized("y", "q", **layout))
        compare(f"{dtype}-blocks", nodes, constants, {"x": x})
    for opset in (10, 13, 19, 23, 24, 25):
        for dtype in ("uint8", "int8"):
            nodes, constants = quantized("q", "x", dtype, 0.5, 3)
            nodes.append(dequantized("y", "q"))
            compare(f"{dtype}-opset{opset}", nodes, constants, {"x": get_ties(7, 9)}, opset=opset)
        # Without a zero point: unsigned bytes.
        nodes, constants = quantized("q", "x", "uint8", 0.5)
        nodes.append(node("DequantizeLinear", "q q_s", "y"))
        compare(f"plain-opset{opset}", nodes, constants, {"x": get_ties(7, 9)}, opset=opset)
    nodes, constants = quantized("q", "x", "int16", [0.5], output_dtype=TensorProto.INT16)
    nodes.append(node("DequantizeLinear", "q q_s", "y"))
    compare("output-type", nodes, constants, {"x": get_ties(7, 9)})


def compare_constants(compare):
    """Weights that are dequantized, and a bias of i32."""
    x = random.uniform(-1, 1, (3, 6)).astype(np.float32)
    for dtype in ("uint4", "int4", "uint8", "int8", "uint16", "int16"):
        for layout, shape in (
            ({}, ()),
            ({"axis": 1}, (5,)),
            ({"axis": 0, "block_size": 3}, (2, 5)),
        ):
            constants = [
                constant("w", dtype, codes(dtype, 6, 5)),
                constant("w_s", "float32", scales(*shape)),
                constant("w_z", dtype, codes(dtype, *shape)),
                constant("b", "int32", random.integers(-5000, 5000, 5)),
                constant("b_s", "float32", [0.01]),
                constant("b_z", "int32", 0),
            ]
            nodes = [
                dequantized("weights", "w", **layout),
                dequantized("bias", "b"),
                node("Gemm", "x weights bias", "y"),
            ]
            name = f"constant-{dtype}-{len(shape)}"
            compare(name, nodes, constants, {"x": x}, tolerance=1e-5)
    constants = [
        constant("w", "int8", codes("int8", 3, 6)),
        constant("w_s", "float16", scales(3)),
        constant("w_z", "int8", codes("int8", 3)),
    ]
    nodes = [
        dequantized("weights", "w", axis=0),
        node("Cast", "weights", "floats", to=TensorProto.FLOAT),
        node("Add", "x floats", "y"),
    ]
    compare("constant-float16", nodes, constants, {"x": x})


def compare_block_convolutions(compare):
    """Filters with parameters for blocks of channels, on activations that are codes."""
    image = random.uniform(-1, 1, (2, 8, 7, 6)).astype(np.float32)
    for dtype in ("uint4", "int4", "uint8", "int8"):
        for window, layout in (
            ((1, 1), {"strides": [2, 1]}),
            ((3, 2), {"pads": [1, 0, 2, 1], "dilations": [1, 2]}),
        ):
            nodes, constants = quantized("q", "x", "uint8", 0.01, 99)
            constants += [
                constant("w", dtype, codes(dtype, 6, 8, *window)),
                constant("w_s", "float32", scales(6, 2, *window)),
                constant("w_z", dtype, codes(dtype, 6, 2, *window)),
                constant("b", "float32", random.uniform(-9, 9, 6)),
            ]
            nodes += [
                dequantized("d", "q"),
                dequantized("weights", "w", axis=1, block_size=4),
                node("Conv", "d weights b", "y", **layout),
            ]
            name = f"block-conv-{dtype}-{window[0]}"
            compare(name, nodes, constants, {"x": image}, tolerance=1e-5, lowers=True)


def compare_read_constants(compare):
    """Parameters that the importer reads, behind pairs."""
    x = random.uniform(-1, 1, (2, 3, 4, 4)).astype(np.float32)
    for dtype in ("uint8", "int8", "int16", "uint4"):
        nodes, constants = [], []
        for name, values in (
            ("scale", scales(3)),
            ("bias", random.uniform(-1, 1, 3)),
            ("mean", random.uniform(-1, 1, 3)),
            ("variance", random.uniform(0.1, 1, 3)),
            ("border", 0.4),
            ("least", -0.3),
            ("w", random.uniform(-1, 1, (3, 1, 3, 3))),
        ):
            constants.append(constant(name, "float32", values))
            channels = {"axis": 0} if name == "w" else {}
            scale = scales(3) if name == "w" else 1 / 64
            zero_points = codes(dtype, 3) if name == "w" else limits(dtype)[0] + 5
            made, parameters = quantized(name + "_q", name, dtype, scale, zero_points, **channels)
            constants += parameters
            nodes += made + [dequantized(name + "_d", name + "_q", **channels)]
        constants.append(numpy_helper.from_array(np.array([0, 0, 1, 0, 0, 0, 0, 2]), "pads"))
        nodes += [
            node("BatchNormalization", "x scale_d bias_d mean_d variance_d", "n"),
            node("Pad", "n pads border_d", "p"),
            node("Clip", "p least_d", "c"),
            node("Conv", "c w_d", "y", group=3),
        ]
        compare(f"read-{dtype}", nodes, constants, {"x": x}, tolerance=1e-5)


def compare_linear(compare):
    """Products from codes to codes."""
    image = random.uniform(-1, 1, (2, 4, 7, 6)).astype(np.float32)
    matrix = random.uniform(-1, 1, (2, 5, 12)).astype(np.float32)
    for x_type in ("uint8", "int8"):
        for w_type in ("uint8", "int8"):
            # ONNX Runtime has no kernels for signed activations with unsigned weights.
            if (x_type, w_type) == ("int8", "uint8"):
                continue
            middle = 128 if w_type == "uint8" else 0
            for kind, w_zero in (("tensor", middle), ("shifted", middle + 9), ("channel", middle)):
                is_channel = kind == "channel"
                if is_channel and w_type == "uint8" or kind == "shifted" and w_type == "int8":
                    continue
                x_zero = codes(x_type, 1)[0]
                for groups in (1, 2, 4):
                    filter_scale = scales(8) if is_channel else scales()
                    zeros = np.full_like(filter_scale, w_zero)
                    nodes, constants = quantized("q", "x", x_type, 0.01, x_zero)
                    constants += [
                        constant("w", w_type, weights(w_type, 8, 4 // groups, 3, 2)),
                        constant("w_s", "float32", filter_scale),
                        constant("w_z", w_type, zeros),
                        constant("y_s", "float32", 0.25),
                        constant("y_z", x_type, x_zero),
                        constant("b", "int32", random.integers(-5000, 5000, 8)),
                    ]
                    nodes += [
                        node(
                            "QLinearConv",
                            "q q_s q_z w w_s w_z y_s y_z b",
                            "r",
                            group=groups,
                            pads=[1, 0, 2, 1],
                            strides=[2, 1],
                        ),
                        node("DequantizeLinear", "r y_s y_z", "y"),
                    ]
                    name = f"conv-{x_type}-{w_type}-{kind}-{groups}"
                    compare(name, nodes, constants, {"x": image}, step=0.25)
                matrix_scale = scales(8) if is_channel else scales()
                nodes, constants = quantized("q", "x", x_type, 0.01, x_zero)
                constants += [
                    constant("w", w_type, weights(w_type, 12, 8)),
                    constant("w_s", "float32", matrix_scale),
                    constant("w_z", w_type, np.full_like(matrix_scale, w_zero)),
                    constant("y_s", "float32", 0.25),
                    constant("y_z", x_type, x_zero),
                ]
                nodes += [
                    node("QLinearMatMul", "q q_s q_z w w_s w_z y_s y_z", "r"),
                    node("DequantizeLinear", "r y_s y_z", "y"),
                ]
                name = f"matmul-{x_type}-{w_type}-{kind}"
                compare(name, nodes, constants, {"x": matrix}, step=0.25)


def compare_far_zero_points(compare):
    """Weights that are no bytes any more once their zero points have been taken off, for
    many output channels."""
    image = random.uniform(-1, 1, (2, 10, 7, 6)).astype(np.float32)
    matrix = random.uniform(-1, 1, (2, 5, 40)).astype(np.float32)
    cast = node("Cast", "i", "f", to=TensorProto.FLOAT)
    scale = node("Mul", "f q_s", "y")
    for w_zero in (0, 90, 255):
        quantize, parameters = quantized("q", "x", "uint8", 0.01, 99)
        parameters += [
            constant("k", "uint8", codes("uint8", 24, 10, 3, 2)),
            constant("p", "uint8", codes("uint8", 72, 10, 1, 1)),
            constant("w", "uint8", codes("uint8", 40, 72)),
            constant("w_s", "float32", scales()),
            constant("w_z", "uint8", w_zero),
            constant("v_z", "uint8", codes("uint8", 72)),
            constant("y_s", "float32", 0.5),
            constant("y_z", "uint8", 111),
            constant("b", "int32", random.integers(-5000, 5000, 24)),
        ]
        dequantize = node("DequantizeLinear", "r y_s y_z", "y")
        for name, filters, layout, bias in (
            ("window", "k", {"pads": [1, 0, 2, 1], "strides": [2, 1]}, " b"),
            ("pixels", "p", {"strides": [1, 2]}, ""),
        ):
            operands = f"q q_s q_z {filters} w_s w_z y_s y_z{bias}"
            nodes = [*quantize, node("QLinearConv", operands, "r", **layout), dequantize]
            compare(
                f"far-conv-{name}-{w_zero}", nodes, parameters, {"x": image}, step=0.5, lowers=True
            )
        nodes = [*quantize, node("QLinearMatMul", "q q_s q_z w w_s w_z y_s y_z", "r"), dequantize]
        compare(f"far-matmul-{w_zero}", nodes, parameters, {"x": matrix}, step=0.5, lowers=True)
        dynamic = node("DynamicQuantizeLinear", "x", "q q_s q_z")
        for kind, source in (("static", quantize), ("dynamic", [dynamic])):
            is_static = kind == "static"
            constants = [
                each for each in parameters if is_static or each.name not in ("q_s", "q_z")
            ]
            for name, zeros, product, x in (
                ("matmul", "w_z", "MatMulInteger", matrix),
                ("columns", "v_z", "MatMulInteger", matrix),
                ("conv", "w_z", "ConvInteger", image),
            ):
                factor = "w" if product == "MatMulInteger" else "k"
                nodes = [*source, node(product, f"q {factor} q_z {zeros}", "i"), cast, scale]
                full_name = f"far-integer-{name}-{kind}-{w_zero}"
                compare(full_name, nodes, constants, {"x": x}, tolerance=1e-5, lowers=is_static)


def compare_transposed(compare):
    """Transposed convolutions, whose filters have their output channels second. All of it
    becomes integer code."""
    image = random.uniform(-1, 1, (2, 4, 6, 5)).astype(np.float32)
    for w_type in ("uint8", "int8"):
        for kind in ("tensor", "channel"):
            for groups in (1, 2):
                nodes, constants = quantized("q", "x", "uint8", 0.01, 120)
                filter_scale = scales(3) if kind == "channel" else scales()
                bias_scale = np.tile(filter_scale, groups) * np.float32(0.01)
                shape = filter_scale.shape
                constants += [
                    constant("w", w_type, codes(w_type, 4, 3, 3, 4)),
                    constant("w_s", "float32", filter_scale),
                    constant("w_z", w_type, np.zeros(shape) + 128 * (w_type == "uint8")),
                    constant("b", "int32", random.integers(-5000, 5000, 3 * groups)),
                    constant("b_s", "float32", bias_scale if shape else bias_scale[0]),
                    constant("b_z", "int32", np.zeros(bias_scale.shape if shape else ())),
                ]
                channels = lambda axis: {"axis": axis} if shape else {}
                made, parameters = quantized("r", "t", "uint8", 0.25, 100)
                constants += parameters
                nodes += [
                    dequantized("xd", "q"),
                    dequantized("wd", "w", **channels(1)),
                    dequantized("bd", "b", **channels(0)),
                    node("ConvTranspose", "xd wd bd", "t", group=groups, strides=[2, 3], pads=[1, 0, 0, 2]),
                    *made,
                    dequantized("y", "r"),
                ]
                name = f"transposed-{w_type}-{kind}-{groups}"
                compare(name, nodes, constants, {"x": image}, step=0.25, lowers=True)
    # Scales of input channels are no scales of a convolution: the filter becomes floats.
    nodes, constants = quantized("q", "x", "uint8", 0.01, 120)
    constants += [
        constant("w", "int8", codes("int8", 4, 3, 3, 4)),
        constant("w_s", "float32", scales(4)),
        constant("w_z", "int8", codes("int8", 4)),
    ]
    nodes += [
        dequantized("xd", "q"),
        dequantized("wd", "w", axis=0),
        node("ConvTranspose", "xd wd", "y", strides=[2, 3]),
    ]
    compare("transposed-inputs", nodes, constants, {"x": image}, tolerance=1e-5)


def compare_integer(compare):
    """Products from codes to integers, whose parameters are measured."""
    image = random.uniform(-1, 2, (2, 4, 7, 6)).astype(np.float32)
    matrix = random.uniform(-1, 2, (2, 5, 12)).astype(np.float32)
    dynamic = node("DynamicQuantizeLinear", "x", "q q_s q_z")
    cast = node("Cast", "i", "f", to=TensorProto.FLOAT)
    scale = node("Mul", "f q_s", "y")
    values = node("DequantizeLinear", "q q_s q_z", "y")
    compare("dynamic", [dynamic, values], [], {"x": matrix}, step=0.012)
    constants = [
        constant("w", "int8", weights("int8", 12, 8)),
        constant("w_z", "int8", 0),
        constant("v_z", "int8", codes("int8", 8)),
        constant("k", "int8", weights("int8", 8, 4, 3, 2)),
        constant("u", "uint8", codes("uint8", 12, 8)),
        constant("u_z", "uint8", 100),
    ]
    bounds = {"tolerance": 1e-5}
    for name, inputs in (
        ("zero", "q w q_z w_z"),
        ("plain", "q w q_z"),
        ("columns", "q w q_z v_z"),
        ("unsigned", "q u q_z u_z"),
    ):
        nodes = [dynamic, node("MatMulInteger", inputs, "i"), cast, scale]
        compare(f"matmul-integer-{name}", nodes, constants, {"x": matrix}, **bounds)
    convolution = node("ConvInteger", "q k q_z w_z", "i", pads=[1, 0, 2, 1], strides=[2, 1])
    compare("conv-integer", [dynamic, convolution, cast, scale], constants, {"x": image}, **bounds)
    # As integers.
    nodes, static = quantized("q", "x", "uint8", 0.01, 99)
    nodes += [
        node("MatMulInteger", "q w q_z w_z", "i"),
        node("Add", "i i", "j"),
        node("Cast", "j", "y", to=TensorProto.FLOAT),
    ]
    compare("matmul-integer-static", nodes, constants + static, {"x": matrix})


def compare_movement(compare):
    """Codes that are moved, and the largest of them."""
    image = get_ties(2, 4, 6, 6)
    for dtype in ("uint8", "int8"):
        nodes, constants = quantized("q", "x", dtype, 0.5, 7)
        constants.append(numpy_helper.from_array(np.array([2, 4, 12, 3], np.int64), "shape"))
        nodes += [
            node("Transpose", "q", "t", perm=[0, 1, 3, 2]),
            node("Concat", "q t", "c", axis=3),
            node("MaxPool", "c", "m", kernel_shape=[2, 2], strides=[1, 2], pads=[1, 0, 0, 0]),
            node("Reshape", "m shape", "r"),
            node("Identity", "r", "i"),
            node("DequantizeLinear", "i q_s q_z", "y"),
        ]
        compare(f"movement-{dtype}", nodes, constants, {"x": image})
        # Rows of tables of codes: of a constant one, and of the largest codes.
        nodes, constants = quantized("q", "x", dtype, 0.5, 7)
        constants += [
            constant("table", dtype, codes(dtype, 9, 12)),
            numpy_helper.from_array(np.array([5, -1, 0, 8], np.int64), "two"),
        ]
        nodes += [
            node("Cast", "x", "i", to=TensorProto.INT64),
            node("Gather", "table i", "rows"),
            node("Gather", "q two", "picked", axis=2),
            node("DequantizeLinear", "rows q_s q_z", "r"),
            node("DequantizeLinear", "picked q_s q_z", "p"),
            node("ReduceSum", "r", "s", keepdims=1),
            node("Add", "p s", "y"),
        ]
        rows = random.integers(0, 9, (2, 4, 9)).astype(np.float32)
        compare(f"gather-{dtype}", nodes, constants, {"x": rows})


def main(directory):
    compare = Comparison(directory)
    compare_pairs(compare)
    compare_constants(compare)
    compare_block_convolutions(compare)
    compare_read_constants(compare)
    compare_linear(compare)
    compare_far_zero_points(compare)
    compare_transposed(compare)
    compare_integer(compare)
    compare_movement(compare)
    sys.exit(compare.failures != 0)


if __name__ == "__main__":
    main(sys.argv[1])
