# REQUIRES: onnx
# RUN: %python %s %t | FileCheck %s
"""An Einstein sum is batches of matrix products, two operands at a time."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
from onnx_models import model, node, show, tensor

# Labels that are still wanted are the batch, rows and columns; the others the depth.
show(
    model(
        [node("Einsum", "q k", "scores", equation="bihd, bjhd -> bhij")],
        {"q": ["N", 7, 2, 4], "k": ["N", 5, 2, 4]},
        ["scores"],
    ),
    sys.argv[1],
)
# CHECK: %[[Q:.*]] = linalg.transpose ins(%{{.*}} : tensor<?x7x2x4xf32>) outs(%{{.*}} : tensor<?x2x7x4xf32>) permutation = [0, 2, 1, 3]
# CHECK: %[[LHS:.*]] = tensor.collapse_shape %[[Q]] {{\[\[}}0, 1], [2], [3]]
# CHECK: %[[K:.*]] = linalg.transpose ins(%{{.*}} : tensor<?x5x2x4xf32>) outs(%{{.*}} : tensor<?x2x4x5xf32>) permutation = [0, 2, 3, 1]
# CHECK: %[[RHS:.*]] = tensor.collapse_shape %[[K]] {{\[\[}}0, 1], [2], [3]]
# CHECK: linalg.batch_matmul ins(%[[LHS]], %[[RHS]] : tensor<?x7x4xf32>, tensor<?x4x5xf32>)

# No batch: one matrix product with constant weights.
show(
    model(
        [node("Einsum", "x w", "y", equation="btd,df")],
        {"x": ["N", 3, 4]},
        ["y"],
        [tensor("w", (4, 5))],
    ),
    sys.argv[1],
)
# CHECK: linalg.matmul ins(%{{.*}}, %{{.*}} : tensor<?x4xf32>, tensor<4x5xf32>)

# Nothing to sum: the operands broadcast.
show(
    model(
        [node("Einsum", "x y", "z", equation="bi,bj->bij")],
        {"x": ["N", 3], "y": ["N", 4]},
        ["z"],
    ),
    sys.argv[1],
)
# CHECK: linalg.generic {{.*}} ins(%{{.*}} : tensor<?x3xf32>, tensor<?x4xf32>) outs(%{{.*}} : tensor<?x3x4xf32>)
