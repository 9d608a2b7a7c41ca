# REQUIRES: onnx
# RUN: %python %s %t | FileCheck %s
"""Arithmetic on floats and integers; squares are products."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
import numpy as np
from onnx import TensorProto
from onnx_models import constant, model, node, show

show(
    model(
        [
            node("Pow", "x two", "square"),
            node("Pow", "x exponents", "power"),
            node("Max", "square power x", "max"),
            node("Cast", "x", "integers", to=TensorProto.INT32),
            node("Mod", "integers three", "rest"),
            node("Cast", "rest", "y", to=TensorProto.FLOAT),
        ],
        {"x": ["N", 3]},
        ["max", "y"],
        [constant("two", 2), constant("exponents", [1, 2, 3], np.int64), constant("three", 3, np.int32)],
    ),
    sys.argv[1],
)

# CHECK-LABEL: func.func @forward
# CHECK: arith.mulf %[[X:.*]], %[[X]] : f32
# CHECK: %[[EXPONENT:.*]] = arith.sitofp %{{.*}} : i64 to f32
# CHECK: math.powf %{{.*}}, %[[EXPONENT]]
# CHECK: %[[LARGER:.*]] = arith.maximumf
# CHECK: arith.maximumf %[[LARGER]],
# CHECK: arith.fptosi %{{.*}} : f32 to i32
# CHECK: %[[REST:.*]] = arith.remsi %{{.*}}, %[[DIVISOR:.*]] : i32
# CHECK: %[[MOVED:.*]] = arith.addi %[[REST]], %[[DIVISOR]]
# CHECK: arith.select %{{.*}}, %[[REST]], %[[MOVED]]
# CHECK: arith.sitofp %{{.*}} : i32 to f32
