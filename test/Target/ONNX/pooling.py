# REQUIRES: onnx
# RUN: %python %s %t | FileCheck %s
"""Pooling: windows in the padding, and averages over what they really hold."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
from onnx_models import model, node, show

show(
    model(
        [
            node("MaxPool", "x", "max", kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2]),
            node("AveragePool", "x", "average", kernel_shape=[2, 2], strides=[2, 2]),
            node("AveragePool", "x", "border", kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
            node("GlobalAveragePool", "x", "all"),
            node("MaxPool", "volume", "volumes", kernel_shape=[2, 2, 3], strides=[2, 1, 1], pads=[1, 0, 0, 0, 0, 0]),
            node("AveragePool", "volume", "averages", kernel_shape=[2, 2, 3]),
        ],
        {"x": ["N", 4, 8, 6], "volume": ["N", 4, 5, 6, 7]},
        ["max", "average", "border", "all", "volumes", "averages"],
    ),
    sys.argv[1],
)

# CHECK-LABEL: func.func @forward
# CHECK-SAME: %[[X:.*]]: tensor<?x4x8x6xf32> loc("x"),

# CHECK: %[[LOWEST:.*]] = arith.constant 0xFF800000 : f32
# The windows do not reach the pads behind the input.
# CHECK: %[[PADDED:.*]] = tensor.pad %[[X]] low[0, 0, 1, 1] high[0, 0, 0, 0]
# CHECK: tensor.yield %[[LOWEST]]
# CHECK: linalg.fill
# CHECK: %[[WINDOW:.*]] = tensor.empty() : tensor<3x3xf32>
# CHECK: linalg.pooling_nchw_max {{.*}}strides = dense<2>{{.*}} ins(%[[PADDED]], %[[WINDOW]] : tensor<?x4x9x7xf32>, tensor<3x3xf32>)
# CHECK-SAME: -> tensor<?x4x4x3xf32>

# CHECK: %[[SUM:.*]] = linalg.pooling_nchw_sum {{.*}} ins(%[[X]], %{{.*}} : tensor<?x4x8x6xf32>, tensor<2x2xf32>)
# CHECK: linalg.generic {{.*}} ins(%[[SUM]]
# CHECK: %[[COUNT:.*]] = arith.constant 4.0
# CHECK: arith.divf %{{.*}}, %[[COUNT]]

# At the border there are fewer elements.
# CHECK: %[[SUM:.*]] = linalg.pooling_nchw_sum
# CHECK: %[[COUNTS:.*]] = arith.constant dense_resource<border.count> : tensor<8x6xf32>
# CHECK: linalg.generic {{.*}} ins(%[[SUM]], %[[COUNTS]] : tensor<?x4x8x6xf32>, tensor<8x6xf32>)
# CHECK: arith.divf

# CHECK: %[[SUM:.*]] = linalg.reduce ins(%[[X]] : tensor<?x4x8x6xf32>) outs(%{{.*}} : tensor<?x4xf32>) dimensions = [2, 3]
# CHECK: arith.addf
# CHECK: linalg.generic {{.*}} ins(%[[SUM]]
# CHECK: arith.constant 4.8{{0*}}e+01
# CHECK: arith.divf
# CHECK: tensor.expand_shape {{.*}} : tensor<?x4xf32> into tensor<?x4x1x1xf32>

# Volumes are pooled with their channels last.
# CHECK: tensor.pad %{{.*}} low[0, 0, 1, 0, 0] high[0, 0, 0, 0, 0]
# CHECK: %[[LAST:.*]] = linalg.transpose {{.*}} permutation = [0, 2, 3, 4, 1]
# CHECK: %[[MAX:.*]] = linalg.pooling_ndhwc_max {{.*}} ins(%[[LAST]], %{{.*}} : tensor<?x6x6x7x4xf32>, tensor<2x2x3xf32>)
# CHECK: linalg.transpose ins(%[[MAX]] {{.*}} permutation = [0, 4, 1, 2, 3]
# CHECK: linalg.pooling_ndhwc_sum
# CHECK: arith.constant 1.2{{0*}}e+01
# CHECK: arith.divf
