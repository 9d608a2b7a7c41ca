# REQUIRES: onnx
# RUN: %python %s %t | FileCheck %s
"""Each kind of convolution becomes its linalg op; see compare-with-onnxruntime.py for numbers."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
from onnx_models import model, node, show, tensor

show(
    model(
        [
            # Asymmetric pads, a bias.
            node("Conv", "x w b", "dense", pads=[1, 2, 3, 4], strides=[2, 1]),
            # One channel of the input for each of the output.
            node("Conv", "x depthwise_w depthwise_b", "depthwise", group=4, auto_pad="SAME_UPPER"),
            # Two channels of the input for three of the output.
            node("Conv", "x grouped_w grouped_b", "grouped", group=2, dilations=[2, 2]),
            # One dimension is two of which one is 1.
            node("Conv", "line line_w", "linear", pads=[2, 1]),
            # Three dimensions.
            node("Conv", "volume volume_w", "volumes", pads=[1, 0, 0, 0, 0, 0], strides=[1, 1, 2]),
            node("Conv", "volume channel_w", "channels", group=4),
            node("Conv", "volume groups_w groups_b", "groups", group=2, strides=[2, 1, 1], dilations=[1, 1, 2]),
        ],
        {"x": ["N", 4, 9, 8], "line": ["N", 4, 7], "volume": ["N", 4, 5, 6, 7]},
        ["dense", "depthwise", "grouped", "linear", "volumes", "channels", "groups"],
        [
            tensor("w", (6, 4, 3, 3)),
            tensor("b", (6,)),
            tensor("depthwise_w", (4, 1, 3, 3), 1),
            tensor("depthwise_b", (4,), 1),
            tensor("grouped_w", (6, 2, 3, 3), 2),
            tensor("grouped_b", (6,), 2),
            tensor("line_w", (5, 4, 3), 3),
            tensor("volume_w", (5, 4, 2, 3, 3), 4),
            tensor("channel_w", (4, 1, 3, 3, 3), 5),
            tensor("groups_w", (6, 2, 3, 3, 3), 6),
            tensor("groups_b", (6,), 4),
        ],
    ),
    sys.argv[1],
)

# CHECK-LABEL: func.func @forward
# CHECK-SAME: %[[X:.*]]: tensor<?x4x9x8xf32> loc("x"), %[[LINE:.*]]: tensor<?x4x7xf32>

# CHECK-DAG: %[[W:.*]] = arith.constant dense_resource<w> : tensor<6x4x3x3xf32>
# CHECK-DAG: %[[B:.*]] = arith.constant dense_resource<b> : tensor<6xf32>
# CHECK: %[[BATCH:.*]] = tensor.dim %[[X]], %{{.*}}
# The last row of pads is out of reach of every window.
# CHECK: %[[PADDED:.*]] = tensor.pad %[[X]] low[0, 0, 1, 2] high[0, 0, 3, 4]
# CHECK: tensor.yield %{{.*}} : f32
# CHECK: %[[EMPTY:.*]] = tensor.empty(%[[BATCH]]) : tensor<?x6x6x12xf32>
# CHECK: %[[INIT:.*]] = linalg.broadcast ins(%[[B]] : tensor<6xf32>) outs(%[[EMPTY]] : tensor<?x6x6x12xf32>) dimensions = [0, 2, 3]
# CHECK: linalg.conv_2d_nchw_fchw {dilations = dense<1> : tensor<2xi64>, strides = dense<[2, 1]> : tensor<2xi64>}
# CHECK-SAME: ins(%[[PADDED]], %[[W]] : tensor<?x4x13x14xf32>, tensor<6x4x3x3xf32>) outs(%[[INIT]] : tensor<?x6x6x12xf32>)

# CHECK: tensor.pad %[[X]] low[0, 0, 1, 1] high[0, 0, 1, 1]
# CHECK: %[[W1:.*]] = arith.constant dense_resource<depthwise_w> : tensor<4x3x3xf32>
# CHECK: linalg.broadcast ins(%{{.*}} : tensor<4xf32>) {{.*}} dimensions = [0, 2, 3]
# CHECK: linalg.depthwise_conv_2d_nchw_chw
# CHECK-SAME: ins(%{{.*}}, %[[W1]] : tensor<?x4x11x10xf32>, tensor<4x3x3xf32>)
# CHECK-SAME: -> tensor<?x4x9x8xf32>

# CHECK: tensor.expand_shape %[[X]] {{\[\[}}0], [1, 2], [3], [4]] {{.*}} into tensor<?x2x2x9x8xf32>
# CHECK: arith.constant dense_resource<grouped_w> : tensor<2x3x2x3x3xf32>
# CHECK: %[[B2:.*]] = arith.constant dense_resource<grouped_b> : tensor<2x3xf32>
# CHECK: linalg.broadcast ins(%[[B2]] : tensor<2x3xf32>) {{.*}} dimensions = [0, 3, 4]
# CHECK: %[[GROUPED:.*]] = linalg.conv_2d_ngchw_gfchw {dilations = dense<2>
# CHECK: tensor.collapse_shape %[[GROUPED]] {{.*}} : tensor<?x2x3x5x4xf32> into tensor<?x6x5x4xf32>

# CHECK: tensor.expand_shape %[[LINE]] {{.*}} into tensor<?x4x1x7xf32>
# CHECK: arith.constant dense_resource<line_w> : tensor<5x4x1x3xf32>
# CHECK: tensor.pad %{{.*}} low[0, 0, 0, 2] high[0, 0, 0, 1]
# CHECK: linalg.fill
# CHECK: %[[LINEAR:.*]] = linalg.conv_2d_nchw_fchw
# CHECK: tensor.collapse_shape %[[LINEAR]] {{.*}} : tensor<?x5x1x8xf32> into tensor<?x5x8xf32>

# CHECK: %[[PADDED:.*]] = tensor.pad %[[VOLUME:.*]] low[0, 0, 1, 0, 0] high[0, 0, 0, 0, 0]
# CHECK: linalg.conv_3d_ncdhw_fcdhw {{.*}}strides = dense<[1, 1, 2]> : tensor<3xi64>} ins(%[[PADDED]], %{{.*}} : tensor<?x4x6x6x7xf32>, tensor<5x4x2x3x3xf32>) outs(%{{.*}} : tensor<?x5x5x4x3xf32>)
# CHECK: linalg.depthwise_conv_3d_ncdhw_cdhw {{.*}} ins(%{{.*}} : tensor<?x4x5x6x7xf32>, tensor<4x3x3x3xf32>)
# CHECK: tensor.expand_shape {{.*}} into tensor<?x2x2x5x6x7xf32>
# CHECK: arith.constant dense_resource<groups_w> : tensor<2x3x2x3x3x3xf32>
# CHECK: %[[GROUPS:.*]] = linalg.generic {{.*}} outs(%{{.*}} : tensor<?x2x3x2x4x3xf32>)
# CHECK: tensor.collapse_shape %[[GROUPS]] {{.*}} into tensor<?x6x2x4x3xf32>
