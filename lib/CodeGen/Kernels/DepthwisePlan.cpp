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

static std::optional<int64_t> getStride(linalg::LinalgOp op, unsigned operand,
                                        unsigned dim) {
  return FlatAccess::getStaticStride(op, op->getOpOperand(operand), dim);
}

static bool isParallel(linalg::LinalgOp op, unsigned dim) {
  return op.getIteratorTypesArray()[dim] == utils::IteratorType::parallel;
}

bool mlir::ptq::isDepthwise(linalg::LinalgOp op) {
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  for (unsigned dim = 0; dim < op.getNumLoops(); ++dim)
    if (isParallel(op, dim) && ranges[dim] != 1 &&
        getStride(op, /*operand=*/0, dim) != 0 &&
        getStride(op, /*operand=*/1, dim) != 0)
      return true;
  return false;
}

namespace {
/// Builds the plan for one op, or says why there is none.
class DepthwisePlanner {
public:
  DepthwisePlanner(linalg::LinalgOp op, const TargetDescription &target,
                   const DotOperands &operands, ExplainFn explain)
      : op(op), target(target), explain(explain),
        ranges(op.getStaticLoopRanges()) {
    static_cast<DotOperands &>(plan) = operands;
  }

  FailureOr<DepthwisePlan> makePlan() {
    if (!plan.haveConstantWeights())
      return explain("no factor is a constant of 8 or 16 bits");
    if (failed(findChannels()) || failed(findTaps()))
      return failure();
    chooseTiling();
    plan.neighbours = FusedNeighbours::find(op, plan.tiling.vectorDim);
    return std::move(plan);
  }

private:
  std::optional<int64_t> getActivationStride(unsigned dim) {
    return getStride(op, plan.activations, dim);
  }

  /// The channels are contiguous in activations and output. No other parallel
  /// loop may change the weights.
  LogicalResult findChannels() {
    std::optional<unsigned> channels;
    for (unsigned dim = 0; dim < op.getNumLoops(); ++dim) {
      if (!isParallel(op, dim) || ranges[dim] == 1 ||
          getStride(op, plan.weights, dim) == 0)
        continue;
      if (channels || getStride(op, /*output=*/2, dim) != 1 ||
          getActivationStride(dim) != 1)
        return explain("channels are not one contiguous dimension");
      channels = dim;
    }
    if (!channels)
      return explain("there is one channel");
    plan.tiling.vectorDim = *channels;
    plan.walk.columns = {ranges[*channels],
                         *getStride(op, plan.weights, *channels)};
    return success();
  }

  /// How many dot products go along the taps of loop `dim`.
  int64_t getNumSteps(unsigned dim) {
    return llvm::divideCeil(ranges[dim], plan.dot->factor);
  }

  /// Dot products go along the reduction loop that wastes the fewest factors of
  /// theirs.
  LogicalResult findTaps() {
    std::optional<unsigned> tapDim;
    for (unsigned dim = 0; dim < op.getNumLoops(); ++dim) {
      if (isParallel(op, dim) || ranges[dim] == 1)
        continue;
      if (ShapedType::isDynamic(ranges[dim]) ||
          !getStride(op, plan.weights, dim))
        return explain("a reduction's size is not static");
      if (getActivationStride(dim).value_or(0) > 0 &&
          (!tapDim || getNumSteps(dim) * ranges[*tapDim] <=
                          getNumSteps(*tapDim) * ranges[dim]))
        tapDim = dim;
      plan.outerDims.push_back(dim);
    }
    if (!tapDim)
      return explain("the window has no two taps at a static distance");
    llvm::erase(plan.outerDims, *tapDim);
    plan.tapDim = *tapDim;
    plan.tapStride = *getActivationStride(*tapDim);
    plan.walk.run = {{ranges[*tapDim], *getStride(op, plan.weights, *tapDim)}};
    for (unsigned dim : plan.outerDims)
      plan.walk.outer.push_back(
          {ranges[dim], *getStride(op, plan.weights, dim)});
    return success();
  }

  /// The factors that the dot products of a run have no taps for.
  int64_t getNumWastedFactors() {
    return getNumSteps(plan.tapDim) * plan.dot->factor - ranges[plan.tapDim];
  }

  /// By how many taps neighbouring positions of loop `dim` are apart, if the
  /// factors that a run wastes can serve more than one of them.
  std::optional<int64_t> getSharedShift(unsigned dim) {
    int64_t stride = *getActivationStride(dim);
    if (stride % plan.tapStride != 0 ||
        stride / plan.tapStride > getNumWastedFactors())
      return std::nullopt;
    return stride / plan.tapStride;
  }

  /// Rows are positions that share activations, if there are such, and
  /// otherwise the nearest ones.
  void findRows() {
    for (unsigned dim = 0; dim < op.getNumLoops(); ++dim) {
      if (!isParallel(op, dim) || dim == plan.tiling.vectorDim ||
          ranges[dim] == 1 || getActivationStride(dim).value_or(0) <= 0)
        continue;
      auto getRank = [&](unsigned loop) {
        return std::make_pair(!getSharedShift(loop),
                              *getActivationStride(loop));
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
    plan.rowStride = *getActivationStride(*tiling.tileDim);
    int64_t accumulators =
        std::min<int64_t>(target.numVectorRegisters * 3 / 4, 12);
    int64_t limit = std::max<int64_t>(accumulators / tiling.vectors, 1);
    if (std::optional<int64_t> shift = getSharedShift(*tiling.tileDim))
      while (plan.shifts.back() + *shift <= getNumWastedFactors() &&
             static_cast<int64_t>(plan.shifts.size()) < limit)
        plan.shifts.push_back(plan.shifts.back() + *shift);
    tiling.setRows(ranges[*tiling.tileDim], limit);
    // Rows that share are in the same tile.
    int64_t shared = plan.shifts.size();
    tiling.rows = std::min<int64_t>(llvm::divideCeil(tiling.rows, shared),
                                    limit / shared) *
                  shared;
  }

  linalg::LinalgOp op;
  const TargetDescription &target;
  ExplainFn explain;
  SmallVector<int64_t> ranges;
  DepthwisePlan plan;
};
} // namespace

FailureOr<DepthwisePlan>
mlir::ptq::planDepthwise(linalg::LinalgOp op, const TargetDescription &target,
                         SymbolTableCollection &symbols, ExplainFn explain) {
  FailureOr<DotOperands> operands =
      findDotOperands(op, target, symbols, explain);
  if (failed(operands))
    return failure();
  return DepthwisePlanner(op, target, *operands, explain).makePlan();
}
