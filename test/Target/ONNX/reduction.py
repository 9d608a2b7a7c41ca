# REQUIRES: onnx
# RUN: %python %s %t | FileCheck %s
"""Reductions are linalg.reduce; dimensions that are kept are put back."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
from onnx_models import model, node, show

show(
    model(
        [
            node("ReduceMean", "x", "mean", axes=[-1], keepdims=1),
            node("ReduceMax", "x", "max", axes=[1, 2], keepdims=0),
            node("ArgMax", "x", "position", axis=1, keepdims=0),
            node("Cast", "position", "cast", to=1),
        ],
        {"x": ["N", 3, 4]},
        ["mean", "max", "cast"],
    ),
    sys.argv[1],
)

# CHECK-DAG: #[[$ALL:.*]] = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
# CHECK-DAG: #[[$KEPT:.*]] = affine_map<(d0, d1, d2) -> (d0, d2)>
# CHECK-LABEL: func.func @forward
# CHECK-SAME: %[[X:.*]]: tensor<?x3x4xf32> loc("x"))
# CHECK: %[[SUM:.*]] = linalg.reduce ins(%[[X]] : tensor<?x3x4xf32>) outs(%{{.*}} : tensor<?x3xf32>) dimensions = [2]
# CHECK: arith.addf
# CHECK: %[[MEAN:.*]] = linalg.generic {{.*}} ins(%[[SUM]]
# CHECK: %[[COUNT:.*]] = arith.constant 4.0
# CHECK: arith.divf %{{.*}}, %[[COUNT]]
# CHECK: tensor.expand_shape %[[MEAN]] {{\[\[}}0], [1, 2]] {{.*}} into tensor<?x3x1xf32>

# CHECK: %[[LEAST:.*]] = arith.constant 0xFF800000 : f32
# CHECK: %[[INIT:.*]] = linalg.fill ins(%[[LEAST]]
# CHECK: linalg.reduce ins(%[[X]] : tensor<?x3x4xf32>) outs(%[[INIT]] : tensor<?xf32>) dimensions = [1, 2]
# CHECK: arith.maximumf

# The first of equal elements is kept.
# CHECK: linalg.generic {indexing_maps = [#[[$ALL]], #[[$KEPT]], #[[$KEPT]]], iterator_types = ["parallel", "reduction", "parallel"]}
# CHECK: linalg.index 1
# CHECK: arith.cmpf ogt
