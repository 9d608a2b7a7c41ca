# REQUIRES: onnx
# RUN: %python %s %t | FileCheck %s
"""Layer normalization: mean, variance, scale and bias; in f32 for f16."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
from onnx import TensorProto
from onnx_models import model, node, show, tensor

norm = node("LayerNormalization", "x scale bias", "y", axis=1, epsilon=0.5)
parameters = lambda dtype: [tensor("scale", (3, 4), 0, dtype), tensor("bias", (4,), 1, dtype)]
show(model([norm], {"x": ["N", 3, 4]}, ["y"], parameters("float32"), opset=17), sys.argv[1])

# CHECK-LABEL: func.func @forward
# CHECK-SAME: %[[X:.*]]: tensor<?x3x4xf32> loc("x"))
# CHECK: linalg.reduce ins(%[[X]] : tensor<?x3x4xf32>) outs(%{{.*}} : tensor<?xf32>) dimensions = [1, 2]
# CHECK: arith.constant 1.200000e+01
# CHECK: arith.divf
# CHECK: arith.subf
# CHECK: arith.mulf
# CHECK: linalg.reduce {{.*}} dimensions = [1, 2]
# CHECK: %[[EPSILON:.*]] = arith.constant 5.000000e-01
# CHECK: arith.addf %{{.*}}, %[[EPSILON]]
# CHECK: math.sqrt
# CHECK: arith.divf
# CHECK: arith.mulf
# CHECK: arith.addf

half = TensorProto.FLOAT16
show(model([norm], {"x": (half, ["N", 3, 4])}, [("y", half)], parameters("float16"), opset=17), sys.argv[1])
# CHECK-LABEL: func.func @forward
# CHECK: arith.extf %{{.*}} : f16 to f32
# CHECK: linalg.reduce ins(%{{.*}} : tensor<?x3x4xf32>)
# CHECK: arith.truncf %{{.*}} : f32 to f16
# CHECK: arith.mulf %{{.*}} : f16
