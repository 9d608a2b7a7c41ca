# REQUIRES: onnx
# RUN: %python %s %t | FileCheck %s
"""Elementwise operators become generics; operands broadcast through their indexing maps."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
from onnx_models import constant, model, node, show, tensor

show(
    model(
        [
            node("Relu", "x", "relu"),
            node("Add", "x b", "add"),
            node("Mul", "half x", "mul"),
            node("Clip", "x low high", "clip"),
            node("Sigmoid", "x", "sigmoid"),
            node("Tanh", "x", "tanh"),
        ],
        {"x": ["N", 4, 5]},
        ["relu", "add", "mul", "clip", "sigmoid", "tanh"],
        [tensor("b", (1, 4, 1)), constant("half", 0.5), constant("low", -1), constant("high", 6)],
    ),
    sys.argv[1],
)

# CHECK-DAG: #[[$IDENTITY:.*]] = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
# CHECK-DAG: #[[$CHANNEL:.*]] = affine_map<(d0, d1, d2) -> (d1)>
# CHECK-DAG: #[[$SCALAR:.*]] = affine_map<(d0, d1, d2) -> ()>
# CHECK-LABEL: func.func @forward
# CHECK-SAME: %[[X:.*]]: tensor<?x4x5xf32> loc("x"))

# CHECK: linalg.generic {indexing_maps = [#[[$IDENTITY]], #[[$IDENTITY]]], iterator_types = ["parallel", "parallel", "parallel"]} ins(%[[X]]
# CHECK: %[[ZERO:.*]] = arith.constant 0.0
# CHECK: arith.maximumf %{{.*}}, %[[ZERO]] : f32

# CHECK: %[[B:.*]] = arith.constant dense_resource<b> : tensor<4xf32>
# CHECK: linalg.generic {indexing_maps = [#[[$IDENTITY]], #[[$CHANNEL]], #[[$IDENTITY]]]
# CHECK-SAME: ins(%[[X]], %[[B]] : tensor<?x4x5xf32>, tensor<4xf32>)
# CHECK: arith.addf

# CHECK: %[[HALF:.*]] = arith.constant dense<5.000000e-01> : tensor<f32>
# CHECK: linalg.generic {indexing_maps = [#[[$SCALAR]], #[[$IDENTITY]], #[[$IDENTITY]]]
# CHECK-SAME: ins(%[[HALF]], %[[X]] : tensor<f32>, tensor<?x4x5xf32>)
# CHECK: arith.mulf

# CHECK: linalg.generic
# CHECK: %[[LOW:.*]] = arith.constant -1.0
# CHECK: %[[RAISED:.*]] = arith.maximumf %{{.*}}, %[[LOW]]
# CHECK: %[[HIGH:.*]] = arith.constant 6.0
# CHECK: arith.minimumf %[[RAISED]], %[[HIGH]]

# CHECK: arith.negf
# CHECK-NEXT: math.exp
# CHECK-NEXT: arith.addf
# CHECK-NEXT: arith.divf
# CHECK: math.tanh
