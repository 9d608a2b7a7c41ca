//===- DepthwisePlan.cpp - Depthwise convolutions as dot products ---------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DepthwisePlan.h"

using namespace mlir;
using namespace mlir::ptq;

namespace {
/// Builds the plan for one contraction, or says why there is none.
class DepthwisePlanner {
public:
  DepthwisePlanner(const CodeContraction &contraction,
                   const TargetDescription &target, ExplainFn explain)
      : target(target), explain(explain), plan(contraction) {}

  FailureOr<DepthwisePlan> makePlan() {
    if (!plan.haveConstantWeights())
      return explain("no factor is a constant of 8 or 16 bits");
    if (failed(findChannels()) || failed(findTaps()))
      return failure();
    chooseTiling();
    plan.neighbours = FusedNeighbours::find(plan.op, plan.tiling.vectorDim);
    plan.neighbours.findExtrema(plan.op, plan.tiling);
    return std::move(plan);
  }

private:
  /// The channels are contiguous in activations and output. No other parallel
  /// loop may change the weights.
  LogicalResult findChannels() {
    std::optional<unsigned> channels;
    for (unsigned dim : plan.getChannelDims()) {
      if (channels || plan.getOutputStride(dim) != 1 ||
          plan.getActivationStride(dim) != 1)
        return explain("channels are not one contiguous dimension");
      channels = dim;
    }
    if (!channels)
      return explain("there is one channel");
    plan.tiling.vectorDim = *channels;
    plan.walk.columns = {plan.ranges[*channels],
                         *plan.getWeightStride(*channels)};
    return success();
  }

  /// How many dot products go along the taps of loop `dim`.
  int64_t getNumSteps(unsigned dim) {
    return llvm::divideCeil(plan.ranges[dim], plan.dot->factor);
  }

  /// Dot products go along the reduction loop that wastes the fewest factors of
  /// theirs.
  LogicalResult findTaps() {
    std::optional<unsigned> tapDim;
    for (unsigned dim : plan.getReductionDims()) {
      if (ShapedType::isDynamic(plan.ranges[dim]) || !plan.getWeightStride(dim))
        return explain("a reduction's size is not static");
      if (plan.getActivationStride(dim).value_or(0) > 0 &&
          (!tapDim || getNumSteps(dim) * plan.ranges[*tapDim] <=
                          getNumSteps(*tapDim) * plan.ranges[dim]))
        tapDim = dim;
      plan.outerDims.push_back(dim);
    }
    if (!tapDim)
      return explain("the window has no two taps at a static distance");
    llvm::erase(plan.outerDims, *tapDim);
    plan.tapDim = *tapDim;
    plan.tapStride = *plan.getActivationStride(*tapDim);
    plan.walk.run = {{plan.ranges[*tapDim], *plan.getWeightStride(*tapDim)}};
    for (unsigned dim : plan.outerDims)
      plan.walk.outer.push_back({plan.ranges[dim], *plan.getWeightStride(dim)});
    return success();
  }

  /// The factors that the dot products of a run have no taps for.
  int64_t getNumWastedFactors() {
    return getNumSteps(plan.tapDim) * plan.dot->factor -
           plan.ranges[plan.tapDim];
  }

  /// By how many taps neighbouring positions of loop `dim` are apart, if the
  /// factors that a run wastes can serve more than one of them.
  std::optional<int64_t> getSharedShift(unsigned dim) {
    int64_t stride = *plan.getActivationStride(dim);
    if (stride % plan.tapStride != 0 ||
        stride / plan.tapStride > getNumWastedFactors())
      return std::nullopt;
    return stride / plan.tapStride;
  }

  /// Rows are positions that share activations, if there are such, and
  /// otherwise the nearest ones.
  void findRows() {
    for (unsigned dim : plan.getPositionDims()) {
      if (plan.ranges[dim] == 1 ||
          plan.getActivationStride(dim).value_or(0) <= 0)
        continue;
      auto getRank = [&](unsigned loop) {
        return std::make_pair(!getSharedShift(loop),
                              *plan.getActivationStride(loop));
      };
      if (!plan.tiling.tileDim || getRank(dim) < getRank(*plan.tiling.tileDim))
        plan.tiling.tileDim = dim;
    }
  }

  /// A row is as many vectors as one load of activations makes. Three quarters
  /// of the registers accumulate, but not more than a dozen: these hide all
  /// latencies, and the code for the window's rows needs registers as well.
  void chooseTiling() {
    RegisterTiling &tiling = plan.tiling;
    tiling.lanes = plan.dot->lanes;
    tiling.vectors = std::min<int64_t>(
        plan.dot->factor,
        llvm::divideCeil(plan.walk.columns.range, tiling.lanes));
    plan.shifts = {0};
    plan.rowStride = 0;
    findRows();
    if (!tiling.tileDim)
      return;
    plan.rowStride = *plan.getActivationStride(*tiling.tileDim);
    int64_t accumulators =
        std::min<int64_t>(target.numVectorRegisters * 3 / 4, 12);
    int64_t limit = std::max<int64_t>(accumulators / tiling.vectors, 1);
    if (std::optional<int64_t> shift = getSharedShift(*tiling.tileDim))
      while (plan.shifts.back() + *shift <= getNumWastedFactors() &&
             static_cast<int64_t>(plan.shifts.size()) < limit)
        plan.shifts.push_back(plan.shifts.back() + *shift);
    tiling.setRows(plan.ranges[*tiling.tileDim], limit);
    // Rows that share are in the same tile.
    int64_t shared = plan.shifts.size();
    tiling.rows = std::min<int64_t>(llvm::divideCeil(tiling.rows, shared),
                                    limit / shared) *
                  shared;
  }

  const TargetDescription &target;
  ExplainFn explain;
  DepthwisePlan plan;
};
} // namespace

FailureOr<DepthwisePlan>
mlir::ptq::planDepthwise(const CodeContraction &contraction,
                         const TargetDescription &target, ExplainFn explain) {
  return DepthwisePlanner(contraction, target, explain).makePlan();
}
