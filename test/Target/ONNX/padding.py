# REQUIRES: onnx
# RUN: %python %s %t | FileCheck %s
"""Padding: with a number, with elements of the tensor, and with less than nothing."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
import numpy as np
from onnx_models import constant, model, node, show

show(
    model(
        [
            node("Pad", "x pads value", "around"),
            node("Pad", "x before", "mirrored", mode="reflect"),
            node("QuantizeLinear", "x scale zero", "codes"),
            node("Pad", "codes before zero", "filled"),
            node("DequantizeLinear", "filled scale zero", "values"),
        ],
        {"x": ["N", 3, 4]},
        ["around", "mirrored", "values"],
        [
            constant("pads", [0, 1, -1, 0, 0, 2], np.int64),
            constant("before", [0, 0, 2, 0, 0, 0], np.int64),
            constant("value", 0.5),
            constant("scale", 0.25),
            constant("zero", 100, np.uint8),
        ],
    ),
    sys.argv[1],
)

# CHECK-LABEL: func.func @forward
# CHECK-SAME: %[[X:.*]]: tensor<?x3x4xf32> loc("x"))

# What negative pads cut off goes first.
# CHECK: %[[CUT:.*]] = tensor.extract_slice %[[X]][0, 0, 1] [%{{.*}}, 3, 3] [1, 1, 1]
# CHECK: %[[VALUE:.*]] = arith.constant 5.000000e-01 : f32
# CHECK: tensor.pad %[[CUT]] low[0, 1, 0] high[0, 0, 2]
# CHECK: tensor.yield %[[VALUE]]

# CHECK: %[[INDICES:.*]] = arith.constant dense<[2, 1, 0, 1, 2, 3]> : tensor<6xi64>
# CHECK: linalg.generic {{.*}} ins(%[[INDICES]] : tensor<6xi64>)
# CHECK: tensor.extract %[[X]]

# Unsigned codes are less by half of their range, and so is what is put around.
# CHECK: %[[CODES:.*]] = ptq.quantize %[[X]]
# CHECK: %[[ZERO:.*]] = arith.constant -28 : i8
# CHECK: tensor.pad %[[CODES]] low[0, 0, 2] high[0, 0, 0]
# CHECK: tensor.yield %[[ZERO]]
