# REQUIRES: onnx
# RUN: %python %s %t | FileCheck %s
"""Blocks of pixels become channels, and channels blocks of pixels."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
from onnx_models import model, node, show

show(
    model(
        [
            node("DepthToSpace", "x", "outer", blocksize=2),
            node("DepthToSpace", "x", "inner", blocksize=2, mode="CRD"),
            node("SpaceToDepth", "x", "depth", blocksize=2),
            node("SpaceToDepth", "x", "same", blocksize=1),
        ],
        {"x": ["N", 12, 4, 6]},
        ["outer", "inner", "depth", "same"],
    ),
    sys.argv[1],
)

# CHECK-LABEL: func.func @forward
# CHECK-SAME: %[[X:.*]]: tensor<?x12x4x6xf32>
# CHECK: %[[BLOCKS:.*]] = tensor.expand_shape %[[X]] {{.*}} into tensor<?x2x2x3x4x6xf32>
# CHECK: linalg.transpose ins(%[[BLOCKS]] {{.*}} permutation = [0, 3, 4, 1, 5, 2]
# CHECK: tensor.collapse_shape {{.*}} into tensor<?x3x8x12xf32>
# CHECK: %[[BLOCKS:.*]] = tensor.expand_shape %[[X]] {{.*}} into tensor<?x3x2x2x4x6xf32>
# CHECK: linalg.transpose ins(%[[BLOCKS]] {{.*}} permutation = [0, 1, 4, 2, 5, 3]
# CHECK: %[[BLOCKS:.*]] = tensor.expand_shape %[[X]] {{.*}} into tensor<?x12x2x2x3x2xf32>
# CHECK: linalg.transpose ins(%[[BLOCKS]] {{.*}} permutation = [0, 3, 5, 1, 2, 4]
# CHECK: tensor.collapse_shape {{.*}} into tensor<?x48x2x3xf32>
# CHECK: return {{.*}}, %[[X]] :
