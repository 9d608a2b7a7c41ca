# REQUIRES: onnx
# RUN: %python %s %t | FileCheck %s
"""Gemm and MatMul: constants are transposed and scaled here, a bias is the initial value."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
from onnx_models import model, node, show, tensor

show(
    model(
        [
            node("Gemm", "x w b", "gemm", transB=1),
            node("MatMul", "x v", "matmul"),
            node("MatMul", "sequence v", "rows"),
            node("MatMul", "sequence keys", "batched"),
        ],
        {"x": ["N", 4], "sequence": ["N", 5, 4], "keys": ["N", 4, 5]},
        ["gemm", "matmul", "rows", "batched"],
        [tensor("w", (3, 4)), tensor("b", (3,)), tensor("v", (4, 6), 1)],
    ),
    sys.argv[1],
)

# CHECK-LABEL: func.func @forward
# CHECK-SAME: %[[X:.*]]: tensor<?x4xf32> loc("x"), %[[SEQUENCE:.*]]: tensor<?x5x4xf32> loc("sequence"), %[[KEYS:.*]]: tensor<?x4x5xf32> loc("keys"))

# CHECK-DAG: %[[W:.*]] = arith.constant dense_resource<w> : tensor<4x3xf32>
# CHECK-DAG: %[[B:.*]] = arith.constant dense_resource<b> : tensor<3xf32>
# CHECK: %[[INIT:.*]] = linalg.broadcast ins(%[[B]] : tensor<3xf32>) outs({{.*}} : tensor<?x3xf32>) dimensions = [0]
# CHECK: linalg.matmul ins(%[[X]], %[[W]] : tensor<?x4xf32>, tensor<4x3xf32>) outs(%[[INIT]] : tensor<?x3xf32>)

# CHECK: %[[V:.*]] = arith.constant dense_resource<v> : tensor<4x6xf32>
# CHECK: %[[ZERO:.*]] = linalg.fill
# CHECK: linalg.matmul ins(%[[X]], %[[V]] : tensor<?x4xf32>, tensor<4x6xf32>) outs(%[[ZERO]] : tensor<?x6xf32>)

# A matrix multiplies all rows at once.
# CHECK: %[[ROWS:.*]] = tensor.collapse_shape %[[SEQUENCE]] {{\[\[}}0, 1], [2]] : tensor<?x5x4xf32> into tensor<?x4xf32>
# CHECK: %[[PRODUCT:.*]] = linalg.matmul ins(%[[ROWS]], %[[V]]
# CHECK: tensor.expand_shape %[[PRODUCT]] {{\[\[}}0, 1], [2]] {{.*}} : tensor<?x6xf32> into tensor<?x5x6xf32>

# CHECK: linalg.batch_matmul ins(%[[SEQUENCE]], %[[KEYS]] : tensor<?x5x4xf32>, tensor<?x4x5xf32>)
