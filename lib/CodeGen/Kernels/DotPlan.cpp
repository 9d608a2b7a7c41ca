//===- DotPlan.cpp - How a contraction becomes dot products -----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DotPlan.h"

using namespace mlir;
using namespace mlir::ptq;

namespace {
/// Builds the plan for one contraction, or says why there is none.
class DotPlanner {
public:
  DotPlanner(const CodeContraction &contraction,
             const TargetDescription &target, ExplainFn explain)
      : target(target), explain(explain), plan(contraction) {}

  FailureOr<DotPlan> makePlan() {
    if (failed(chooseWeights()) || failed(findRun()) ||
        (!plan.haveConstantWeights() && failed(checkRunTimePacking())))
      return failure();
    findRows();
    chooseTiling();
    chooseOrder();
    chooseBorder();
    plan.neighbours = FusedNeighbours::find(plan.op, plan.tiling.vectorDim);
    plan.neighbours.findExtrema(plan.op, plan.tiling);
    return std::move(plan);
  }

private:
  /// Of two inputs that are not constant, the one that gives the output
  /// channels is the weights.
  LogicalResult chooseWeights() {
    if (succeeded(findColumns()))
      return success();
    if (plan.haveConstantWeights() || plan.haveFlippedSigns)
      return failure();
    std::swap(plan.activations, plan.weights);
    plan.dot = target.getPreferredDot(plan.getFactorWidth());
    if (!plan.dot)
      return explain("the target has no dot product");
    return findColumns();
  }

  /// The columns of the weights are the output channels: contiguous in the
  /// output, absent from the activations. Other parallel loops that change the
  /// weights are batches.
  LogicalResult findColumns() {
    plan.batchDims.clear();
    plan.walk = {};
    std::optional<unsigned> vectorDim;
    for (unsigned dim : plan.getChannelDims()) {
      std::optional<int64_t> stride = plan.getWeightStride(dim);
      if (!stride)
        return explain("a stride of the weights is not known");
      bool isColumn = !vectorDim && plan.getOutputStride(dim) == 1 &&
                      plan.getActivationStride(dim) == 0;
      if (isColumn) {
        vectorDim = dim;
        continue;
      }
      // How many batches there are need not be known.
      if (ShapedType::isDynamic(plan.ranges[dim]) && !plan.batchDims.empty())
        return explain("the size of a batch is not static");
      plan.batchDims.push_back(dim);
      plan.walk.batches.push_back({plan.ranges[dim], *stride});
    }
    if (!vectorDim)
      return explain("output channels are not one contiguous dimension");
    if (ShapedType::isDynamic(plan.ranges[*vectorDim]))
      return explain("the number of output channels is not static");
    plan.tiling.vectorDim = *vectorDim;
    plan.walk.columns = {plan.ranges[*vectorDim],
                         *plan.getWeightStride(*vectorDim)};
    return success();
  }

  /// Packing costs as much as the products of a few rows. It follows one loop.
  LogicalResult checkRunTimePacking() {
    constexpr int64_t kMinRows = 4;
    Type type = getElementTypeOrSelf(plan.op->getOperand(plan.weights));
    if (!type.isInteger(8))
      return explain("both factors change from call to call and have 16 bits");
    if (plan.walk.run.size() != 1 || !plan.outerDims.empty())
      return explain(
          "both factors change from call to call, and the reduction is "
          "not one loop");
    int64_t rows = 1;
    for (unsigned dim : plan.getPositionDims()) {
      if (ShapedType::isDynamic(plan.ranges[dim]))
        return success();
      rows *= std::min(plan.ranges[dim], kMinRows);
    }
    if (rows < kMinRows)
      return explain(
          "a factor that changes from call to call has too few uses");
    return success();
  }

  /// Splits the reduction loops into those that run along contiguous
  /// activations and those around them.
  LogicalResult findRun() {
    SmallVector<unsigned> outer = plan.getReductionDims();
    for (unsigned dim : outer)
      if (ShapedType::isDynamic(plan.ranges[dim]) || !plan.getWeightStride(dim))
        return explain("a reduction's size is not static");
    int64_t length = 1;
    while (true) {
      auto next = llvm::find_if(outer, [&](unsigned dim) {
        return plan.getActivationStride(dim) == length;
      });
      if (next == outer.end())
        break;
      plan.runDims.insert(plan.runDims.begin(), *next);
      plan.walk.run.insert(plan.walk.run.begin(),
                           {plan.ranges[*next], *plan.getWeightStride(*next)});
      length *= plan.ranges[*next];
      outer.erase(next);
    }
    if (plan.walk.run.empty() && !outer.empty())
      return explain("activations are not contiguous along the reduction");
    for (unsigned dim : outer)
      plan.walk.outer.push_back({plan.ranges[dim], *plan.getWeightStride(dim)});
    plan.outerDims = outer;
    return success();
  }

  /// Rows are positions of the innermost loop that runs more than once. Where
  /// there are some, and a run is long enough for fewer steps, the dot product
  /// may be one of several rows.
  void findRows() {
    for (unsigned dim : plan.getPositionDims())
      if (plan.ranges[dim] != 1)
        plan.tiling.tileDim = dim;
    if (!plan.tiling.tileDim)
      return;
    const DotInstruction *square = target.getSquareDot(plan.getFactorWidth());
    if (square && getNumSteps(plan.walk, square->factor) <
                      getNumSteps(plan.walk, plan.dot->factor))
      plan.dot = square;
  }

