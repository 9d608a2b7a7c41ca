//===- WindowKernel.cpp - Sums over windows of single channels ------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WindowKernel.h"
#include "VectorPayload.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include <map>

using namespace mlir;
using namespace mlir::ptq;

/// Taps of a row of a window, and of the whole one, that are unrolled.
static constexpr int64_t kMaxTapsOfRow = 16;
static constexpr int64_t kMaxTaps = 16;

/// The bytes of a first-level cache.
static constexpr int64_t kCacheBytes = 32 * 1024;

//===----------------------------------------------------------------------===//
// Planning
//===----------------------------------------------------------------------===//

/// Whether all channels of what a tile reads are still in the cache when its
/// neighbour is computed.
static bool fitsIntoCache(linalg::LinalgOp op, const WindowPlan &plan) {
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  int64_t channels = ranges[plan.tiling.vectorDim];
  if (ShapedType::isDynamic(channels))
    return false;
  int64_t height = 1;
  for (unsigned dim : plan.outerDims)
    height *= ranges[dim];
  int64_t width = ((plan.tiling.rows - 1) * plan.rowStride +
                   (plan.numTaps - 1) * plan.tapStride) /
                      std::min(plan.rowStride, plan.tapStride) +
                  1;
  auto getBytes = [&](unsigned input) {
    Type type = getElementTypeOrSelf(op->getOperand(input));
    return llvm::divideCeil(type.getIntOrFloatBitWidth(), 8);
  };
  int64_t bytesOfChannel = height * (width * getBytes(plan.pixels) +
                                     plan.numTaps * getBytes(plan.weights));
  return bytesOfChannel * channels <= kCacheBytes;
}

FailureOr<WindowPlan> mlir::ptq::planWindow(linalg::LinalgOp op,
                                            const RegisterTiling &tiling,
                                            const TargetDescription &target,
                                            ExplainFn explain) {
  auto getStride = [&](unsigned input, unsigned dim) {
    return FlatAccess::getStaticStride(op, op->getOpOperand(input), dim);
  };
  if (op.getNumReductionLoops() == 0 || op.getNumDpsInputs() != 2 ||
      op.getNumDpsInits() != 1)
    return explain("not a sum over two inputs");
  if (!tiling.tileDim)
    return explain("no weights are shared by rows");
  WindowPlan plan;
  plan.tiling = tiling;
  plan.weights = getStride(0, *tiling.tileDim) == 0 ? 0 : 1;
  plan.pixels = 1 - plan.weights;
  for (unsigned input : {0, 1})
    if (getStride(input, tiling.vectorDim) != 1)
      return explain("an input is not contiguous along the vectors");

  // The taps of a row are the closest pixels.
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  std::optional<int64_t> closest;
  for (auto [dim, type] : llvm::enumerate(op.getIteratorTypesArray())) {
    if (type != utils::IteratorType::reduction)
      continue;
    std::optional<int64_t> stride = getStride(plan.pixels, dim);
    if (ShapedType::isDynamic(ranges[dim]) || !stride || *stride <= 0)
      return explain("the window is not known");
    if (!closest || *stride < *closest) {
      closest = stride;
      plan.tapDim = dim;
    }
  }
  std::optional<int64_t> rowStride = getStride(plan.pixels, *tiling.tileDim);
  if (!rowStride || *rowStride <= 0)
    return explain("the distance of rows is not known");
  plan.tapStride = *closest;
  plan.rowStride = *rowStride;
  plan.numTaps = ranges[plan.tapDim];
  if (plan.numTaps > kMaxTapsOfRow)
    return explain("the window is too wide to be unrolled");
  for (auto [dim, type] : llvm::enumerate(op.getIteratorTypesArray()))
    if (type == utils::IteratorType::reduction && dim != plan.tapDim)
      plan.outerDims.push_back(dim);

  // Beside the accumulators there are registers for the weights of a row of the
  // window, and for a pixel.
  plan.tiling.vectors = std::min<int64_t>(2, tiling.vectors);
  plan.tiling.setRows(ranges[*tiling.tileDim],
                      target.numVectorRegisters / 2 / plan.tiling.vectors);
  plan.tiling.rowsOutside = fitsIntoCache(op, plan);
  return plan;
}

