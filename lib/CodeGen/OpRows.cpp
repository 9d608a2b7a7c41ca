//===- OpRows.cpp - The rows of an op -------------------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OpRows.h"
#include "Kernels/FlatAccess.h"
#include "Kernels/FusedNeighbours.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mlir::ptq;
using linalg::LinalgOp;

/// The loops of `op` that run more than once, up to the first one that is a
/// reduction.
static SmallVector<unsigned> getLeadingLoops(LinalgOp op) {
  SmallVector<unsigned> loops;
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  for (auto [dim, type] : llvm::enumerate(op.getIteratorTypesArray())) {
    if (ranges[dim] == 1)
      continue;
    if (type != utils::IteratorType::parallel ||
        ShapedType::isDynamic(ranges[dim]))
      break;
    loops.push_back(dim);
  }
  return loops;
}

SmallVector<int64_t> mlir::ptq::getLeadingSizes(LinalgOp op) {
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  return llvm::map_to_vector(getLeadingLoops(op),
                             [&](unsigned dim) { return ranges[dim]; });
}

SmallVector<unsigned> mlir::ptq::getRowLoops(LinalgOp op, size_t numRows) {
  SmallVector<unsigned> loops = getLeadingLoops(op);
  loops.truncate(numRows);
  return loops;
}

bool mlir::ptq::hasRows(LinalgOp op, size_t numRows) {
  return llvm::count_if(op.getStaticLoopRanges(), [](int64_t range) {
           return range != 1;
         }) > static_cast<int64_t>(numRows);
}

bool mlir::ptq::canBeCut(LinalgOp op, OpOperand &operand, size_t numRows) {
  if (op.isScalar(&operand))
    return true;
  auto type = dyn_cast<MemRefType>(operand.get().getType());
  if (!type || !type.isStrided())
    return false;
  SmallVector<unsigned> rows = getRowLoops(op, numRows);
  return llvm::all_of(op.getMatchingIndexingMap(&operand).getResults(),
                      [&](AffineExpr index) {
                        return isa<AffineDimExpr>(index) ||
                               llvm::none_of(rows, [&](unsigned dim) {
                                 return index.isFunctionOfDim(dim);
                               });
                      });
}

std::optional<RowAccess>
mlir::ptq::getRowAccess(LinalgOp op, OpOperand &operand, size_t numRows) {
  // Reshapes of contiguous elements leave them where they are.
  Value value = operand.get();
  while (true) {
    auto type = dyn_cast<MemRefType>(value.getType());
    if (!type || !type.getLayout().isIdentity())
      return std::nullopt;
    Operation *view = value.getDefiningOp();
    if (!isa_and_nonnull<memref::ExpandShapeOp, memref::CollapseShapeOp>(view))
      break;
    value = view->getOperand(0);
  }
  if (value != getViewedBuffer(value) || !FlatAccess::isLinear(op, operand) ||
      !FlatAccess::startsAtOrigin(op, operand))
    return std::nullopt;
  SmallVector<unsigned> rows = getRowLoops(op, numRows);
  RowAccess access;
  for (auto [dim, range] : llvm::enumerate(op.getStaticLoopRanges())) {
    std::optional<int64_t> stride =
        FlatAccess::getStaticStride(op, operand, dim);
    if (!stride || *stride < 0 || ShapedType::isDynamic(range))
      return std::nullopt;
    if (llvm::is_contained(rows, dim))
      access.strides.push_back(*stride);
    else
      access.extent += *stride * (range - 1);
  }
  return access;
}
