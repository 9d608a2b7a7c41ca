# REQUIRES: onnx
# RUN: %python %s %t | FileCheck %s
"""Slices and splits are extract_slice, a concatenation is concat."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
import numpy as np
from onnx_models import constant, model, node, show, tensor

show(
    model(
        [
            node("Split", "x parts", "left right", axis=-1),
            node("Neg", "right", "negated"),
            node("Concat", "negated left", "turned", axis=-1),
            node("Slice", "x zero last one two", "thinned"),
            node("Slice", "x zero last zero", "whole"),
            node("Slice", "w zero two", "rows"),
            node("MatMul", "thinned rows", "product"),
        ],
        {"x": ["N", 4]},
        ["turned", "whole", "product"],
        [
            constant("parts", [1, 3], np.int64),
            constant("last", [2**63 - 1], np.int64),
            *(constant(name, [value], np.int64) for name, value in (("zero", 0), ("one", 1), ("two", 2))),
            tensor("w", (5, 6)),
        ],
    ),
    sys.argv[1],
)

# CHECK-LABEL: func.func @forward
# CHECK-SAME: %[[X:.*]]: tensor<?x4xf32> loc("x"))
# CHECK: %[[LEFT:.*]] = tensor.extract_slice %[[X]][0, 0] [%{{.*}}, 1] [1, 1] : tensor<?x4xf32> to tensor<?x1xf32>
# CHECK: %[[RIGHT:.*]] = tensor.extract_slice %[[X]][0, 1] [%{{.*}}, 3] [1, 1] : tensor<?x4xf32> to tensor<?x3xf32>
# CHECK: %[[NEGATED:.*]] = linalg.generic {{.*}} ins(%[[RIGHT]]
# CHECK: %[[TURNED:.*]] = tensor.concat dim(1) %[[NEGATED]], %[[LEFT]] : (tensor<?x3xf32>, tensor<?x1xf32>) -> tensor<?x4xf32>
# CHECK: tensor.extract_slice %[[X]][0, 0] [%{{.*}}, 2] [1, 2] : tensor<?x4xf32> to tensor<?x2xf32>
# CHECK: arith.constant dense_resource<w> : tensor<2x6xf32>
# CHECK: return %[[TURNED]], %[[X]],
