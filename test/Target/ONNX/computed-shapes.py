# REQUIRES: onnx
# RUN: %python %s %t | FileCheck %s
"""Arithmetic on shapes is done at import; the batch stays symbolic."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
import numpy as np
from onnx_models import constant, model, node, show

INTEGERS = {"zero": [0], "one": [1], "two": [2], "heads": [4], "open": [-1]}
show(
    model(
        [
            node("Shape", "x", "sizes"),
            node("Gather", "sizes zero", "batch"),
            node("Gather", "sizes two", "width"),
            node("Div", "width heads", "depth"),
            node("Concat", "batch open heads depth", "split", axis=0),
            node("Reshape", "x split", "y"),
            node("ConstantOfShape", "split_rank", "ones", value=constant("", [1], np.int64)),
            node("Equal", "ones open", "is_open"),
            node("Where", "is_open one ones", "copies"),
            node("Mul", "copies factors", "wanted"),
            node("Unsqueeze", "x one", "u"),
            node("Expand", "u wanted", "repeated"),
            node("Concat", "batch two", "batch_by_two", axis=0),
            node("ConstantOfShape", "batch_by_two", "zeros"),
        ],
        {"x": ["N", 6, 8]},
        ["y", "repeated", "zeros"],
        [
            *(constant(name, values, np.int64) for name, values in INTEGERS.items()),
            constant("split_rank", [4], np.int64),
            constant("factors", [1, 3, 1, 1], np.int64),
        ],
    ),
    sys.argv[1],
)

# CHECK-LABEL: func.func @forward
# CHECK-SAME: %[[X:.*]]: tensor<?x6x8xf32> loc("x"))
# CHECK: %[[Y:.*]] = tensor.expand_shape %[[X]] {{\[\[}}0], [1], [2, 3]] {{.*}} : tensor<?x6x8xf32> into tensor<?x6x4x2xf32>
# CHECK: %[[REPEATED:.*]] = linalg.broadcast ins(%{{.*}} : tensor<?x6x8xf32>) outs(%{{.*}} : tensor<?x3x6x8xf32>) dimensions = [1]
# CHECK: %[[BATCH:.*]] = tensor.dim %[[X]]
# CHECK: %[[EMPTY:.*]] = tensor.empty(%[[BATCH]]) : tensor<?x2xf32>
# CHECK: %[[ZEROS:.*]] = linalg.fill {{.*}} outs(%[[EMPTY]]
# CHECK: return %[[Y]], %[[REPEATED]], %[[ZEROS]]
