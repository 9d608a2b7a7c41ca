//===- DotPlan.cpp - How a contraction becomes dot products -----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DotPlan.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::ptq;

/// Whether `op` flips the sign bit of a byte.
static bool isSignFlip(arith::XOrIOp op) {
  APInt mask;
  return op && op.getType().isInteger(8) &&
         matchPattern(op.getRhs(), m_ConstantInt(&mask)) && mask.isSignMask();
}

/// The argument of i8 or i16 whose sign extension `value` is, maybe after its
/// sign has been flipped; null if it is none.
static BlockArgument matchExtension(Value value) {
  auto extension = value.getDefiningOp<arith::ExtSIOp>();
  if (!extension || !extension.getType().isInteger())
    return {};
  Value code = extension.getIn();
  if (!code.getType().isInteger(8) && !code.getType().isInteger(16))
    return {};
  if (auto flip = code.getDefiningOp<arith::XOrIOp>(); isSignFlip(flip))
    code = flip.getLhs();
  return dyn_cast<BlockArgument>(code);
}

bool mlir::ptq::hasFlippedSigns(linalg::LinalgOp op, unsigned input) {
  return llvm::any_of(op.getBlock()->getArgument(input).getUsers(),
                      [](Operation *user) {
                        return isSignFlip(dyn_cast<arith::XOrIOp>(user));
                      });
}

bool mlir::ptq::isCodeContraction(linalg::LinalgOp op) {
  if (op.getNumDpsInputs() != 2 || op.getNumDpsInits() != 1 ||
      op.getNumReductionLoops() == 0)
    return false;
  Block *body = op.getBlock();
  auto sum =
      body->getTerminator()->getOperand(0).getDefiningOp<arith::AddIOp>();
  if (!sum)
    return false;
  BlockArgument accumulator = body->getArgument(2);
  Value product = sum.getLhs() == accumulator   ? sum.getRhs()
                  : sum.getRhs() == accumulator ? sum.getLhs()
                                                : Value();
  auto multiplication =
      product ? product.getDefiningOp<arith::MulIOp>() : arith::MulIOp();
  if (!multiplication)
    return false;
  BlockArgument lhs = matchExtension(multiplication.getLhs());
  BlockArgument rhs = matchExtension(multiplication.getRhs());
  return lhs && rhs && lhs != rhs && lhs != accumulator && rhs != accumulator;
}

static unsigned getCodeWidth(linalg::LinalgOp op, unsigned operand) {
  return getElementTypeOrSelf(op->getOperand(operand)).getIntOrFloatBitWidth();
}

/// The width of the factors. Activations are widened for constant weights that
/// are wider.
static unsigned getFactorWidth(linalg::LinalgOp op,
                               const DotOperands &operands) {
  unsigned width = getCodeWidth(op, operands.activations);
  return operands.weightWords
             ? std::max(width, getCodeWidth(op, operands.weights))
             : width;
}

static const DotInstruction *findDot(linalg::LinalgOp op,
                                     const TargetDescription &target,
                                     const DotOperands &operands) {
  return target.getPreferredDot(getFactorWidth(op, operands));
}

/// Whether all `weights` are of at most `magnitude`.
static bool areSmall(ArrayRef<int8_t> weights, int64_t magnitude) {
  return llvm::all_of(weights, [&](int8_t weight) {
    return weight >= -magnitude && weight <= magnitude;
  });
}

