# REQUIRES: onnx
# RUN: %python %s %t | FileCheck %s
"""Comparisons make booleans, which choose between numbers."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
import numpy as np
from onnx_models import constant, model, node, show

show(
    model(
        [
            node("Less", "x half", "small"),
            node("Not", "small", "large"),
            node("And", "large mask", "chosen"),
            node("Where", "chosen x half", "y"),
        ],
        {"x": ["N", 3]},
        ["y"],
        [constant("half", 0.5), constant("mask", [True, False, True], bool)],
    ),
    sys.argv[1],
)

# CHECK-LABEL: func.func @forward
# CHECK: arith.cmpf olt, %{{.*}}, %{{.*}} : f32
# CHECK: } -> tensor<?x3xi1>
# CHECK: %[[TRUE:.*]] = arith.constant true
# CHECK: arith.xori %{{.*}}, %[[TRUE]] : i1
# CHECK: %[[MASK:.*]] = arith.constant dense<[true, false, true]> : tensor<3xi1>
# CHECK: linalg.generic {{.*}} ins(%{{.*}}, %[[MASK]] : tensor<?x3xi1>, tensor<3xi1>)
# CHECK: arith.andi
# CHECK: arith.select %{{.*}}, %{{.*}}, %{{.*}} : f32

# Masks that are longer than that, causal ones for example.
causal = np.tril(np.ones((5, 5), bool))
show(
    model(
        [node("Where", "causal x hidden", "y")],
        {"x": ["N", 5, 5]},
        ["y"],
        [constant("causal", causal, bool), constant("hidden", -np.inf)],
    ),
    sys.argv[1],
)

# CHECK-LABEL: func.func @forward
# CHECK: arith.constant dense<{{\[}}[true, false, false, false, false],
# CHECK-SAME: [true, true, false, false, false], [true, true, true, false, false],
# CHECK-SAME: [true, true, true, true, false], [true, true, true, true, true]]>
