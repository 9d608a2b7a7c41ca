# REQUIRES: onnx
# RUN: %python %s %t | FileCheck %s
"""Transposed convolutions become convolutions of stride 1 that compute all phases as
channels; see compare-with-onnxruntime.py for numbers."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
import numpy as np
from onnx_models import constant, model, node, show, tensor

show(
    model(
        [
            # Two of four taps for each of four phases. A third tap would spare the slice.
            node("ConvTranspose", "x w b", "doubled", strides=[2, 2], pads=[1, 1, 1, 1]),
            # One tap for each phase: a filter of 1 x 1.
            node("ConvTranspose", "x plain_w", "plain", strides=[2, 2]),
            # The phases of a group follow each other.
            node("ConvTranspose", "x grouped_w", "grouped", strides=[1, 3], group=2),
            # One dimension is two of which one is 1; gaps become zeros.
            node("ConvTranspose", "line line_w", "linear", strides=[2], dilations=[3], pads=[1, 0]),
            # Stride 1 keeps its gaps. Pads larger than the filter cut off elements.
            node("ConvTranspose", "x gaps_w", "gaps", dilations=[2, 1], pads=[5, 0, 0, 0]),
        ],
        {"x": ["N", 4, 5, 6], "line": ["N", 4, 7]},
        ["doubled", "plain", "grouped", "linear", "gaps"],
        [
            tensor("w", (4, 3, 4, 4)),
            tensor("b", (3,)),
            tensor("plain_w", (4, 3, 2, 2), 1),
            tensor("grouped_w", (4, 2, 2, 3), 2),
            tensor("line_w", (4, 2, 2), 3),
            tensor("gaps_w", (4, 2, 3, 1), 4),
        ],
    ),
    sys.argv[1],
)

# CHECK-LABEL: func.func @forward
# CHECK-SAME: %[[X:.*]]: tensor<?x4x5x6xf32> loc("x"), %[[LINE:.*]]: tensor<?x4x7xf32>

# CHECK-DAG: %[[W:.*]] = arith.constant dense_resource<w> : tensor<12x4x2x2xf32>
# CHECK-DAG: %[[B:.*]] = arith.constant dense_resource<b{{.*}}> : tensor<12xf32>
# CHECK: %[[PADDED:.*]] = tensor.pad %[[X]] low[0, 0, 1, 1] high[0, 0, 1, 1]
# CHECK: %[[INIT:.*]] = linalg.broadcast ins(%[[B]] : tensor<12xf32>)
# CHECK: %[[SUMS:.*]] = linalg.conv_2d_nchw_fchw {{.*}}strides = dense<1>
# CHECK-SAME: ins(%[[PADDED]], %[[W]] : tensor<?x4x7x8xf32>, tensor<12x4x2x2xf32>) outs(%[[INIT]] : tensor<?x12x6x7xf32>)
# CHECK: %[[BLOCKS:.*]] = tensor.expand_shape %[[SUMS]] {{.*}} into tensor<?x2x2x3x6x7xf32>
# CHECK: %[[ROWS:.*]] = linalg.transpose ins(%[[BLOCKS]] {{.*}} permutation = [0, 3, 4, 1, 5, 2]
# CHECK: %[[PIXELS:.*]] = tensor.collapse_shape %[[ROWS]] {{.*}} into tensor<?x3x12x14xf32>
# CHECK: tensor.extract_slice %[[PIXELS]][0, 0, 1, 1] {{.*}} to tensor<?x3x10x12xf32>

# CHECK: arith.constant dense_resource<plain_w> : tensor<12x4x1x1xf32>
# CHECK: linalg.conv_2d_nchw_fchw {{.*}} ins(%[[X]],
# CHECK: tensor.collapse_shape {{.*}} into tensor<?x3x10x12xf32>
# CHECK-NOT: tensor.extract_slice

# CHECK: arith.constant dense_resource<grouped_w> : tensor<2x6x2x2x1xf32>
# CHECK: linalg.conv_2d_ngchw_gfchw
# CHECK: %[[BLOCKS:.*]] = tensor.expand_shape {{.*}} into tensor<?x2x3x2x6x6xf32>
# CHECK: linalg.transpose ins(%[[BLOCKS]] {{.*}} permutation = [0, 1, 3, 4, 5, 2]

# CHECK: tensor.expand_shape %[[LINE]] {{.*}} into tensor<?x4x1x7xf32>
# CHECK: arith.constant dense_resource<line_w> : tensor<4x4x1x2xf32>
# CHECK: linalg.conv_2d_nchw_fchw {dilations = dense<1>
# CHECK: tensor.extract_slice {{.*}} to tensor<?x2x1x15xf32>
# CHECK: tensor.collapse_shape {{.*}} into tensor<?x2x15xf32>

# CHECK: %[[PADDED:.*]] = tensor.pad %[[X]] low[0, 0, 0, 0] high[0, 0, 4, 0]
# CHECK: %[[CUT:.*]] = tensor.extract_slice %[[PADDED]][0, 0, 1, 0] {{.*}} to tensor<?x4x8x6xf32>
# CHECK: linalg.conv_2d_nchw_fchw {dilations = dense<[2, 1]> {{.*}} ins(%[[CUT]],

# Codes that are dequantized remain such: each phase has the scales of the channels, and
# what is no tap has the zero point.
show(
    model(
        [
            node("DequantizeLinear", "w scale zero", "values", axis=1),
            node("ConvTranspose", "x values", "y", strides=[2]),
        ],
        {"x": ["N", 1, 3]},
        ["y"],
        [
            constant("w", [[[1, 2, 3], [4, 5, 6]]], np.int8),
            constant("scale", [0.5, 0.25]),
            constant("zero", [7, 9], np.int8),
        ],
    ),
    sys.argv[1],
)

# CHECK-LABEL: func.func @forward
# CHECK-DAG: %[[CODES:.*]] = arith.constant dense_resource<w_1> : tensor<4x1x1x2xi8>
# CHECK-DAG: %[[SCALES:.*]] = arith.constant dense_resource<scale_1> : tensor<4xf32>
# CHECK-DAG: %[[ZEROS:.*]] = arith.constant dense_resource<zero_1> : tensor<4xi8>
# CHECK: %[[W:.*]] = ptq.dequantize %[[CODES]], %[[SCALES]], %[[ZEROS]] axis 0
# CHECK: linalg.conv_2d_nchw_fchw {{.*}} ins(%{{.*}}, %[[W]]
