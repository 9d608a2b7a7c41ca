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
