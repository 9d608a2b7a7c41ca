# REQUIRES: onnx
# RUN: %python %s %t | FileCheck %s
"""Reshapes collapse and expand; what is known of constants is computed at import."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
import numpy as np
from onnx_models import constant, model, node, show, tensor

show(
    model(
        [
            node("Flatten", "x", "flat"),
            node("Constant", "", "shape", value=constant("", [0, 2, -1], np.int64)),
            node("Identity", "shape", "same_shape"),
            node("Reshape", "x same_shape", "reshaped"),
            node("Transpose", "x", "transposed", perm=[0, 2, 1, 3]),
            node("Squeeze", "x one", "squeezed"),
            node("Unsqueeze", "x one", "unsqueezed"),
            node("Dropout", "x", "kept unused_mask"),
            node("Transpose", "w", "w_transposed", perm=[1, 0]),
            node("MatMul", "flat w_transposed", "product"),
            node("Identity", "product", "copy"),
        ],
        {"x": ["N", 1, 4, 6]},
        ["flat", "reshaped", "transposed", "squeezed", "unsqueezed", "kept", "copy"],
        [constant("one", [1], np.int64), tensor("w", (5, 24))],
    ),
    sys.argv[1],
)

# CHECK-LABEL: func.func @forward
# CHECK-SAME: %[[X:.*]]: tensor<?x1x4x6xf32> loc("x"))
# CHECK: %[[FLAT:.*]] = tensor.collapse_shape %[[X]] {{\[\[}}0], [1, 2, 3]] : tensor<?x1x4x6xf32> into tensor<?x24xf32>
# CHECK: %[[COLLAPSED:.*]] = tensor.collapse_shape %[[X]] {{\[\[}}0], [1, 2, 3]]
# CHECK: %[[RESHAPED:.*]] = tensor.expand_shape %[[COLLAPSED]] {{\[\[}}0], [1, 2]] {{.*}} into tensor<?x2x12xf32>
# CHECK: %[[TRANSPOSED:.*]] = linalg.transpose ins(%[[X]] : tensor<?x1x4x6xf32>) {{.*}} permutation = [0, 2, 1, 3]
# CHECK: %[[SQUEEZED:.*]] = tensor.collapse_shape %[[X]] {{\[\[}}0], [1, 2], [3]]
# CHECK: %[[UNSQUEEZED:.*]] = tensor.expand_shape %[[X]] {{\[\[}}0], [1], [2, 3], [4]]
# CHECK: %[[W:.*]] = arith.constant dense_resource<w> : tensor<24x5xf32>
# CHECK: %[[PRODUCT:.*]] = linalg.matmul ins(%[[FLAT]], %[[W]]
# CHECK: return %[[FLAT]], %[[RESHAPED]], %[[TRANSPOSED]], %[[SQUEEZED]], %[[UNSQUEEZED]], %[[X]], %[[PRODUCT]]

# Equal weights share their resource, in any shape.
show(
    model(
        [
            node("Add", "x a", "sum"),
            node("Reshape", "b b_shape", "b_reshaped"),
            node("Add", "sum b_reshaped", "total"),
        ],
        {"x": ["N", 2, 3]},
        ["total"],
        [tensor("a", (2, 3)), tensor("b", (6,)), constant("b_shape", [2, 3], np.int64)],
    ),
    sys.argv[1],
)
# CHECK-LABEL: func.func @forward
# CHECK: arith.constant dense_resource<a> : tensor<2x3xf32>
# CHECK: arith.constant dense_resource<a> : tensor<2x3xf32>