FailureOr<DotOperands>
mlir::ptq::findDotOperands(linalg::LinalgOp op, const TargetDescription &target,
                           SymbolTableCollection &symbols, ExplainFn explain) {
  if (!op.hasPureBufferSemantics())
    return explain("not on buffers");
  if (!op.getBlock()->getArguments().back().getType().isInteger(32))
    return explain("the sums are wider than i32");
  for (OpOperand &operand : op->getOpOperands())
    if (!FlatAccess::isLinear(op, operand) || op.isScalar(&operand))
      return explain("an operand's address is not linear in the loops");
  if (!FlatAccess::areOutputsFixed(op))
    return explain("the output moves with a reduction");
  DotOperands operands{nullptr,
                       /*activations=*/0,
                       /*weights=*/1,
                       /*haveFlippedSigns=*/false,
                       {}};
  for (unsigned weights : {1u, 0u}) {
    if (!FlatAccess::startsAtOrigin(op, op->getOpOperand(weights)))
      continue;
    Value factor = op->getOperand(weights);
    if (FailureOr<ArrayRef<int8_t>> bytes =
            getConstantIntegers<int8_t>(factor, symbols);
        succeeded(bytes))
      operands.weightBytes = *bytes;
    else if (FailureOr<ArrayRef<int16_t>> words =
                 getConstantIntegers<int16_t>(factor, symbols);
             succeeded(words))
      operands.weightWords = *words;
    else
      continue;
    operands.activations = 1 - weights;
    operands.weights = weights;
    break;
  }
  operands.dot = findDot(op, target, operands);
  if (!operands.dot)
    return explain("the target has no dot product");
  // Where bytes would be widened for it, small weights allow for pairs of
  // bytes.
  Type code = getElementTypeOrSelf(op->getOperand(operands.activations));
  const DotInstruction *pairs = target.getDotOfPairs();
  if (pairs && code.isInteger(8) && operands.dot->elementWidth > 8 &&
      operands.weightBytes &&
      areSmall(*operands.weightBytes, pairs->largestFactor))
    operands.dot = pairs;
  operands.haveFlippedSigns = hasFlippedSigns(op, operands.activations);
  if (hasFlippedSigns(op, operands.weights) ||
      (operands.haveFlippedSigns && !operands.dot->unsignedA))
    return explain(
        "the signs of a factor are flipped, which the dot product does "
        "not need");
  return operands;
}

namespace {
/// Builds the plan for one op, or says why there is none.
class DotPlanner {
public:
  DotPlanner(linalg::LinalgOp op, const TargetDescription &target,
             SymbolTableCollection &symbols, ExplainFn explain)
      : op(op), target(target), symbols(symbols), explain(explain),
        ranges(op.getStaticLoopRanges()) {}

  FailureOr<DotPlan> plan() {
    FailureOr<DotOperands> operands =
        findDotOperands(op, target, symbols, explain);
    if (failed(operands))
      return failure();
    DotPlan plan{*operands, {}, {}, {}, {}, {}, {}};
    if (failed(chooseWeights(plan)) || failed(findRun(plan)) ||
        (!plan.haveConstantWeights() && failed(checkRunTimePacking(plan))))
      return failure();
    findRows(plan);
    chooseTiling(plan);
    plan.neighbours = FusedNeighbours::find(op, plan.tiling.vectorDim);
    return plan;
  }

private:
  std::optional<int64_t> getStride(unsigned operand, unsigned dim) {
    return FlatAccess::getStaticStride(op, op->getOpOperand(operand), dim);
  }

  bool isParallel(unsigned dim) {
    return op.getIteratorTypesArray()[dim] == utils::IteratorType::parallel;
  }

  /// Of two inputs that are not constant, the one that gives the output
  /// channels is the weights.
  LogicalResult chooseWeights(DotPlan &plan) {
    if (succeeded(findColumns(plan)))
      return success();
    if (plan.haveConstantWeights() || plan.haveFlippedSigns)
      return failure();
    std::swap(plan.activations, plan.weights);
    plan.dot = findDot(op, target, plan);
    if (!plan.dot)
      return explain("the target has no dot product");
    return findColumns(plan);
  }

  /// The columns of the weights are the output channels: contiguous in the
  /// output, absent from the activations. Other parallel loops that change the
  /// weights are batches.
  LogicalResult findColumns(DotPlan &plan) {
    plan.batchDims.clear();
    plan.walk = {};
    std::optional<unsigned> vectorDim;
    for (unsigned dim = 0; dim < op.getNumLoops(); ++dim) {
      std::optional<int64_t> stride = getStride(plan.weights, dim);
      if (!isParallel(dim) || stride == 0 || ranges[dim] == 1)
        continue;
      if (!stride)
        return explain("a stride of the weights is not known");
      bool isColumn = !vectorDim && getStride(/*output=*/2, dim) == 1 &&
                      getStride(plan.activations, dim) == 0;
      if (isColumn) {
        vectorDim = dim;
        continue;
      }
      // How many batches there are need not be known.
      if (ShapedType::isDynamic(ranges[dim]) && !plan.batchDims.empty())
        return explain("the size of a batch is not static");
      plan.batchDims.push_back(dim);
      plan.walk.batches.push_back({ranges[dim], *stride});
    }
    if (!vectorDim)
      return explain("output channels are not one contiguous dimension");
    if (ShapedType::isDynamic(ranges[*vectorDim]))
      return explain("the number of output channels is not static");
    plan.tiling.vectorDim = *vectorDim;
    plan.walk.columns = {ranges[*vectorDim],
                         *getStride(plan.weights, *vectorDim)};
    return success();
  }

