//===- ReductionKernel.cpp - Rows to one element --------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ReductionKernel.h"
#include "FlatAccess.h"
#include "LoopNests.h"
#include "VectorPayload.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::ptq;

/// How many vectors accumulate side by side.
static constexpr int64_t kMaxVectors = 4;

//===----------------------------------------------------------------------===//
// Planning
//===----------------------------------------------------------------------===//

static bool isReduction(linalg::LinalgOp op, unsigned dim) {
  return op.getIteratorTypesArray()[dim] == utils::IteratorType::reduction;
}

/// Whether vectors along `dim` are loaded at once or are one element.
static bool isVectorLoad(linalg::LinalgOp op, OpOperand &operand,
                         unsigned dim) {
  std::optional<int64_t> stride = FlatAccess::getStaticStride(op, operand, dim);
  return stride == 0 || stride == 1;
}

/// Whether a parallel loop gives vectors of outputs without collecting their
/// inputs one by one.
static bool hasVectorsOfOutputs(linalg::LinalgOp op) {
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  for (unsigned dim = 0; dim < op.getNumLoops(); ++dim) {
    if (isReduction(op, dim) || ranges[dim] == 1)
      continue;
    bool isContiguous =
        llvm::all_of(op.getDpsInitsMutable(), [&](OpOperand &output) {
          return FlatAccess::getStaticStride(op, output, dim) == 1;
        });
    if (isContiguous &&
        llvm::all_of(op.getDpsInputOperands(), [&](OpOperand *input) {
          return isVectorLoad(op, *input, dim);
        }))
      return true;
  }
  return false;
}

FailureOr<ReductionPlan>
mlir::ptq::planReduction(linalg::LinalgOp op, const TargetDescription &target,
                         ExplainFn explain) {
  if (op.getNumReductionLoops() == 0 || op.getNumDpsInputs() != 1)
    return explain("no reduction of one input");
  if (const char *obstacle = findVectorObstacle(op))
    return explain(obstacle);
  if (llvm::any_of(op.getDpsInputOperands(), [&](OpOperand *input) {
        return !FlatAccess::isLinear(op, *input);
      }))
    return explain("an input's address is not linear in the loops");
  if (hasVectorsOfOutputs(op))
    return explain("the outputs give vectors");
  ReductionPlan plan;
  Block *body = op.getBlock();
  for (auto [index, yielded] :
       llvm::enumerate(body->getTerminator()->getOperands())) {
    std::optional<Combiner> combiner = Combiner::match(
        yielded, body->getArgument(op.getNumDpsInputs() + index));
    if (!combiner)
      return explain("an output is no sum of integers and no extremum");
    plan.combiners.push_back(std::move(*combiner));
  }
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  OpOperand &input = *op.getDpsInputOperand(0);
  std::optional<unsigned> best;
  for (unsigned dim = 0; dim < op.getNumLoops(); ++dim)
    if (isReduction(op, dim) && ShapedType::isStatic(ranges[dim]) &&
        ranges[dim] > 1 && FlatAccess::getStaticStride(op, input, dim) == 1)
      best = dim;
  if (!best)
    return explain("no static reduction along contiguous elements");
  plan.vectorDim = *best;
  plan.lanes = target.getLanes(getWidestElement(op));
  return plan;
}

//===----------------------------------------------------------------------===//
// Emission
//===----------------------------------------------------------------------===//

namespace {
class ReductionEmitter {
public:
  ReductionEmitter(RewriterBase &rewriter, linalg::LinalgOp op,
                   const ReductionPlan &plan)
      : builder(rewriter), loc(op.getLoc()), op(op), plan(plan),
        numOutputs(op.getNumDpsInits()) {
    for (OpOperand &operand : op->getOpOperands())
      accesses.emplace_back(builder, loc, op, operand);
    for (Range range : op.createLoopRanges(builder, loc))
      ranges.push_back(range.size);
    positions.assign(ranges.size(), builder.getIndexAttr(0));
    for (unsigned dim = 0; dim < op.getNumLoops(); ++dim) {
      if (!isReduction(op, dim))
        parallelDims.push_back(dim);
      else if (dim != plan.vectorDim)
        outerDims.push_back(dim);
    }
    // The widths of the vectors that accumulate: full ones, and the rest.
    int64_t range = *getConstantIntValue(ranges[plan.vectorDim]);
    int64_t numFull = range / plan.lanes;
    widths.assign(std::min(numFull, kMaxVectors), plan.lanes);
    if (int64_t rest = range % plan.lanes)
      widths.push_back(rest);
  }

