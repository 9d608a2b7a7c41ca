//===- WinogradPlan.cpp - Convolutions with fewer products ------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WinogradPlan.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::ptq;

namespace {
/// Builds the plan for one op, or says why there is none.
class WinogradPlanner {
public:
  WinogradPlanner(linalg::LinalgOp op, const DotOperands &operands,
                  ExplainFn explain)
      : op(op), explain(explain), ranges(op.getStaticLoopRanges()) {
    static_cast<DotOperands &>(plan) = operands;
  }

  FailureOr<WinogradPlan> makePlan() {
    if (!plan.weightBytes ||
        !getElementTypeOrSelf(op->getOperand(plan.activations)).isInteger(8))
      return explain("it is not one of bytes with constant weights");
    if (failed(findParallelLoops()) || failed(findWindow()))
      return failure();
    chooseStrips();
    plan.neighbours = FusedNeighbours::find(op, plan.outputChannels);
    if (!plan.neighbours.initial)
      return explain("what the sums begin with is not computed for them alone");
    return std::move(plan);
  }

private:
  /// With fewer channels the transformations cost more than the products that
  /// they save; with more of them the sums, which are four times those of the
  /// convolution, might not fit 32 bits.
  static constexpr int64_t kMinChannels = 16;
  static constexpr int64_t kMaxInputChannels = (1 << 29) / (9 * 128 * 128);

  /// Fewer tiles would not be worth loading the weights from a large cache,
  /// more of them would not stay in a small one.
  static constexpr int64_t kMinStripTiles = 24;
  static constexpr int64_t kMaxStripTiles = 100;

  std::optional<int64_t> getStride(unsigned operand, unsigned dim) {
    return FlatAccess::getStaticStride(op, op->getOpOperand(operand), dim);
  }

  bool isParallel(unsigned dim) {
    return op.getIteratorTypesArray()[dim] == utils::IteratorType::parallel;
  }

  /// Output channels are contiguous and alone have weights of their own.
  LogicalResult findParallelLoops() {
    std::optional<unsigned> channels;
    for (unsigned dim = 0; dim < op.getNumLoops(); ++dim) {
      if (!isParallel(dim))
        continue;
      if (ranges[dim] == 1 || getStride(plan.weights, dim) == 0) {
        plan.batchDims.push_back(dim);
        continue;
      }
      if (channels || getStride(/*output=*/2, dim) != 1 ||
          getStride(plan.activations, dim) != 0)
        return explain("output channels are not one contiguous dimension");
      channels = dim;
    }
    if (!channels || ranges[*channels] < kMinChannels)
      return explain("there are few output channels");
    plan.outputChannels = *channels;
    return success();
  }

  /// The loop over results that are as far apart, in the activations, as the
  /// positions of the window's loop `window`.
  std::optional<unsigned> findImageDim(unsigned window) {
    for (unsigned dim : plan.batchDims)
      if (ShapedType::isStatic(ranges[dim]) && ranges[dim] > 1 &&
          getStride(plan.activations, window) &&
          getStride(plan.activations, window) ==
              getStride(plan.activations, dim))
        return dim;
    return std::nullopt;
  }

  LogicalResult findWindow() {
    SmallVector<unsigned> window;
    std::optional<unsigned> channels;
    for (unsigned dim = 0; dim < op.getNumLoops(); ++dim) {
      if (isParallel(dim) || ranges[dim] == 1)
        continue;
      if (!getStride(plan.weights, dim))
        return explain("a stride of the weights is not known");
      if (!channels && getStride(plan.activations, dim) == 1)
        channels = dim;
      else
        window.push_back(dim);
    }
    if (!channels || window.size() != 2 || ranges[window[0]] != 3 ||
        ranges[window[1]] != 3)
      return explain("it is not a convolution of 3 by 3");
    if (ranges[*channels] < kMinChannels ||
        ranges[*channels] > kMaxInputChannels)
      return explain("there are few or very many input channels");
    plan.inputChannels = *channels;
    for (auto [index, dim] : llvm::enumerate(window)) {
      std::optional<unsigned> image = findImageDim(dim);
      if (!image)
        return explain("neighbouring results do not share activations");
      plan.windowDims[index] = dim;
      plan.imageDims[index] = *image;
      plan.numTiles[index] = llvm::divideCeil(ranges[*image], 2);
      llvm::erase(plan.batchDims, *image);
    }
    return success();
  }

  /// Strips of equal size, so that they share their code; of those the ones
  /// that compute the fewest rows twice, and an even number, for threads to
  /// share.
  void chooseStrips() {
    auto [rows, columns] = plan.numTiles;
    int64_t smallest =
        std::min<int64_t>(llvm::divideCeil(kMinStripTiles, columns), rows);
    int64_t largest = std::clamp(kMaxStripTiles / columns, smallest, rows);
    auto getCost = [rows = rows](int64_t size) {
      int64_t number = llvm::divideCeil(rows, size);
      return std::make_pair(number * size, number % 2);
    };
    plan.stripRows = smallest;
    for (int64_t size = smallest + 1; size <= largest; ++size)
      if (getCost(size) < getCost(plan.stripRows))
        plan.stripRows = size;
    plan.numStrips = llvm::divideCeil(rows, plan.stripRows);
  }

  linalg::LinalgOp op;
  ExplainFn explain;
  SmallVector<int64_t> ranges;
  WinogradPlan plan;
};
} // namespace

FailureOr<WinogradPlan> mlir::ptq::planWinograd(linalg::LinalgOp op,
                                                const TargetDescription &target,
                                                SymbolTableCollection &symbols,
                                                ExplainFn explain) {
  FailureOr<DotOperands> operands =
      findDotOperands(op, target, symbols, explain);
  if (failed(operands))
    return failure();
  // Dot products of bytes sum twice as many, which is worth as much.
  if (target.getPreferredDot(8)->elementWidth == 8)
    return explain("the target has a dot product of bytes");
  return WinogradPlanner(op, *operands, explain).makePlan();
}