  /// Packing costs as much as the products of a few rows. It follows one loop.
  LogicalResult checkRunTimePacking(const DotPlan &plan) {
    constexpr int64_t kMinRows = 4;
    Type type = getElementTypeOrSelf(op->getOperand(plan.weights));
    if (!type.isInteger(8))
      return explain("both factors change from call to call and have 16 bits");
    if (plan.walk.run.size() != 1 || !plan.outerDims.empty())
      return explain(
          "both factors change from call to call, and the reduction is "
          "not one loop");
    int64_t rows = 1;
    for (unsigned dim = 0; dim < op.getNumLoops(); ++dim) {
      if (!isParallel(dim) || getStride(plan.weights, dim) != 0)
        continue;
      if (ShapedType::isDynamic(ranges[dim]))
        return success();
      rows *= std::min(ranges[dim], kMinRows);
    }
    if (rows < kMinRows)
      return explain(
          "a factor that changes from call to call has too few uses");
    return success();
  }

  /// Splits the reduction loops into those that run along contiguous
  /// activations and those around them.
  LogicalResult findRun(DotPlan &plan) {
    SmallVector<unsigned> outer;
    for (unsigned dim = 0; dim < op.getNumLoops(); ++dim) {
      if (isParallel(dim))
        continue;
      if (ShapedType::isDynamic(ranges[dim]) ||
          !getStride(plan.activations, dim) || !getStride(plan.weights, dim))
        return explain("a reduction's size is not static");
      if (ranges[dim] != 1)
        outer.push_back(dim);
    }
    int64_t length = 1;
    while (true) {
      auto next = llvm::find_if(outer, [&](unsigned dim) {
        return getStride(plan.activations, dim) == length;
      });
      if (next == outer.end())
        break;
      plan.runDims.insert(plan.runDims.begin(), *next);
      plan.walk.run.insert(plan.walk.run.begin(),
                           {ranges[*next], *getStride(plan.weights, *next)});
      length *= ranges[*next];
      outer.erase(next);
    }
    if (plan.walk.run.empty() && !outer.empty())
      return explain("activations are not contiguous along the reduction");
    for (unsigned dim : outer)
      plan.walk.outer.push_back({ranges[dim], *getStride(plan.weights, dim)});
    plan.outerDims = outer;
    return success();
  }

  /// Rows are positions of the innermost loop that runs more than once. Where
  /// there are some, and a run is long enough for fewer steps, the dot product
  /// may be one of several rows.
  void findRows(DotPlan &plan) {
    for (unsigned dim = op.getNumLoops(); dim-- > 0;) {
      if (dim == plan.tiling.vectorDim || !isParallel(dim) ||
          ranges[dim] == 1 || llvm::is_contained(plan.batchDims, dim))
        continue;
      plan.tiling.tileDim = dim;
      break;
    }
    if (!plan.tiling.tileDim)
      return;
    const DotInstruction *square =
        target.getSquareDot(getFactorWidth(op, plan));
    if (square && getNumSteps(plan.walk, square->factor) <
                      getNumSteps(plan.walk, plan.dot->factor))
      plan.dot = square;
  }

  /// Three quarters of the registers accumulate; a row is as wide as one sixth
  /// of these, so that one load of activations serves several products.
  void chooseTiling(DotPlan &plan) {
    RegisterTiling &tiling = plan.tiling;
    tiling.lanes = plan.dot->lanes;
    int64_t accumulators = target.numVectorRegisters * 3 / 4;
    tiling.vectors = std::clamp<int64_t>(
        llvm::divideCeil(plan.walk.columns.range, tiling.lanes), 1,
        accumulators / 6);
    // Sums of pairs and signs to flip take registers, too.
    if (plan.dot->isOfPairs() && !plan.haveFlippedSigns) {
      int64_t others = target.numVectorRegisters - accumulators;
      accumulators -= std::max<int64_t>(tiling.vectors + 4 - others, 0);
    }
    if (tiling.tileDim)
      tiling.setRows(ranges[*tiling.tileDim],
                     std::min<int64_t>(accumulators / tiling.vectors, 12),
                     plan.dot->rows);
  }

  linalg::LinalgOp op;
  const TargetDescription &target;
  SymbolTableCollection &symbols;
  ExplainFn explain;
  SmallVector<int64_t> ranges;
};
} // namespace

FailureOr<DotPlan> mlir::ptq::planDot(linalg::LinalgOp op,
                                      const TargetDescription &target,
                                      SymbolTableCollection &symbols,
                                      ExplainFn explain) {
  return DotPlanner(op, target, symbols, explain).plan();
}
