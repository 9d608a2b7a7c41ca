//===- WindowBorder.cpp - Windows that reach out of an image --------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WindowBorder.h"
#include "ConstantBorder.h"
#include "mlir/Analysis/FlatLinearValueConstraints.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::ptq;

/// The window along the dimension of `input` that is indexed by `index`: a sum
/// of multiples of a loop over results and of one that is summed over.
static std::optional<WindowBorder>
matchWindow(linalg::LinalgOp op, unsigned input, AffineExpr index) {
  unsigned numLoops = op.getNumLoops();
  SmallVector<int64_t> multiples;
  if (failed(getFlattenedAffineExpr(index, numLoops, /*numSymbols=*/0,
                                    &multiples)) ||
      multiples.size() != numLoops + 1)
    return std::nullopt;
  std::optional<unsigned> windowDim, imageDim;
  SmallVector<utils::IteratorType> types = op.getIteratorTypesArray();
  for (unsigned dim = 0; dim < numLoops; ++dim) {
    if (multiples[dim] == 0)
      continue;
    std::optional<unsigned> &place =
        types[dim] == utils::IteratorType::reduction ? windowDim : imageDim;
    if (place || multiples[dim] < 0)
      return std::nullopt;
    place = dim;
  }
  if (!windowDim || !imageDim)
    return std::nullopt;
  int64_t numRows = op.getStaticLoopRanges()[*windowDim];
  if (ShapedType::isDynamic(numRows))
    return std::nullopt;
  return WindowBorder{input,
                      *windowDim,
                      *imageDim,
                      multiples[*imageDim],
                      multiples[*windowDim],
                      multiples.back(),
                      numRows,
                      /*begin=*/0,
                      /*end=*/0,
                      /*code=*/0};
}

SmallVector<WindowBorder> mlir::ptq::findWindowBorders(linalg::LinalgOp op) {
  SmallVector<WindowBorder> borders;
  for (OpOperand *image : op.getDpsInputOperands()) {
    auto type = dyn_cast<MemRefType>(image->get().getType());
    if (!type)
      continue;
    AffineMap map = op.getMatchingIndexingMap(image);
    for (auto [dim, index] : llvm::enumerate(map.getResults())) {
      std::optional<WindowBorder> window =
          matchWindow(op, image->getOperandNumber(), index);
      if (!window)
        continue;
      std::optional<ConstantBorder> border =
          ConstantBorder::find(image->get(), dim, op);
      if (!border)
        continue;
      window->begin = border->low;
      window->end = type.getDimSize(dim) - border->high;
      window->code = border->value;
      borders.push_back(*window);
    }
  }
  return borders;
}

/// The first row of a window that is not above row `imageRow`, at position `d0`
/// of the image's loop. Beyond the window there are more rows.
static AffineExpr getFirstRow(const WindowBorder &border, int64_t imageRow,
                              MLIRContext *context) {
  AffineExpr position = getAffineDimExpr(0, context);
  AffineExpr top = position * border.stride + border.offset;
  return (imageRow - top).ceilDiv(border.dilation);
}

LoopPart WindowBorder::getRowsInside(OpBuilder &builder, Location loc,
                                     OpFoldResult position) const {
  using affine::makeComposedFoldedAffineMax;
  using affine::makeComposedFoldedAffineMin;
  MLIRContext *context = builder.getContext();
  AffineExpr first = getAffineDimExpr(0, context);
  AffineExpr last = getAffineDimExpr(1, context);
  AffineExpr zero = getAffineConstantExpr(0, context);
  AffineExpr all = getAffineConstantExpr(numRows, context);
  auto getRow = [&](int64_t imageRow) {
    AffineExpr row = getFirstRow(*this, imageRow, context);
    return makeComposedFoldedAffineMin(
        builder, loc, AffineMap::get(1, 0, {all, row}, context), {position});
  };
  LoopPart inside;
  inside.first = makeComposedFoldedAffineMax(
      builder, loc, AffineMap::get(1, 0, {zero, first}, context),
      {getRow(begin)});
  OpFoldResult size = makeComposedFoldedAffineMax(
      builder, loc, AffineMap::get(2, 0, {zero, last - first}, context),
      {inside.first, getRow(end)});
  // Whoever estimates costs is told the largest number.
  inside.size = makeComposedFoldedAffineMin(
      builder, loc, AffineMap::get(1, 0, {all, first}, context), {size});
  return inside;
}

int64_t WindowBorder::countRowsOutside(int64_t numPositions) const {
  int64_t count = 0;
  for (int64_t row = 0; row < numRows; ++row) {
    // The first position at which the row is not above a row of the image.
    auto getPosition = [&](int64_t imageRow) {
      int64_t distance = imageRow - offset - row * dilation;
      return std::clamp<int64_t>(llvm::divideCeilSigned(distance, stride), 0,
                                 numPositions);
    };
    int64_t first = getPosition(begin);
    count += numPositions - (std::max(getPosition(end), first) - first);
  }
  return count;
}
