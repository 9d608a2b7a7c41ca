# REQUIRES: onnx
# RUN: %python %s %t | FileCheck %s
"""Operators of ONNX Runtime: those of floats between ptq.dequantize and ptq.quantize, and
weights of a few bits with a scale for each block."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
import numpy as np
from onnx import helper
from onnx_models import constant, model, node, show, tensor


def show_nodes(nodes, inputs, constants):
    made = model(nodes, inputs, ["y"], constants)
    made.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    show(made, sys.argv[1])


def runtime_node(operator, inputs, outputs, **attributes):
    return node(operator, inputs, outputs, domain="com.microsoft", **attributes)


parameters = [constant("s", 0.5), constant("z", 3, np.uint8)]
quantize = node("QuantizeLinear", "x s z", "q")
dequantize = node("DequantizeLinear", "r s z", "y")

# CHECK-LABEL: func.func @forward
# CHECK: %[[Q:.*]] = ptq.quantize
# CHECK: %[[LHS:.*]] = ptq.dequantize %[[Q]]
# CHECK: %[[RHS:.*]] = ptq.dequantize %[[Q]]
# CHECK: %[[SUM:.*]] = linalg.generic {{.*}} ins(%[[LHS]], %[[RHS]] : tensor<?x4xf32>, tensor<?x4xf32>)
# CHECK: arith.addf
# CHECK: ptq.quantize %[[SUM]]
add = runtime_node("QLinearAdd", "q s z q s z s z", "r")
show_nodes([quantize, add, dequantize], {"x": ["N", 4]}, parameters)

# Attributes are those of the operator of floats.
# CHECK-LABEL: func.func @forward
# CHECK: linalg.pooling_nchw_sum {{{.*}}strides = dense<2>{{.*}}} ins(%{{.*}} : tensor<?x2x4x4xf32>
# CHECK: ptq.quantize %{{.*}} : tensor<?x2x2x2xf32>, f32, i8 -> tensor<?x2x2x2xi8>
attributes = {"kernel_shape": [2, 2], "strides": [2, 2], "channels_last": 0}
pool = runtime_node("QLinearAveragePool", "q s z s z", "r", **attributes)
show_nodes([quantize, pool, dequantize], {"x": ["N", 2, 4, 4]}, parameters)

# A bias has the product of the scales; there is no scale of the result.
# CHECK-LABEL: func.func @forward
# CHECK: ptq.dequantize %{{.*}} axis 0 : tensor<3x4xi8>, tensor<3xf32> -> tensor<3x4xf32>
# CHECK: %[[BIAS:.*]] = ptq.dequantize %{{.*}} axis 0 : tensor<3xi32>, tensor<3xf32> -> tensor<3xf32>
# CHECK: linalg.broadcast ins(%[[BIAS]]
# CHECK: %[[PRODUCT:.*]] = linalg.matmul
# CHECK: return %[[PRODUCT]] : tensor<?x3xf32>
show_nodes(
    [quantize, runtime_node("QGemm", "q s z w w_s w_z b", "y", transB=1)],
    {"x": ["N", 4]},
    parameters
    + [
        tensor("w", (3, 4), 0, np.int8),
        constant("w_s", [0.5, 0.25, 0.125]),
        constant("w_z", [0, 0, 0], np.int8),
        tensor("b", (3,), 1, np.int32),
    ],
)

# Two columns of four rows in blocks of two. A negative scale becomes positive by the complement
# of codes and zero point, a scale of 0 becomes codes of zero.
# CHECK-LABEL: func.func @forward
# CHECK-DAG: %[[BYTES:.*]] = arith.constant dense_resource<w> : tensor<4x1xi8>
# CHECK-DAG: %[[SCALES:.*]] = arith.constant dense_resource<w_s> : tensor<2x2xf32>
# CHECK-DAG: %[[ZEROS:.*]] = arith.constant dense_resource<zero_point> : tensor<2x2xi8>
# CHECK: %[[CODES:.*]] = ptq.unpack %[[BYTES]] axis 1 : tensor<4x1xi8> -> tensor<4x2xi4>
# CHECK: %[[W:.*]] = ptq.dequantize %[[CODES]], %[[SCALES]], %[[ZEROS]] block [2, 1] : tensor<4x2xi4>, tensor<2x2xf32>, tensor<2x2xi8> -> tensor<4x2xf32>
# CHECK: linalg.matmul ins(%{{.*}}, %[[W]]
show_nodes(
    [runtime_node("MatMulNBits", "x w w_s", "y", K=4, N=2, bits=4, block_size=2)],
    {"x": ["N", 4]},
    [
        constant("w", [[[0x10], [0x32]], [[0x98], [0xBA]]], np.uint8),
        constant("w_s", [[0.5, -1.0], [0.25, 0.0]]),
    ],
)