  /// Three quarters of the registers accumulate; a row is as wide as one sixth
  /// of these, so that one load of activations serves several products.
  void chooseTiling() {
    RegisterTiling &tiling = plan.tiling;
    tiling.lanes = plan.dot->lanes;
    int64_t accumulators = target.numVectorRegisters * 3 / 4;
    int64_t columns = llvm::divideCeil(plan.walk.columns.range, tiling.lanes);
    tiling.vectors = std::clamp<int64_t>(columns, 1, accumulators / 6);
    // Sums of pairs and signs to flip take registers, too.
    if (plan.dot->isOfPairs() && !plan.haveFlippedSigns) {
      int64_t others = target.numVectorRegisters - accumulators;
      accumulators -= std::max<int64_t>(tiling.vectors + 4 - others, 0);
    }
    if (!tiling.tileDim)
      return;
    int64_t range = plan.ranges[*tiling.tileDim];
    auto setRows = [&](RegisterTiling &shape) {
      shape.setRows(range, std::min<int64_t>(accumulators / shape.vectors, 12),
                    plan.dot->rows);
    };
    setRows(tiling);
    if (tiling.vectors <= 3 || ShapedType::isDynamic(range) ||
        getWeightBytes(tiling.vectors) <= kNearCacheBytes)
      return;
    // Less wide, although the results of four vectors fill a register.
    RegisterTiling higher = tiling;
    --higher.vectors;
    setRows(higher);
    constexpr double kLeastGain = 1.0 / 8;
    if (estimateStep(higher, range, columns) <
        (1 - kLeastGain) * estimateStep(tiling, range, columns))
      tiling = higher;
  }

  /// The weights that `vectors` columns of vectors are multiplied with.
  int64_t getWeightBytes(int64_t vectors) const {
    return plan.walk.getNumOuterSteps() *
           getNumSteps(plan.walk, plan.dot->factor) * vectors *
           target.vectorBytes;
  }

  /// How long a step of the products of `range` rows with `columns` vectors of
  /// weights takes, in products of vectors, if the weights come from the second
  /// cache: one vector of them takes as long as the products of five rows (as
  /// measured on Zen 5, with tiles of 3 to 7 rows).
  static double estimateStep(const RegisterTiling &tiling, int64_t range,
                             int64_t columns) {
    constexpr int64_t kRowsDuringLoad = 5;
    auto estimateTiles = [&](double number, int64_t rows, int64_t vectors) {
      return number * std::max({rows * vectors, kRowsDuringLoad * vectors,
                                rows + vectors});
    };
    double rowTiles = range / tiling.rows;
    double columnTiles = columns / tiling.vectors;
    int64_t restRows = range % tiling.rows;
    int64_t restVectors = columns % tiling.vectors;
    double time =
        estimateTiles(rowTiles * columnTiles, tiling.rows, tiling.vectors);
    if (restRows != 0)
      time += estimateTiles(columnTiles, restRows, tiling.vectors);
    if (restVectors != 0)
      time += estimateTiles(rowTiles, tiling.rows, restVectors);
    if (restRows != 0 && restVectors != 0)
      time += estimateTiles(1, restRows, restVectors);
    return time;
  }

  /// If the second cache may not hold all weights, those of a tile's columns
  /// meet all positions before the next ones do. The activations, which are
  /// read again for these, must be fewer. Loops of unknown length stay outside.
  void chooseOrder() {
    int64_t columns =
        llvm::divideCeil(plan.walk.columns.range, plan.tiling.lanes);
    int64_t weightBytes = getWeightBytes(columns);
    if (weightBytes <= kFarCacheBytes)
      return;
    SmallVector<unsigned> inner;
    double weightPasses = 1;
    for (unsigned dim : plan.getPositionDims()) {
      int64_t range = plan.ranges[dim];
      if (dim == plan.tiling.tileDim || range == 1 ||
          ShapedType::isDynamic(range))
        continue;
      inner.push_back(dim);
      weightPasses *= range;
    }
    double activationBytes = plan.getActivationWidth() / 8.0;
    auto type =
        cast<ShapedType>(plan.op->getOperand(plan.activations).getType());
    for (int64_t size : type.getShape())
      activationBytes *= ShapedType::isDynamic(size) ? 1 : size;
    int64_t activationPasses = llvm::divideCeil(columns, plan.tiling.vectors);
    if (activationBytes * activationPasses < weightBytes * weightPasses)
      plan.tiling.innerDims = std::move(inner);
  }

  /// All rows of a tile leave out the same part of their windows: they are at
  /// one position of the image's loop.
  void chooseBorder() {
    const auto *border =
        llvm::find_if(plan.borders, [&](const WindowBorder &border) {
          return border.input == plan.activations &&
                 llvm::is_contained(plan.outerDims, border.windowDim) &&
                 border.imageDim != plan.tiling.tileDim && pays(border);
        });
    if (border != plan.borders.end())
      plan.border = *border;
  }

  /// A loop whose bounds change takes as long as a part of a step more.
  bool pays(const WindowBorder &border) {
    constexpr double kExtraSteps = 0.25;
    int64_t numPositions = plan.ranges[border.imageDim];
    if (ShapedType::isDynamic(numPositions))
      return false;
    double steps = getNumSteps(plan.walk, plan.dot->factor);
    return border.countRowsOutside(numPositions) * steps >
           kExtraSteps * numPositions;
  }

  /// What is read again and again without waiting for it, and what without
  /// waiting for long.
  static constexpr int64_t kNearCacheBytes = 48 * 1024;
  static constexpr int64_t kFarCacheBytes = 256 * 1024;

  const TargetDescription &target;
  ExplainFn explain;
  DotPlan plan;
};
} // namespace

FailureOr<DotPlan> mlir::ptq::planDot(const CodeContraction &contraction,
                                      const TargetDescription &target,
                                      ExplainFn explain) {
  return DotPlanner(contraction, target, explain).makePlan();
}
