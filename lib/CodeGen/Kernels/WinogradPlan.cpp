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
/// Builds the plan for one contraction, or says why there is none.
class WinogradPlanner {
public:
  WinogradPlanner(const CodeContraction &contraction,
                  const TargetDescription &target, ExplainFn explain)
      : target(target), explain(explain), plan(contraction) {}

  FailureOr<WinogradPlan> makePlan() {
    // Dot products of bytes sum twice as many, which is worth as much.
    if (target.getPreferredDot(8)->elementWidth == 8)
      return explain("the target has a dot product of bytes");
    if (!plan.weightBytes || plan.getActivationWidth() != 8)
      return explain("it is not one of bytes with constant weights");
    if (failed(findParallelLoops()) || failed(findWindow()))
      return failure();
    if (!pays())
      return explain("the transformations cost more than they save");
    chooseParts();
    plan.neighbours = FusedNeighbours::find(plan.op, plan.outputChannels);
    if (!plan.neighbours.initial)
      return explain("what the sums begin with is not computed for them alone");
    return std::move(plan);
  }

private:
  /// Fewer channels would not fill vectors; with more of them the sums, which
  /// may be four times those of the convolution, might not fit 32 bits.
  static constexpr int64_t kMinChannels = 16;
  static constexpr int64_t kMaxInputChannels = (1 << 29) / (9 * 128 * 128);

  /// Fewer tiles would not be worth loading the weights from a large cache,
  /// more of them would not stay in a small one.
  static constexpr int64_t kMinPartTiles = 24;
  static constexpr int64_t kMaxPartTiles = 100;
  static constexpr int64_t kMaxPartWidth = 64;

  /// Output channels are contiguous and alone have weights of their own.
  LogicalResult findParallelLoops() {
    std::optional<unsigned> channels;
    for (unsigned dim : plan.getChannelDims()) {
      if (channels || plan.getOutputStride(dim) != 1 ||
          plan.getActivationStride(dim) != 0)
        return explain("output channels are not one contiguous dimension");
      channels = dim;
    }
    if (!channels || plan.ranges[*channels] < kMinChannels)
      return explain("there are few output channels");
    plan.outputChannels = *channels;
    plan.batchDims = plan.getPositionDims();
    return success();
  }

  /// Finds the loop over results that are once or twice as far apart, in the
  /// activations, as the positions of the `index`-th loop of the window.
  LogicalResult findImageDim(int64_t index) {
    std::optional<int64_t> step =
        plan.getActivationStride(plan.windowDims[index]);
    for (int64_t stride : {1, 2})
      for (unsigned dim : plan.batchDims) {
        if (!step || ShapedType::isDynamic(plan.ranges[dim]) ||
            plan.ranges[dim] == 1 ||
            plan.getActivationStride(dim) != stride * *step)
          continue;
        plan.imageDims[index] = dim;
        plan.filters[index] = MinimalFilter::get(stride);
        plan.numTiles[index] =
            llvm::divideCeil(plan.ranges[dim], MinimalFilter::kNumResults);
        llvm::erase(plan.batchDims, dim);
        return success();
      }
    return explain("neighbouring results do not share activations");
  }

  LogicalResult findWindow() {
    SmallVector<unsigned> window;
    std::optional<unsigned> channels;
    for (unsigned dim : plan.getReductionDims()) {
      if (!plan.getWeightStride(dim))
        return explain("a stride of the weights is not known");
      if (!channels && plan.getActivationStride(dim) == 1)
        channels = dim;
      else
        window.push_back(dim);
    }
    if (!channels || window.size() != 2 ||
        plan.ranges[window[0]] != MinimalFilter::kNumTaps ||
        plan.ranges[window[1]] != MinimalFilter::kNumTaps)
      return explain("it is not a convolution of 3 by 3");
    if (plan.ranges[*channels] < kMinChannels ||
        plan.ranges[*channels] > kMaxInputChannels)
      return explain("there are few or very many input channels");
    plan.inputChannels = *channels;
    plan.windowDims = {window[0], window[1]};
    return failure(failed(findImageDim(0)) || failed(findImageDim(1)));
  }

  /// The number of nonzero coefficients: of vectors that are loaded or added.
  static double countTerms(const FilterMatrix &matrix) {
    int64_t size = matrix.numRows * matrix.numColumns;
    return size - llvm::count(ArrayRef(matrix.values).take_front(size), 0);
  }

  /// How many instructions transform vectors by `first` and `second`, one in
  /// each dimension, loads or stores of all products included.
  static double countInstructions(const FilterMatrix &first,
                                  const FilterMatrix &second) {
    return countTerms(first) * second.numColumns +
           countTerms(second) * first.numRows +
           std::max(first.numRows, first.numColumns) *
               std::max(second.numRows, second.numColumns);
  }

  /// Whether fewer instructions are needed in all.
  bool pays() {
    const DotInstruction &wide = *target.getPreferredDot(16);
    auto countPerProduct = [](const DotInstruction &dot) {
      int64_t number = dot.isOfPairs() ? 3 : dot.accumulates ? 1 : 2;
      return static_cast<double>(number) / (dot.lanes * dot.factor);
    };
    auto [rowFilter, columnFilter] = plan.filters;
    double inputs = plan.ranges[plan.inputChannels];
    double outputs = plan.ranges[plan.outputChannels];
    double direct = plan.ranges[plan.imageDims[0]] *
                    plan.ranges[plan.imageDims[1]] *
                    (MinimalFilter::kNumTaps * MinimalFilter::kNumTaps *
                     inputs * outputs * countPerProduct(*plan.dot));
    double perTile =
        rowFilter->getNumProducts() * columnFilter->getNumProducts() * inputs *
            outputs * countPerProduct(wide) +
        countInstructions(rowFilter->activations, columnFilter->activations) *
            llvm::divideCeil(plan.ranges[plan.inputChannels],
                             target.getLanes(16)) +
        countInstructions(rowFilter->results, columnFilter->results) *
            llvm::divideCeil(plan.ranges[plan.outputChannels],
                             target.getLanes(32));
    return plan.numTiles[0] * plan.numTiles[1] * perTile < direct;
  }

  /// Parts of equal size, so that they share their code, which are as wide as
  /// they may be. Of those the ones that compute the fewest rows twice, and an
  /// even number, for threads to share.
  void chooseParts() {
    auto [rows, columns] = plan.numTiles;
    int64_t width =
        llvm::divideCeil(columns, llvm::divideCeil(columns, kMaxPartWidth));
    int64_t smallest =
        std::min<int64_t>(llvm::divideCeil(kMinPartTiles, width), rows);
    int64_t largest = std::clamp(kMaxPartTiles / width, smallest, rows);
    auto getCost = [rows = rows](int64_t size) {
      int64_t number = llvm::divideCeil(rows, size);
      return std::make_pair(number * size, number % 2);
    };
    int64_t height = smallest;
    for (int64_t size = smallest + 1; size <= largest; ++size)
      if (getCost(size) < getCost(height))
        height = size;
    plan.partSize = {height, width};
    for (auto [number, tiles, size] :
         llvm::zip_equal(plan.numParts, plan.numTiles, plan.partSize))
      number = llvm::divideCeil(tiles, size);
  }

  const TargetDescription &target;
  ExplainFn explain;
  WinogradPlan plan;
};
} // namespace

FailureOr<WinogradPlan>
mlir::ptq::planWinograd(const CodeContraction &contraction,
                        const TargetDescription &target, ExplainFn explain) {
  return WinogradPlanner(contraction, target, explain).makePlan();
}