  void emitLoops() { emitOuterLoops(parallelDims); }

private:
  void emitOuterLoops(ArrayRef<unsigned> dims) {
    if (dims.empty())
      return emitElement();
    emitBlocks(builder, loc, ranges[dims.front()], /*block=*/1,
               [&](Value position, int64_t) {
                 positions[dims.front()] = position;
                 emitOuterLoops(dims.drop_front());
               });
  }

  /// One element of each output.
  void emitElement() {
    SmallVector<Value> starts, accumulators;
    for (const Combiner &combiner : plan.combiners) {
      const FlatAccess &output = getOutput(starts.size());
      starts.push_back(
          memref::LoadOp::create(builder, loc, output.getView(),
                                 output.getAddress(builder, loc, positions)));
      for (int64_t width : widths)
        accumulators.push_back(createStart(combiner, starts.back(), width));
    }
    SmallVector<OpFoldResult> outerRanges;
    for (unsigned dim : outerDims)
      outerRanges.push_back(ranges[dim]);
    accumulators = emitReductionNest(builder, loc, outerRanges, accumulators,
                                     [&](ValueRange outer, ValueRange carried) {
                                       for (auto [dim, position] :
                                            llvm::zip_equal(outerDims, outer))
                                         positions[dim] = position;
                                       return emitRow(carried);
                                     });
    for (auto [index, combiner] : llvm::enumerate(plan.combiners)) {
      const FlatAccess &output = getOutput(index);
      Value result = emitHorizontally(
          combiner, starts[index],
          ArrayRef(accumulators).slice(index * widths.size(), widths.size()));
      memref::StoreOp::create(builder, loc, result, output.getView(),
                              output.getAddress(builder, loc, positions));
    }
  }

  Value createStart(const Combiner &combiner, Value start, int64_t width) {
    auto type = VectorType::get({width}, start.getType());
    if (combiner.neutral)
      return arith::ConstantOp::create(
          builder, loc, DenseElementsAttr::get(type, combiner.neutral));
    return vector::BroadcastOp::create(builder, loc, type, start);
  }

  /// The elements of one row: full vectors in turn, then the rest.
  SmallVector<Value> emitRow(ValueRange accumulators) {
    int64_t range = *getConstantIntValue(ranges[plan.vectorDim]);
    int64_t numSide = std::min(range / plan.lanes, kMaxVectors);
    int64_t step = numSide * plan.lanes;
    SmallVector<Value> current(accumulators);
    if (step > 0) {
      current = emitReductionNest(
          builder, loc, {builder.getIndexAttr(range / step)}, current,
          [&](ValueRange index, ValueRange carried) {
            SmallVector<Value> next(carried);
            Value size = arith::ConstantIndexOp::create(builder, loc, step);
            Value base =
                arith::MulIOp::create(builder, loc, index.front(), size);
            for (int64_t side = 0; side < numSide; ++side)
              emitVector(addConstant(builder, loc, base, side * plan.lanes),
                         side, next);
            return next;
          });
    }
    int64_t done = step > 0 ? range / step * step : 0;
    for (int64_t side = 0; done < range; ++side) {
      bool isRest = range - done < plan.lanes;
      emitVector(builder.getIndexAttr(done),
                 isRest ? static_cast<int64_t>(widths.size()) - 1 : side,
                 current);
      done += isRest ? range - done : plan.lanes;
    }
    return current;
  }

