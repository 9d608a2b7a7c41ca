# REQUIRES: onnx
# RUN: %python %s %t | FileCheck %s
"""The nearest element is moved, interpolation is a product with a constant matrix along
each dimension; see compare-with-onnxruntime.py for numbers."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
import numpy as np
from onnx_models import constant, model, node, show

floor = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
show(
    model(
        [
            node("Resize", ["x", "", "whole"], "repeated"),
            node("Resize", ["x", "", "half"], "every_other", **floor),
            node("Resize", ["x", "", "odd"], "odd_elements", **floor),
            node("Resize", ["x", "", "odd"], "between", mode="linear"),
            node("Resize", ["x", "", "", "sizes"], "same"),
        ],
        {"x": ["N", 3, 4, 6]},
        ["repeated", "every_other", "odd_elements", "between", "same"],
        [
            constant("whole", [1, 1, 2, 3]),
            constant("half", [1, 1, 0.5, 1]),
            constant("odd", [1, 1, 1, 1.5]),
            constant("sizes", [1, 3, 4, 6], np.int64),
        ],
        opset=19,
    ),
    sys.argv[1],
    "--batch=1",
)

# CHECK-LABEL: func.func @forward
# CHECK-SAME: %[[X:.*]]: tensor<1x3x4x6xf32>
# CHECK: %[[PIXELS:.*]] = linalg.broadcast ins(%[[X]] : tensor<1x3x4x6xf32>) outs(%{{.*}} : tensor<1x3x4x2x6x3xf32>) dimensions = [3, 5]
# CHECK: tensor.collapse_shape %[[PIXELS]] {{.*}} into tensor<1x3x8x18xf32>
# CHECK: tensor.extract_slice %[[X]][0, 0, 0, 0] [1, 3, 2, 6] [1, 1, 2, 1]
# CHECK: arith.constant dense<[0, 0, 1, 2, 2, 3, 4, 4, 5]> : tensor<9xi64>
# CHECK: linalg.generic {{.*}} outs(%{{.*}} : tensor<1x3x4x9xf32>)
# CHECK: tensor.extract
# CHECK: %[[WEIGHTS:.*]] = arith.constant dense_resource<between.weights3> : tensor<6x9xf32>
# CHECK: %[[ROWS:.*]] = tensor.collapse_shape %[[X]] {{.*}} into tensor<12x6xf32>
# CHECK: %[[PRODUCTS:.*]] = linalg.matmul ins(%[[ROWS]], %[[WEIGHTS]]
# CHECK: tensor.expand_shape %[[PRODUCTS]] {{.*}} into tensor<1x3x4x9xf32>
# CHECK: return {{.*}}, %[[X]] :

# Codes are resized as they are. Along other dimensions than the last one, rows change
# places for the product.
show(
    model(
        [
            node("QuantizeLinear", "x scale zero", "q"),
            node("Resize", "q scales", "codes", mode="nearest"),
            node("DequantizeLinear", "codes scale zero", "values"),
            node("Resize", "values rows", "y", mode="linear"),
        ],
        {"x": ["N", 1, 2, 2]},
        ["y"],
        [
            constant("scales", [1, 1, 2, 2]),
            constant("rows", [1, 1, 2, 1]),
            constant("scale", 0.5),
            constant("zero", 3, np.uint8),
        ],
        opset=10,
    ),
    sys.argv[1],
)

# CHECK-LABEL: func.func @forward
# CHECK: %[[CODES:.*]] = ptq.quantize
# CHECK: linalg.broadcast ins(%[[CODES]] : tensor<?x1x2x2xi8>) {{.*}} dimensions = [3, 5]
# CHECK: %[[VALUES:.*]] = ptq.dequantize
# CHECK: %[[MOVED:.*]] = linalg.transpose ins(%[[VALUES]] {{.*}} permutation = [0, 1, 3, 2]
# CHECK: %[[ROWS:.*]] = tensor.collapse_shape %[[MOVED]] {{.*}} into tensor<?x4xf32>
# CHECK: linalg.matmul ins(%[[ROWS]], %{{.*}} : tensor<?x4xf32>, tensor<4x8xf32>)
# CHECK: linalg.transpose {{.*}} permutation = [0, 1, 3, 2]
