# REQUIRES: onnx
# RUN: %python %s %t | FileCheck %s
"""Batch normalization is an affine function for each channel; softmax stays softmax."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
from onnx_models import constant, model, node, show

CHANNEL_INPUTS = {"scale": [1, 2], "bias": [0, 1], "mean": [3, 5], "variance": [4, 16]}
constants = [constant(name, values) for name, values in CHANNEL_INPUTS.items()]
norm = node("BatchNormalization", "x scale bias mean variance", "norm", epsilon=0.0)

# scale / sqrt(variance) = 0.5, 0.5; bias - mean * 0.5 = -1.5, -1.5.
show(
    model([norm], {"x": ["N", 2, 3]}, ["norm"], constants),
    sys.argv[1],
    "--mlir-elide-resource-strings-if-larger=99",
)
# CHECK: %[[FACTOR:.*]] = arith.constant dense_resource<norm.factor> : tensor<2xf32>
# CHECK: %[[OFFSET:.*]] = arith.constant dense_resource<norm.offset> : tensor<2xf32>
# CHECK: linalg.generic {{.*}} ins(%{{.*}}, %[[FACTOR]], %[[OFFSET]] : tensor<?x2x3xf32>, tensor<2xf32>, tensor<2xf32>)
# CHECK: %[[PRODUCT:.*]] = arith.mulf %{{.*}}, %{{.*}} : f32
# CHECK: arith.addf %[[PRODUCT]], %{{.*}} : f32
# CHECK: norm.factor: "0x100000000000003F0000003F"
# CHECK: norm.offset: "0x100000000000C0BF0000C0BF"

softmax = node("Softmax", "x", "softmax", axis=1)

show(model([softmax], {"x": ["N", 2, 3]}, ["softmax"], opset=13), sys.argv[1])
# CHECK: linalg.softmax dimension(1) ins(%{{.*}} : tensor<?x2x3xf32>)

# Before operator set 13 softmax is over all dimensions from the axis on.
show(model([softmax], {"x": ["N", 2, 3]}, ["softmax"], opset=12), sys.argv[1])
# CHECK: %[[FLAT:.*]] = tensor.collapse_shape %{{.*}} {{\[\[}}0], [1, 2]] : tensor<?x2x3xf32> into tensor<?x6xf32>
# CHECK: %[[RESULT:.*]] = linalg.softmax dimension(1) ins(%[[FLAT]] : tensor<?x6xf32>)
# CHECK: tensor.expand_shape %[[RESULT]]

# Groups of channels are normalized together, in f32; parameters are for channels.
show(
    model(
        [node("GroupNormalization", "x scale bias", "y", num_groups=2)],
        {"x": ["N", 4, 3]},
        ["y"],
        [constant("scale", [1, 2, 3, 4]), constant("bias", [0, 1, 2, 3])],
        opset=21,
    ),
    sys.argv[1],
)
# CHECK: tensor.expand_shape %{{.*}} {{\[\[}}0], [1, 2], [3]] {{.*}} : tensor<?x4x3xf32> into tensor<?x2x2x3xf32>
# CHECK: linalg.reduce ins(%{{.*}} : tensor<?x2x2x3xf32>) outs(%{{.*}} : tensor<?x2xf32>) dimensions = [2, 3]

# The logarithm of softmax does not overflow.
show(
    model([node("LogSoftmax", "x", "y", axis=-1)], {"x": ["N", 3]}, ["y"], opset=13),
    sys.argv[1],
)
# CHECK: arith.maximumf
# CHECK: arith.subf
# CHECK: math.exp
# CHECK: arith.addf
# CHECK: math.log
# CHECK: arith.subf