  /// Combines a vector that begins at `position` with the accumulators of side
  /// `side`.
  void emitVector(OpFoldResult position, int64_t side,
                  MutableArrayRef<Value> accumulators) {
    int64_t width = widths[side];
    positions[plan.vectorDim] = position;
    VectorPayload payload(builder, loc, width);
    IRMapping mapping;
    const FlatAccess &input = accesses.front();
    mapping.map(op.getBlock()->getArgument(0),
                input.load(builder, loc,
                           input.getAddress(builder, loc, positions),
                           plan.vectorDim, width));
    for (unsigned index = 0; index < numOutputs; ++index)
      mapping.map(plan.combiners[index].accumulator,
                  accumulators[index * widths.size() + side]);
    for (Operation &inner : op.getBlock()->without_terminator())
      payload.emit(mapping, inner,
                   [&](unsigned dim) { return emitIndex(dim, width); });
    Operation *yield = op.getBlock()->getTerminator();
    for (unsigned index = 0; index < numOutputs; ++index)
      accumulators[index * widths.size() + side] =
          payload.lookup(mapping, yield->getOperand(index));
    positions[plan.vectorDim] = builder.getIndexAttr(0);
  }

  Value emitIndex(unsigned dim, int64_t width) {
    auto type = VectorType::get({width}, builder.getIndexType());
    Value position =
        getValueOrCreateConstantIndexOp(builder, loc, positions[dim]);
    Value splat = vector::BroadcastOp::create(builder, loc, type, position);
    if (dim != plan.vectorDim)
      return splat;
    Value steps = vector::StepOp::create(builder, loc, type);
    return arith::AddIOp::create(builder, loc, splat, steps);
  }

  /// `lhs` and `rhs`, vectors of one type, element by element.
  Value combine(const Combiner &combiner, Value lhs, Value rhs) {
    VectorPayload payload(builder, loc,
                          cast<VectorType>(lhs.getType()).getNumElements());
    IRMapping mapping;
    mapping.map(combiner.accumulator, lhs);
    mapping.map(combiner.element, rhs);
    for (Operation *inner : combiner.ops)
      payload.emit(mapping, *inner, [](unsigned) { return Value(); });
    return mapping.lookup(combiner.ops.back()->getResult(0));
  }

  /// All elements of the accumulators and `start` combined.
  Value emitHorizontally(const Combiner &combiner, Value start,
                         ArrayRef<Value> accumulators) {
    // Vectors of one width first, pair by pair.
    SmallVector<Value> vectors(accumulators);
    auto getWidth = [](Value vector) {
      return cast<VectorType>(vector.getType()).getNumElements();
    };
    while (vectors.size() > 1 && getWidth(vectors[0]) == getWidth(vectors[1])) {
      vectors.push_back(combine(combiner, vectors[0], vectors[1]));
      std::rotate(vectors.begin(), vectors.end() - 1, vectors.end());
      vectors.erase(vectors.begin() + 1, vectors.begin() + 3);
    }
    auto single = VectorType::get({1}, start.getType());
    Value result = vector::BroadcastOp::create(builder, loc, single, start);
    for (Value vector : vectors) {
      // Halves are combined; an odd element joins the result by itself.
      auto extract = [&](int64_t offset, int64_t size) -> Value {
        return vector::ExtractStridedSliceOp::create(
            builder, loc, vector, ArrayRef<int64_t>{offset},
            ArrayRef<int64_t>{size}, ArrayRef<int64_t>{1});
      };
      while (getWidth(vector) > 1) {
        int64_t width = getWidth(vector);
        if (width % 2 != 0)
          result = combine(combiner, result, extract(width - 1, 1));
        vector = combine(combiner, extract(0, width / 2),
                         extract(width / 2, width / 2));
      }
      result = combine(combiner, result, vector);
    }
    return vector::ExtractOp::create(builder, loc, result,
                                     ArrayRef<int64_t>{0});
  }

  const FlatAccess &getOutput(unsigned index) const {
    return accesses[accesses.size() - numOutputs + index];
  }

  RewriterBase &builder;
  Location loc;
  linalg::LinalgOp op;
  const ReductionPlan &plan;
  unsigned numOutputs;
  SmallVector<FlatAccess> accesses;
  SmallVector<OpFoldResult> ranges;
  SmallVector<OpFoldResult> positions;
  SmallVector<unsigned> parallelDims;
  SmallVector<unsigned> outerDims;
  SmallVector<int64_t> widths;
};
} // namespace

void mlir::ptq::emitReductionKernel(RewriterBase &rewriter, linalg::LinalgOp op,
                                    const ReductionPlan &plan) {
  ReductionEmitter(rewriter, op, plan).emitLoops();
}
