//===- ConstantBorder.cpp - Constants around an image ---------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ConstantBorder.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace mlir::ptq;
using linalg::LinalgOp;

namespace {

/// A box of a buffer, along each dimension; empty if it is not known.
struct Box {
  SmallVector<OpFoldResult> offsets;
  SmallVector<OpFoldResult> sizes;
};

/// An op that writes to a box.
struct Write : Box {
  LinalgOp op;
};

/// Follows what is written to a buffer.
class BorderFinder {
public:
  BorderFinder(memref::AllocOp buffer, unsigned dim)
      : sizes(buffer.getMixedSizes()), dim(dim),
        size(buffer.getType().getDimSize(dim)) {}

  /// Finds all writes through `view`, of `box`, in the block of `reader`. Fails
  /// if there may be others.
  LogicalResult findWrites(Value view, const Box &box, LinalgOp reader) {
    for (OpOperand &use : view.getUses()) {
      Operation *user = use.getOwner();
      if (auto op = dyn_cast<LinalgOp>(user)) {
        if (op.isDpsInput(&use))
          continue;
        if (op->getBlock() != reader->getBlock())
          return failure();
        writes.push_back({box, op});
      } else if (isa<ViewLikeOpInterface>(user) && user->getNumResults() == 1) {
        if (failed(findWrites(user->getResult(0), getBox(user, view), reader)))
          return failure();
      } else if (!isa<memref::DimOp, memref::DeallocOp>(user)) {
        return failure();
      }
    }
    return success();
  }

  /// What is known when `reader` runs.
  ConstantBorder findBorder(LinalgOp reader) {
    llvm::sort(writes, [](const Write &a, const Write &b) {
      return a.op->isBeforeInBlock(b.op);
    });
    for (const Write &write : writes)
      if (write.op->isBeforeInBlock(reader))
        follow(write);
    return border;
  }

private:
  /// The box of the buffer that `view` shows of `source`.
  static Box getBox(Operation *view, Value source) {
    auto slice = dyn_cast<memref::SubViewOp>(view);
    if (!slice || !source.getDefiningOp<memref::AllocOp>() ||
        !slice.hasUnitStride())
      return {};
    return {slice.getMixedOffsets(), slice.getMixedSizes()};
  }

  void follow(const Write &write) {
    std::optional<int64_t> begin, end;
    if (!write.offsets.empty()) {
      begin = getConstantIntValue(write.offsets[dim]);
      end = getConstantIntValue(write.sizes[dim]);
      if (begin && end)
        *end += *begin;
    }
    bool isKnown = begin && end;
    std::optional<int64_t> filled = getFilledValue(write.op);
    if (filled != border.value) {
      border.low = isKnown ? std::min(border.low, *begin) : 0;
      border.high = isKnown ? std::min(border.high, size - *end) : 0;
    }
    if (!filled || !isKnown || !spansOtherDims(write))
      return;
    if (border.low + border.high == 0)
      border.value = *filled;
    if (border.value != *filled)
      return;
    if (*begin <= border.low)
      border.low = std::max(border.low, *end);
    if (*end >= size - border.high)
      border.high = std::max(border.high, size - *begin);
  }

  /// The integer that `op` fills its output with, if it does.
  static std::optional<int64_t> getFilledValue(LinalgOp op) {
    auto fill = dyn_cast<linalg::FillOp>(op.getOperation());
    APInt value;
    if (!fill || !matchPattern(fill.value(), m_ConstantInt(&value)) ||
        value.getSignificantBits() > 64)
      return std::nullopt;
    return value.getSExtValue();
  }

  /// Whether `write`, of a known box, is all there is along the other dims.
  bool spansOtherDims(const Write &write) const {
    for (size_t other = 0; other < sizes.size(); ++other)
      if (other != dim &&
          (!isZeroInteger(write.offsets[other]) ||
           !isEqualConstantIntOrValue(write.sizes[other], sizes[other])))
        return false;
    return true;
  }

  SmallVector<OpFoldResult> sizes;
  unsigned dim;
  int64_t size;
  SmallVector<Write> writes;
  ConstantBorder border;
};

} // namespace

std::optional<ConstantBorder> ConstantBorder::find(Value buffer, unsigned dim,
                                                   LinalgOp reader) {
  auto alloc = buffer.getDefiningOp<memref::AllocOp>();
  if (!alloc || alloc.getType().isDynamicDim(dim) ||
      !alloc.getType().getElementType().isInteger())
    return std::nullopt;
  BorderFinder finder(alloc, dim);
  SmallVector<OpFoldResult> sizes = alloc.getMixedSizes();
  SmallVector<OpFoldResult> origin(
      sizes.size(), IntegerAttr::get(IndexType::get(alloc.getContext()), 0));
  if (failed(finder.findWrites(alloc, {origin, sizes}, reader)))
    return std::nullopt;
  ConstantBorder border = finder.findBorder(reader);
  if (border.low + border.high == 0)
    return std::nullopt;
  return border;
}
