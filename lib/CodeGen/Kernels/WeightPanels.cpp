//===- WeightPanels.cpp - Constants in the order of a kernel -------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FusedWeights.h"
#include "PackedWeights.h"

using namespace mlir;
using namespace mlir::ptq;

/// The dimension of what `map` indexes that is indexed by loop `dim` as it is,
/// where no other depends on it.
static std::optional<unsigned> findDimension(AffineMap map, unsigned dim) {
  std::optional<unsigned> found;
  for (auto [index, expr] : llvm::enumerate(map.getResults())) {
    if (!expr.isFunctionOfDim(dim))
      continue;
    if (found || !isa<AffineDimExpr>(expr))
      return std::nullopt;
    found = index;
  }
  return found;
}

/// Appends the elements of `size` bytes at positions [first, first + number) of
/// dimension `dimension` of `data`, which has `shape`, with this dimension
/// innermost.
static void appendPanel(SmallVectorImpl<char> &panel, ArrayRef<char> data,
                        ArrayRef<int64_t> shape, unsigned dimension,
                        int64_t first, int64_t number, int64_t size) {
  int64_t outer = llvm::product_of(shape.take_front(dimension));
  int64_t inner = llvm::product_of(shape.drop_front(dimension + 1));
  // Neighbours that stay neighbours are copied together.
  int64_t run = inner == 1 ? number : 1;
  for (int64_t row = 0; row < outer; ++row)
    for (int64_t column = 0; column < inner; ++column)
      for (int64_t position = first; position < first + number;
           position += run) {
        int64_t element = (row * shape[dimension] + position) * inner + column;
        llvm::append_range(panel, data.slice(element * size, run * size));
      }
}

void FusedWeights::pack(RewriterBase &rewriter, unsigned vectorDim,
                        int64_t range, int64_t size,
                        SymbolTableCollection &symbols) {
  panelSize = size;
  restPosition = range - range % size;
  if (range == 0)
    return;
  unsigned panelDim = kernel.getNumLoops();
  AffineExpr position = rewriter.getAffineDimExpr(vectorDim);
  AffineExpr panel = rewriter.getAffineDimExpr(panelDim);
  for (Input &input : inputs) {
    auto type = dyn_cast<MemRefType>(input.panels.getType());
    std::optional<unsigned> dimension = findDimension(input.map, vectorDim);
    if (!type || !dimension || type.getDimSize(*dimension) != range)
      continue;
    ArrayRef<int64_t> shape = type.getShape();
    // One panel is as the constant is.
    if (range <= size && *dimension + 1 == shape.size())
      continue;
    FailureOr<ArrayRef<char>> data = getConstantData(input.panels, symbols);
    if (failed(data))
      continue;
    int64_t width = type.getElementTypeBitWidth() / 8;
    SmallVector<int64_t> others(shape);
    others.erase(others.begin() + *dimension);
    SmallVector<AffineExpr> indices(input.map.getResults());
    indices.erase(indices.begin() + *dimension);
    auto create = [&](ArrayRef<int64_t> newShape, ArrayRef<char> bytes) {
      return createGlobalConstant(rewriter, kernel, "weight_panels",
                                  type.clone(newShape), bytes, symbols);
    };

    input.panels = {};
    if (restPosition > 0) {
      SmallVector<char> bytes;
      bytes.reserve(data->size());
      for (int64_t first = 0; first < restPosition; first += size)
        appendPanel(bytes, *data, shape, *dimension, first, size, width);
      SmallVector<int64_t> newShape{restPosition / size};
      llvm::append_range(newShape, others);
      newShape.push_back(size);
      SmallVector<AffineExpr> newIndices{panel.floorDiv(size)};
      llvm::append_range(newIndices, indices);
      newIndices.push_back(position - panel);
      input.panels = create(newShape, bytes);
      input.map =
          AffineMap::get(panelDim + 1, 0, newIndices, rewriter.getContext());
    }
    if (restPosition < range) {
      SmallVector<char> bytes;
      appendPanel(bytes, *data, shape, *dimension, restPosition,
                  range - restPosition, width);
      others.push_back(range - restPosition);
      indices.push_back(position - restPosition);
      input.rest = create(others, bytes);
      input.restMap =
          AffineMap::get(panelDim + 1, 0, indices, rewriter.getContext());
    }
  }
}
