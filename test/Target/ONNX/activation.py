# REQUIRES: onnx
# RUN: %python %s %t | FileCheck %s
"""Activation functions are generics of a few ops on scalars."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
from onnx_models import model, node, show

show(
    model(
        [
            node("LeakyRelu", "x", "leaky", alpha=0.25),
            node("Elu", "x", "elu", alpha=0.5),
            node("HardSwish", "x", "swish"),
            node("Softplus", "x", "softplus"),
            node("Gelu", "x", "gelu"),
        ],
        {"x": ["N", 4]},
        ["leaky", "elu", "swish", "softplus", "gelu"],
        opset=20,
    ),
    sys.argv[1],
)

# CHECK-LABEL: func.func @forward
# CHECK: %[[ALPHA:.*]] = arith.constant 2.500000e-01
# CHECK: %[[SCALED:.*]] = arith.mulf %[[X:.*]], %[[ALPHA]]
# CHECK: %[[IS_NEGATIVE:.*]] = arith.cmpf olt, %[[X]], %{{.*}}
# CHECK: arith.select %[[IS_NEGATIVE]], %[[SCALED]], %[[X]]

# CHECK: math.expm1
# CHECK: arith.select

# CHECK: arith.maximumf
# CHECK: arith.minimumf
# CHECK: arith.mulf

# What could overflow does not: max(x, 0) + log(1 + exp(-|x|)).
# CHECK: math.absf
# CHECK: arith.negf
# CHECK: math.exp
# CHECK: math.log1p
# CHECK: arith.maximumf

# CHECK: math.erf
