//===- OpRows.h - The rows of an op -----------------------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The rows of an op are its leading parallel loops. Which elements of a buffer
// they touch is decided on flat addresses, so that reshapes do not matter.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_OPROWS_H
#define PTQ_LIB_CODEGEN_OPROWS_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include <optional>

namespace mlir::ptq {

/// The elements of a buffer that the rows of an op touch.
struct RowAccess {
  /// The distances of rows, for each leading loop.
  SmallVector<int64_t> strides;
  /// How far the last element of a row is from its first.
  int64_t extent = 0;
};

/// The sizes of the leading loops of `op`: those that run more than once, up to
/// the first one that is a reduction or has a dynamic size.
SmallVector<int64_t> getLeadingSizes(linalg::LinalgOp op);

/// The first `numRows` of the leading loops of `op`.
SmallVector<unsigned> getRowLoops(linalg::LinalgOp op, size_t numRows);

/// Whether loops other than the first `numRows` leading ones run more than
/// once.
bool hasRows(linalg::LinalgOp op, size_t numRows);

/// Whether `operand` can be cut into the rows of its op's first `numRows`
/// leading loops: each of these is an index by itself.
bool canBeCut(linalg::LinalgOp op, OpOperand &operand, size_t numRows);

/// What the first `numRows` leading loops of `op` touch of `operand`'s buffer;
/// nothing if that is not known.
std::optional<RowAccess> getRowAccess(linalg::LinalgOp op, OpOperand &operand,
                                      size_t numRows);

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_OPROWS_H
