//===- ReshapePlan.h - Reshapes as collapse and expand ----------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_TARGET_ONNX_RESHAPEPLAN_H
#define PTQ_LIB_TARGET_ONNX_RESHAPEPLAN_H

#include "mlir/Dialect/Utils/ReshapeOpsUtils.h"
#include <optional>

namespace mlir::ptq::importer {

/// A reshape, as groups of neighbouring dimensions that hold the same elements
/// before and after it. Each group is collapsed into one dimension, which is
/// expanded again. For example 2x3x4x5 to 6x20:
///
///   groups = {6, 20}  source = {{0, 1}, {2, 3}}  target = {{0}, {1}}
///
/// The groups are as small as possible, so a dimension that a reshape leaves
/// alone is a group of its own.
struct ReshapePlan {
  /// The sizes of the collapsed dimensions.
  SmallVector<int64_t> groups;
  /// The dimensions of each group, before and after.
  SmallVector<ReassociationIndices> source, target;
  /// Whether the collapse and the expansion change anything.
  bool collapses, expands;
};

/// Plans the reshape between two shapes. Each may have one dynamic dimension;
/// its size is what makes the numbers of elements equal. Null if the numbers of
/// elements differ or are 0.
std::optional<ReshapePlan> planReshape(ArrayRef<int64_t> source,
                                       ArrayRef<int64_t> target);

} // namespace mlir::ptq::importer

#endif // PTQ_LIB_TARGET_ONNX_RESHAPEPLAN_H
