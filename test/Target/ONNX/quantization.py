# REQUIRES: onnx
# RUN: %python %s %t | FileCheck %s
"""Quantized operators: ptq.quantize and ptq.dequantize around float ops, with signed codes."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
import numpy as np
from onnx import TensorProto, helper
from onnx_models import constant, model, node, show, tensor


def quarter_bytes(name, values):
    values = np.asarray(values)
    return helper.make_tensor(name, TensorProto.UINT4, values.shape, values.ravel().tolist())


def show_nodes(nodes, inputs, constants, **options):
    show(model(nodes, inputs, ["y"], constants, **options), sys.argv[1])


# Unsigned codes and their zero points are less by 128, so 128 becomes no zero point.
# CHECK-LABEL: func.func @forward
# CHECK-SAME: %[[X:.*]]: tensor<?x4xf32>
# CHECK-DAG: %[[S:.*]] = arith.constant 5.000000e-01 : f32
# CHECK-DAG: %[[Z:.*]] = arith.constant -125 : i8
# CHECK: %[[Q:.*]] = ptq.quantize %[[X]], %[[S]], %[[Z]] : tensor<?x4xf32>, f32, i8 -> tensor<?x4xi8>
# CHECK: ptq.dequantize %[[Q]], %{{.*}}, %{{.*}} : tensor<?x4xi8>, f32, i8 -> tensor<?x4xf32>
# CHECK: %[[T:.*]] = arith.constant 2.500000e-01 : f32
# CHECK: ptq.quantize %{{.*}}, %[[T]] : tensor<?x4xf32>, f32 -> tensor<?x4xi8>
show_nodes(
    [
        node("QuantizeLinear", "x s z", "q"),
        node("DequantizeLinear", "q s z", "d"),
        node("QuantizeLinear", "d t middle", "r"),
        node("DequantizeLinear", "r t middle", "y"),
    ],
    {"x": ["N", 4]},
    [
        constant("s", 0.5),
        constant("z", 3, np.uint8),
        constant("t", [0.25]),
        constant("middle", 128, np.uint8),
    ],
)

# Without a zero point the codes are unsigned, and zero is the smallest of them.
# CHECK-LABEL: func.func @forward
# CHECK: %[[Z:.*]] = arith.constant -128 : i8
# CHECK: ptq.quantize %{{.*}}, %{{.*}}, %[[Z]]
show_nodes(
    [node("QuantizeLinear", "x s", "q"), node("DequantizeLinear", "q s", "y")],
    {"x": ["N", 4]},
    [constant("s", 0.5)],
)

# Weights per channel and a bias of the product of the scales.
# CHECK-LABEL: func.func @forward
# CHECK-DAG: %[[W:.*]] = arith.constant dense_resource<w> : tensor<3x4xi8>
# CHECK-DAG: %[[S:.*]] = arith.constant dense_resource<w_s> : tensor<3xf32>
# CHECK: %[[WEIGHTS:.*]] = ptq.dequantize %[[W]], %[[S]] axis 0 : tensor<3x4xi8>, tensor<3xf32> -> tensor<3x4xf32>
# CHECK: %[[BIAS:.*]] = ptq.dequantize %{{.*}}, %{{.*}} axis 0 : tensor<3xi32>, tensor<3xf32> -> tensor<3xf32>
# CHECK: linalg.transpose ins(%[[WEIGHTS]]
# CHECK: linalg.broadcast ins(%[[BIAS]]
show_nodes(
    [
        node("DequantizeLinear", "w w_s w_z", "weights", axis=0),
        node("DequantizeLinear", "b b_s b_z", "bias", axis=0),
        node("Gemm", "x weights bias", "y", transB=1),
    ],
    {"x": ["N", 4]},
    [
        tensor("w", (3, 4), 0, np.int8),
        constant("w_s", [0.5, 0.25, 0.125]),
        constant("w_z", [0, 0, 0], np.int8),
        tensor("b", (3,), 1, np.int32),
        constant("b_s", [0.05, 0.025, 0.0125]),
        constant("b_z", [0, 0, 0], np.int32),
    ],
)

# Weights of floats that are quantized and dequantized are codes.
# CHECK-LABEL: func.func @forward
# CHECK-NOT: ptq.quantize
# CHECK: %[[W:.*]] = arith.constant dense_resource<w> : tensor<2x2xi8>
# CHECK: ptq.dequantize %[[W]], %{{.*}} : tensor<2x2xi8>, f32 -> tensor<2x2xf32>
show_nodes(
    [
        node("QuantizeLinear", "w s z", "q"),
        node("DequantizeLinear", "q s z", "weights"),
        node("MatMul", "x weights", "y"),
    ],
    {"x": ["N", 2]},
    [
        constant("w", [[-0.8, 2.25], [1000, -1000]]),
        constant("s", 0.5),
        constant("z", 0, np.int8),
    ],
)

# Codes of four bits are packed; blocks have a scale each.
# CHECK-LABEL: func.func @forward
# CHECK: %[[BYTES:.*]] = arith.constant dense_resource<w> : tensor<4x1xi8>
# CHECK: %[[CODES:.*]] = ptq.unpack %[[BYTES]] axis 1 : tensor<4x1xi8> -> tensor<4x2xi4>
# CHECK: %[[Z:.*]] = arith.constant dense_resource<w_z> : tensor<2x2xi8>
# CHECK: ptq.dequantize %[[CODES]], %{{.*}}, %[[Z]] block [2, 1] : tensor<4x2xi4>, tensor<2x2xf32>, tensor<2x2xi8> -> tensor<4x2xf32>
show_nodes(
    [
        node("DequantizeLinear", "w w_s w_z", "weights", axis=0, block_size=2),
        node("MatMul", "x weights", "y"),
    ],
    {"x": ["N", 4]},
    [
        quarter_bytes("w", [[0, 15], [1, 14], [2, 13], [3, 12]]),
        constant("w_s", [[0.5, 0.25], [0.125, 1.0]]),
        quarter_bytes("w_z", [[8, 7], [6, 5]]),
    ],
    opset=21,
)

# CHECK-LABEL: func.func @forward
# CHECK: ptq.dequantize %{{.*}} : tensor<?x1x4x4xi8>, f32, i8 -> tensor<?x1x4x4xf32>
# CHECK: ptq.dequantize %{{.*}} axis 0 : tensor<2x1x3x3xi8>, tensor<2xf32> -> tensor<2x1x3x3xf32>
# CHECK: %[[S:.*]] = arith.constant dense_resource<r.bias_scale> : tensor<2xf32>
# CHECK: ptq.dequantize %{{.*}}, %[[S]] axis 0 : tensor<2xi32>, tensor<2xf32> -> tensor<2xf32>
# CHECK: %[[RESULT:.*]] = linalg.conv_2d_nchw_fchw
# CHECK: ptq.quantize %[[RESULT]]
show_nodes(
    [
        node("QuantizeLinear", "x s z", "q"),
        node("QLinearConv", "q s z w w_s w_z s z b", "r"),
        node("DequantizeLinear", "r s z", "y"),
    ],
    {"x": ["N", 1, 4, 4]},
    [
        constant("s", 0.5),
        constant("z", 3, np.uint8),
        tensor("w", (2, 1, 3, 3), 0, np.int8),
        constant("w_s", [0.5, 0.25]),
        constant("w_z", [0, 0], np.int8),
        tensor("b", (2,), 1, np.int32),
    ],
)

# Parameters that are measured. Integers that become floats next were floats before.
# CHECK-LABEL: func.func @forward
# CHECK-SAME: %[[X:.*]]: tensor<2x4xf32>
# CHECK: %[[S:.*]], %[[Z:.*]] = ptq.choose_parameters %[[X]] encoding(<i8, asymmetric, source = dynamic>) : tensor<2x4xf32> -> f32, i8
# CHECK: %[[Q:.*]] = ptq.quantize %[[X]], %[[S]], %[[Z]]
# CHECK: ptq.dequantize %[[Q]], %{{.*}}, %{{.*}} : tensor<2x4xi8>, f32, i8 -> tensor<2x4xf32>
# CHECK: %[[PRODUCT:.*]] = linalg.matmul
# CHECK-NOT: arith.fptosi
# CHECK: linalg.generic {{.*}} ins(%[[PRODUCT]]
show_nodes(
    [
        node("DynamicQuantizeLinear", "x", "q s z"),
        node("MatMulInteger", "q w z", "i"),
        node("Cast", "i", "f", to=TensorProto.FLOAT),
        node("Mul", "f s", "y"),
    ],
    {"x": [2, 4]},
    [tensor("w", (4, 3), 0, np.int8)],
)

# Codes may be moved before they are dequantized.
# CHECK-LABEL: func.func @forward
# CHECK: linalg.transpose ins(%{{.*}} : tensor<?x3x4xi8>)
# CHECK: linalg.pooling_nchw_max {{.*}} ins(%{{.*}} : tensor<?x4x1x3xi8>
show_nodes(
    [
        node("QuantizeLinear", "x s z", "q"),
        node("Transpose", "q", "t", perm=[0, 2, 1]),
        node("MaxPool", "t", "m", kernel_shape=[3]),
        node("DequantizeLinear", "m s z", "y"),
    ],
    {"x": ["N", 3, 4]},
    [constant("s", 0.5), constant("z", 3, np.uint8)],
)
