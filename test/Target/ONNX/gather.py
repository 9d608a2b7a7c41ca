# REQUIRES: onnx
# RUN: %python %s %t | FileCheck %s
"""A gather is a generic that extracts from its table; constants are gathered at import,
and constant positions in several dimensions are ones in a single dimension."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "Inputs"))
import numpy as np
from onnx import TensorProto
from onnx_models import constant, model, node, show, tensor

show(
    model(
        [
            node("Gather", "table ids", "rows"),
            node("Gather", "table two", "row"),
            node("Add", "rows row", "sum"),
            node("Gather", "sum last", "picked", axis=2),
        ],
        {"ids": (TensorProto.INT64, ["N", 5])},
        ["picked"],
        [
            tensor("table", (7, 3)),
            constant("two", 2, np.int64),
            constant("last", [-1, 0], np.int64),
        ],
    ),
    sys.argv[1],
)

# CHECK-DAG: #[[$INDICES:.*]] = affine_map<(d0, d1, d2) -> (d0, d1)>
# CHECK-DAG: #[[$COLUMNS:.*]] = affine_map<(d0, d1, d2) -> (d2)>
# CHECK-DAG: #[[$ALL:.*]] = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
# CHECK-LABEL: func.func @forward
# CHECK-SAME: %[[IDS:.*]]: tensor<?x5xi64> loc("ids"))
# CHECK: %[[TABLE:.*]] = arith.constant dense_resource<table> : tensor<7x3xf32>

# Negative indices count from the end; the rest is clamped.
# CHECK: linalg.generic {indexing_maps = [#[[$INDICES]], #[[$ALL]]], iterator_types = ["parallel", "parallel", "parallel"]} ins(%[[IDS]] : tensor<?x5xi64>)
# CHECK: ^bb0(%[[ID:.*]]: i64 loc({{.*}}), %{{.*}}: f32 loc({{.*}})):
# CHECK: %[[INDEX:.*]] = arith.index_cast %[[ID]] : i64 to index
# CHECK-DAG: %[[ZERO:.*]] = arith.constant 0 : index
# CHECK-DAG: %[[SIZE:.*]] = arith.constant 7 : index
# CHECK: %[[FROM_END:.*]] = arith.addi %[[INDEX]], %[[SIZE]]
# CHECK: %[[IS_NEGATIVE:.*]] = arith.cmpi slt, %[[INDEX]], %[[ZERO]]
# CHECK: %[[WRAPPED:.*]] = arith.select %[[IS_NEGATIVE]], %[[FROM_END]], %[[INDEX]]
# CHECK: %[[RAISED:.*]] = arith.maxsi %[[WRAPPED]], %[[ZERO]]
# CHECK: %[[LAST:.*]] = arith.constant 6 : index
# CHECK: %[[ROW:.*]] = arith.minsi %[[RAISED]], %[[LAST]]
# CHECK: %[[COLUMN:.*]] = linalg.index 2
# CHECK: tensor.extract %[[TABLE]][%[[ROW]], %[[COLUMN]]] : tensor<7x3xf32>

# CHECK: arith.constant dense_resource<table{{.*}}> : tensor<3xf32>

# Constant indices are positions already.
# CHECK: %[[POSITIONS:.*]] = arith.constant dense_resource<picked.positions> : tensor<2xi64>
# CHECK: linalg.generic {indexing_maps = [#[[$COLUMNS]], #[[$ALL]]], {{.*}} ins(%[[POSITIONS]] : tensor<2xi64>)
# CHECK-NOT: arith.minsi
# CHECK: tensor.extract %{{.*}} : tensor<?x5x3xf32>

# Tables of unsigned codes are less by half of their range.
show(
    model(
        [
            node("Gather", "codes ids", "rows"),
            node("DequantizeLinear", "rows scale zero", "y"),
        ],
        {"ids": (TensorProto.INT64, ["N", 5])},
        ["y"],
        [
            constant("codes", [[0, 128], [255, 1]], np.uint8),
            constant("scale", 0.5),
            constant("zero", 3, np.uint8),
        ],
    ),
    sys.argv[1],
)

# CHECK-LABEL: func.func @forward
# CHECK: %[[TABLE:.*]] = arith.constant dense_resource<codes> : tensor<2x2xi8>
# CHECK: %[[ROWS:.*]] = linalg.generic
# CHECK: tensor.extract %[[TABLE]][%{{.*}}, %{{.*}}] : tensor<2x2xi8>
# CHECK: %[[ZERO:.*]] = arith.constant -125 : i8
# CHECK: ptq.dequantize %[[ROWS]], %{{.*}}, %[[ZERO]] : tensor<?x5x2xi8>, f32, i8 -> tensor<?x5x2xf32>

# Other indices are beside the elements that they replace.
show(
    model(
        [
            node("GatherElements", "x ids", "picked", axis=1),
            node("GatherND", "picked pairs", "all", batch_dims=0),
        ],
        {"x": [4, 5, 2], "ids": (TensorProto.INT64, [4, 3, 2])},
        ["all"],
        [constant("pairs", [[0, 2], [-1, 1]], np.int64)],
    ),
    sys.argv[1],
)

# CHECK-LABEL: func.func @forward
# CHECK-SAME: %[[X:.*]]: tensor<4x5x2xf32> loc("x"), %[[IDS:.*]]: tensor<4x3x2xi64>
# CHECK: %[[PICKED:.*]] = linalg.generic {{.*}} ins(%[[IDS]] : tensor<4x3x2xi64>)
# CHECK: %[[POSITION:.*]] = arith.minsi
# CHECK: tensor.extract %[[X]][%{{.*}}, %[[POSITION]], %{{.*}}] : tensor<4x5x2xf32>
# CHECK: arith.constant dense_resource<all.positions> : tensor<2xi64>
# CHECK: tensor.collapse_shape %[[PICKED]] {{\[\[}}0, 1], [2]] : tensor<4x3x2xf32> into tensor<12x2xf32>
# CHECK: linalg.generic {{.*}} ins(%{{.*}} : tensor<2xi64>)