//===----------------------------------------------------------------------===//
// Emission
//===----------------------------------------------------------------------===//

namespace {

class WindowEmitter : public PayloadEmitter {
public:
  WindowEmitter(RewriterBase &rewriter, linalg::LinalgOp op,
                const WindowPlan &plan, const FusedNeighbours &neighbours)
      : PayloadEmitter(rewriter, op, plan.tiling, neighbours), plan(plan) {
    // The products of a row for each of its pixels.
    for (int64_t row = 0; row < plan.tiling.rows; ++row)
      for (int64_t tap = 0; tap < plan.numTaps; ++tap)
        products.push_back({row, tap});
    llvm::sort(products, [&](Product a, Product b) {
      return std::pair(getOffset(a), a.row) < std::pair(getOffset(b), b.row);
    });
  }

private:
  struct Product {
    int64_t row;
    int64_t tap;
  };

  /// Where the pixel of a product is in the row.
  int64_t getOffset(Product product) const {
    return product.row * plan.rowStride + product.tap * plan.tapStride;
  }

  SmallVector<Value> emitSums(const Tile &tile,
                              ArrayRef<Value> accumulators) override {
    int64_t numTaps = plan.numTaps;
    for (unsigned dim : plan.outerDims)
      numTaps *= *getConstantIntValue(ranges[dim]);
    if (numTaps > kMaxTaps)
      return emitReductions(
          plan.outerDims, accumulators,
          [&](ValueRange carried) { return emitRow(tile, carried); });
    SmallVector<Value> sums(accumulators);
    emitUnrolled(tile, plan.outerDims, sums);
    return sums;
  }

  /// The rows of the window one after the other.
  void emitUnrolled(const Tile &tile, ArrayRef<unsigned> dims,
                    SmallVector<Value> &sums) {
    if (dims.empty()) {
      sums = emitRow(tile, sums);
      return;
    }
    int64_t size = *getConstantIntValue(ranges[dims.front()]);
    for (int64_t position = 0; position < size; ++position) {
      positions[dims.front()] = builder.getIndexAttr(position);
      emitUnrolled(tile, dims.drop_front(), sums);
    }
  }

  /// The products of a row of the window.
  SmallVector<Value> emitRow(const Tile &tile, ValueRange accumulators) {
    Block &body = *op.getBlock();
    std::map<std::pair<int64_t, int64_t>, Value> pixels, weights;
    int64_t numVectors = tile.widths.size();
    SmallVector<Value> sums(accumulators);
    for (int64_t column = 0; column < numVectors; ++column)
      for (Product product : products) {
        auto [row, tap] = product;
        if (row >= tile.rows)
          continue;
        positions[plan.tapDim] = builder.getIndexAttr(tap);
        Value &pixel = pixels[{getOffset(product), column}];
        if (!pixel)
          pixel = loadOperand(plan.pixels, tile, row, column);
        Value &weight = weights[{tap, column}];
        if (!weight)
          weight = loadOperand(plan.weights, tile, /*row=*/0, column);
        Value &sum = sums[row * numVectors + column];
        PayloadPart part = createPart(tile.widths[column], row, column);
        part.mapping.map(body.getArgument(plan.pixels), pixel);
        part.mapping.map(body.getArgument(plan.weights), weight);
        part.mapping.map(body.getArgument(2), sum);
        sum = ptq::emitPayload(builder, loc, body, part).front();
      }
    return sums;
  }

  const WindowPlan &plan;
  /// In the order of their pixels.
  SmallVector<Product> products;
};

} // namespace

void mlir::ptq::emitWindowKernel(RewriterBase &rewriter, linalg::LinalgOp op,
                                 const WindowPlan &plan,
                                 const FusedNeighbours &neighbours) {
  WindowEmitter(rewriter, op, plan, neighbours).emitLoops();
}
