//===- VectorizeContractions.cpp - Integer dot product kernels --------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Matrix products and convolutions of codes with constant weights of bytes. The
// weights are packed when the code is generated, in the order in which the
// kernel reads them; the activations are read where they are. For one position
// of the outer reduction loops (say, one row of a convolution's window) the
// elements that are contiguous in the activations form a run, which may cross
// dimensions of the tensor: of an image in N, H, W, C order it is a row of the
// window times the channels. The kernel goes along the run as many elements at
// a time as the dot product of the target takes, with a tile of accumulators in
// registers.
//
// Where the dot product multiplies wider factors than bytes, activations are
// widened before.
//
// Where the dot product reads activations as unsigned, their sign bits are
// flipped, which adds 128 to each; 128 times the sum of the weights is taken
// from the accumulator at the start.
//
// What the accumulators begin with, such as a bias, and what becomes of them,
// such as codes, are computed on the registers where nobody else needs the
// buffer of accumulators.
//
// Weights that all fit 4 bits stay packed at rest: the bytes of one vector are
// the nibbles of half a vector.
//
//===----------------------------------------------------------------------===//

#include "FusedNeighbours.h"
#include "LoopNests.h"
#include "PackedWeights.h"
#include "RegisterTiles.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "ptq/CodeGen/Passes.h"
#include "ptq/CodeGen/TargetDescription.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"

using namespace mlir;
using namespace mlir::ptq;

namespace mlir::ptq {
#define GEN_PASS_DEF_VECTORIZECONTRACTIONSPASS
#include "ptq/CodeGen/Passes.h.inc"
} // namespace mlir::ptq

namespace {

//===----------------------------------------------------------------------===//
// Planning
//===----------------------------------------------------------------------===//

/// Where buffers begin, in bytes: at cache lines.
constexpr int64_t kBufferAlignment = 64;

/// The argument of i8 or i16 whose sign extension `value` is; null if it is
/// none.
BlockArgument matchExtension(Value value) {
  auto extension = value.getDefiningOp<arith::ExtSIOp>();
  if (!extension || !extension.getType().isInteger())
    return {};
  Type type = extension.getIn().getType();
  if (!type.isInteger(8) && !type.isInteger(16))
    return {};
  return dyn_cast<BlockArgument>(extension.getIn());
}

/// Whether the payload is out + in0 * in1 on i8 or i16.
bool isCodeContraction(linalg::LinalgOp op) {
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

/// A contraction that is to become a dot product kernel.
struct DotPlan {
  const DotInstruction *dot;
  RegisterTiling tiling;
  /// Numbers of the input operands.
  unsigned activations;
  unsigned weights;
  ArrayRef<int8_t> weightBytes;
  WeightWalk walk;
  /// The reduction loops around the run, outermost first.
  SmallVector<unsigned> outerDims;
  /// What is computed on the accumulators before and behind the sums.
  FusedNeighbours neighbours;
};

/// Builds the plan for one op, or says why there is none.
class DotPlanner {
public:
  DotPlanner(linalg::LinalgOp op, const TargetDescription &target,
             SymbolTableCollection &symbols)
      : op(op), target(target), symbols(symbols),
        ranges(op.getStaticLoopRanges()) {}

  FailureOr<DotPlan> plan() {
    if (!op.hasPureBufferSemantics())
      return fail("not on buffers");
    if (!op.getBlock()->getArguments().back().getType().isInteger(32))
      return fail("the sums are wider than i32");
    for (OpOperand &operand : op->getOpOperands())
      if (!FlatAccess::isLinear(op, operand) || op.isScalar(&operand))
        return fail("an operand's address is not linear in the loops");
    if (!FlatAccess::areOutputsFixed(op))
      return fail("the output moves with a reduction");
    DotPlan plan;
    if (failed(findWeights(plan)))
      return failure();
    plan.dot = target.getPreferredDot(
        getElementTypeOrSelf(op->getOperand(plan.activations))
            .getIntOrFloatBitWidth());
    if (!plan.dot)
      return fail("the target has no dot product");
    if (failed(findVectorDim(plan)) || failed(findRun(plan)))
      return failure();
    chooseTiling(plan);
    plan.neighbours = FusedNeighbours::find(op, plan.tiling.vectorDim);
    return plan;
  }

  StringRef getReason() const { return reason; }

private:
  LogicalResult fail(StringRef why) {
    reason = why;
    return failure();
  }

  std::optional<int64_t> getStride(unsigned operand, unsigned dim) {
    return FlatAccess::getStaticStride(op, op->getOpOperand(operand), dim);
  }

  bool isParallel(unsigned dim) {
    return op.getIteratorTypesArray()[dim] == utils::IteratorType::parallel;
  }

  /// The constant input is the weights.
  LogicalResult findWeights(DotPlan &plan) {
    for (unsigned operand : {1u, 0u}) {
      FailureOr<ArrayRef<int8_t>> bytes =
          getConstantBytes(op->getOperand(operand), symbols);
      if (failed(bytes) ||
          !FlatAccess::startsAtOrigin(op, op->getOpOperand(operand)))
        continue;
      plan.weights = operand;
      plan.activations = 1 - operand;
      plan.weightBytes = *bytes;
      return success();
    }
    return fail("no factor is a constant");
  }

  /// The output channels: contiguous in the output, absent from the
  /// activations. No other parallel loop may change the weights.
  LogicalResult findVectorDim(DotPlan &plan) {
    std::optional<unsigned> vectorDim;
    for (unsigned dim = 0; dim < op.getNumLoops(); ++dim) {
      if (!isParallel(dim) || getStride(plan.weights, dim) == 0 ||
          ranges[dim] == 1)
        continue;
      if (vectorDim || getStride(/*output=*/2, dim) != 1 ||
          getStride(plan.activations, dim) != 0)
        return fail("output channels are not one contiguous dimension");
      vectorDim = dim;
    }
    if (!vectorDim)
      return fail("there is one output channel");
    plan.tiling.vectorDim = *vectorDim;
    plan.walk.columns = {ranges[*vectorDim],
                         *getStride(plan.weights, *vectorDim)};
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
        return fail("a reduction's size is not static");
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
      plan.walk.run.insert(plan.walk.run.begin(),
                           {ranges[*next], *getStride(plan.weights, *next)});
      length *= ranges[*next];
      outer.erase(next);
    }
    if (plan.walk.run.empty() && !outer.empty())
      return fail("activations are not contiguous along the reduction");
    for (unsigned dim : outer)
      plan.walk.outer.push_back({ranges[dim], *getStride(plan.weights, dim)});
    plan.outerDims = outer;
    return success();
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
    // Rows are positions of the innermost loop that runs more than once.
    for (unsigned dim = op.getNumLoops(); dim-- > 0;) {
      if (dim == tiling.vectorDim || !isParallel(dim) || ranges[dim] == 1)
        continue;
      tiling.tileDim = dim;
      tiling.setRows(ranges[dim],
                     std::min<int64_t>(accumulators / tiling.vectors, 12));
      break;
    }
  }

  linalg::LinalgOp op;
  const TargetDescription &target;
  SymbolTableCollection &symbols;
  SmallVector<int64_t> ranges;
  StringRef reason;
};

//===----------------------------------------------------------------------===//
// Emission
//===----------------------------------------------------------------------===//

class DotEmitter : public RegisterTileEmitter {
public:
  DotEmitter(RewriterBase &rewriter, linalg::LinalgOp op, const DotPlan &plan,
             SymbolTableCollection &symbols)
      : RegisterTileEmitter(rewriter, op, plan.tiling,
                            /*touchesOutputs=*/!plan.neighbours.epilogue),
        plan(plan), dot(*plan.dot), runLength(plan.walk.getRunLength()),
        steps(llvm::divideCeil(runLength, dot.factor)),
        stepBytes(dot.lanes * dot.factor),
        holdsNibbles(areNibbles(plan.weightBytes)) {
    if (plan.neighbours.initial)
      initial.emplace(builder, *plan.neighbours.initial);
    if (plan.neighbours.epilogue)
      epilogue.emplace(builder, *plan.neighbours.epilogue);
    PackedWeights packed =
        packWeights(plan.weightBytes, plan.walk, dot.factor, dot.lanes);
    if (holdsNibbles) {
      packed.data = packNibbles(packed.data, stepBytes);
      stepBytes /= 2;
    }
    weights = createGlobalConstant<int8_t>(rewriter, op, "packed_weights",
                                           packed.data, symbols);
    if (!dot.unsignedA)
      return;
    std::vector<int32_t> corrections;
    // Long sums wrap, like the accumulators.
    for (int32_t sum : packed.columnSums)
      corrections.push_back(-128 * static_cast<uint32_t>(sum));
    correction = createGlobalConstant<int32_t>(rewriter, op, "sign_correction",
                                               corrections, symbols);
  }

private:
  void emitTile(const Tile &tile) override {
    SmallVector<Value> accumulators = loadAccumulators(tile);
    SmallVector<OpFoldResult> outerRanges;
    for (unsigned dim : plan.outerDims)
      outerRanges.push_back(ranges[dim]);
    accumulators = emitReductionNest(
        builder, loc, outerRanges, accumulators,
        [&](ValueRange outer, ValueRange carried) {
          for (auto [dim, position] : llvm::zip_equal(plan.outerDims, outer))
            positions[dim] = position;
          return emitRun(tile, carried);
        });
    storeAccumulators(tile, accumulators);
  }

  //===--------------------------------------------------------------------===//
  // Accumulators
  //===--------------------------------------------------------------------===//

  VectorType getAccumulatorType() {
    return VectorType::get({dot.lanes}, builder.getI32Type());
  }

  /// A mask of the first `width` lanes; null if these are all.
  Value createMask(int64_t width) {
    if (width == dot.lanes)
      return {};
    auto type = VectorType::get({dot.lanes}, builder.getI1Type());
    return vector::ConstantMaskOp::create(builder, loc, type,
                                          ArrayRef<int64_t>{width});
  }

  SmallVector<Value> loadAccumulators(const Tile &tile) {
    VectorType type = getAccumulatorType();
    SmallVector<Value> corrections;
    for (int64_t column = 0, e = tile.widths.size();
         dot.unsignedA && column < e; ++column)
      corrections.push_back(vector::LoadOp::create(
          builder, loc, type, correction,
          getValueOrCreateConstantIndexOp(
              builder, loc, getPositions(0, column)[tiling.vectorDim])));
    SmallVector<Value> accumulators;
    if (initial)
      initial->beginTile();
    forEachVector(tile, [&](int64_t row, int64_t column) {
      int64_t width = tile.widths[column];
      Value value = initial ? computeInitial(width, row, column)
                            : loadInitial(width, row, column);
      if (dot.unsignedA)
        value = arith::AddIOp::create(builder, loc, value, corrections[column]);
      accumulators.push_back(value);
    });
    return accumulators;
  }

  /// The accumulators that the op before the kernel gives, zeros behind
  /// `width`.
  Value computeInitial(int64_t width, int64_t row, int64_t column) {
    Value value =
        initial->emit(/*accumulators=*/Value(), getPositions(row, column),
                      width, row, column, tiling.tileDim);
    if (width == dot.lanes)
      return value;
    Value zero = arith::ConstantOp::create(
        builder, loc, builder.getZeroAttr(getAccumulatorType()));
    return vector::InsertStridedSliceOp::create(
        builder, loc, value, zero, /*offsets=*/ArrayRef<int64_t>{0},
        /*strides=*/ArrayRef<int64_t>{1});
  }

  Value loadInitial(int64_t width, int64_t row, int64_t column) {
    const FlatAccess &output = getOutput(0);
    Value address = getAddress(output, row, column);
    Value mask = createMask(width);
    if (!mask)
      return output.loadContiguous(builder, loc, address, dot.lanes);
    VectorType type = getAccumulatorType();
    Value zero =
        arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
    return vector::MaskedLoadOp::create(builder, loc, type, output.getView(),
                                        address, mask, zero);
  }

  void storeAccumulators(const Tile &tile, ArrayRef<Value> accumulators) {
    unsigned next = 0;
    if (epilogue)
      epilogue->beginTile();
    forEachVector(tile, [&](int64_t row, int64_t column) {
      Value value = accumulators[next++];
      if (epilogue)
        storeResults(value, tile.widths[column], row, column);
      else
        storeSums(value, tile.widths[column], row, column);
    });
  }

  /// Stores what the op behind the kernel makes of the first `width` of `sums`.
  void storeResults(Value sums, int64_t width, int64_t row, int64_t column) {
    if (width < dot.lanes)
      sums = vector::ExtractStridedSliceOp::create(
          builder, loc, sums, /*offsets=*/ArrayRef<int64_t>{0},
          /*sizes=*/ArrayRef<int64_t>{width}, /*strides=*/ArrayRef<int64_t>{1});
    SmallVector<OpFoldResult> here = getPositions(row, column);
    Value results =
        epilogue->emit(sums, here, width, row, column, tiling.tileDim);
    epilogue->store(results, here);
  }

  void storeSums(Value sums, int64_t width, int64_t row, int64_t column) {
    const FlatAccess &output = getOutput(0);
    Value address = getAddress(output, row, column);
    if (Value mask = createMask(width))
      vector::MaskedStoreOp::create(builder, loc, output.getView(), address,
                                    mask, sums);
    else
      output.store(builder, loc, sums, address);
  }

  //===--------------------------------------------------------------------===//
  // The run
  //===--------------------------------------------------------------------===//

  /// A loop over the steps that use all neighbours, then the rest.
  SmallVector<Value> emitRun(const Tile &tile, ValueRange accumulators) {
    int64_t fullSteps = runLength / dot.factor;
    SmallVector<Value> addresses;
    for (int64_t row = 0; row < tile.rows; ++row)
      addresses.push_back(
          getAddress(accesses[plan.activations], row, /*column=*/0));
    SmallVector<Value> blocks;
    for (int64_t column = 0, e = tile.widths.size(); column < e; ++column)
      blocks.push_back(getWeightBlock(column));

    SmallVector<Value> results = emitReductionNest(
        builder, loc, {builder.getIndexAttr(fullSteps)}, accumulators,
        [&](ValueRange step, ValueRange carried) {
          return emitStep(tile, carried, addresses, blocks, step.front(),
                          dot.factor);
        });
    if (fullSteps < steps) {
      Value last = arith::ConstantIndexOp::create(builder, loc, fullSteps);
      results = emitStep(tile, results, addresses, blocks, last,
                         runLength % dot.factor);
    }
    return results;
  }

  /// Where the packed weights of a column's vector begin, for the outer
  /// reduction loops' positions.
  Value getWeightBlock(int64_t column) {
    MLIRContext *context = builder.getContext();
    SmallVector<OpFoldResult> operands;
    auto bind = [&](OpFoldResult value) {
      operands.push_back(value);
      return getAffineDimExpr(operands.size() - 1, context);
    };
    AffineExpr block =
        bind(getPositions(0, column)[tiling.vectorDim]).floorDiv(dot.lanes);
    for (unsigned dim : plan.outerDims)
      block = block * getConstantIntValue(ranges[dim]).value() +
              bind(positions[dim]);
    AffineExpr address = block * (steps * stepBytes);
    return getValueOrCreateConstantIndexOp(
        builder, loc,
        affine::makeComposedFoldedAffineApply(
            builder, loc, AffineMap::get(operands.size(), 0, address),
            operands));
  }

  /// The products of step `step` of the run, of which the first `numElements`
  /// neighbours exist.
  SmallVector<Value> emitStep(const Tile &tile, ValueRange accumulators,
                              ArrayRef<Value> addresses, ArrayRef<Value> blocks,
                              Value step, int64_t numElements) {
    SmallVector<Value> columns;
    for (Value block : blocks)
      columns.push_back(loadWeights(offset(block, step, stepBytes)));
    SmallVector<Value> results;
    for (int64_t row = 0; row < tile.rows; ++row) {
      Value shared = loadActivations(offset(addresses[row], step, dot.factor),
                                     numElements);
      for (Value column : columns)
        results.push_back(DotOp::create(builder, loc, getAccumulatorType(),
                                        accumulators[results.size()], shared,
                                        column, dot.unsignedA));
    }
    return results;
  }

  /// `base` + `step` * `size`.
  Value offset(Value base, Value step, int64_t size) {
    MLIRContext *context = builder.getContext();
    AffineExpr sum =
        getAffineDimExpr(0, context) + getAffineDimExpr(1, context) * size;
    return getValueOrCreateConstantIndexOp(
        builder, loc,
        affine::makeComposedFoldedAffineApply(
            builder, loc, AffineMap::get(2, 0, sum), {base, step}));
  }

  Type getFactorType() { return builder.getIntegerType(dot.elementWidth); }

  Value loadWeights(Value address) {
    int64_t size = dot.lanes * dot.factor;
    Value bytes = vector::LoadOp::create(
        builder, loc, VectorType::get({stepBytes}, builder.getI8Type()),
        weights, address);
    if (holdsNibbles)
      bytes = unpackNibbles(bytes);
    if (dot.elementWidth == 8)
      return bytes;
    return arith::ExtSIOp::create(
        builder, loc, VectorType::get({size}, getFactorType()), bytes);
  }

  /// The low nibbles of `bytes`, then the high ones, with their signs.
  Value unpackNibbles(Value bytes) {
    Value four = arith::ConstantOp::create(
        builder, loc,
        DenseElementsAttr::get(cast<VectorType>(bytes.getType()),
                               builder.getI8IntegerAttr(4)));
    Value low = arith::ShLIOp::create(builder, loc, bytes, four);
    low = arith::ShRSIOp::create(builder, loc, low, four);
    Value high = arith::ShRSIOp::create(builder, loc, bytes, four);
    auto all = llvm::to_vector(llvm::seq<int64_t>(2 * stepBytes));
    return vector::ShuffleOp::create(builder, loc, low, high, all);
  }

  /// `numElements` activations, filled up with zeros, in all lanes.
  Value loadActivations(Value address, int64_t numElements) {
    const FlatAccess &access = accesses[plan.activations];
    Value group = access.loadContiguous(builder, loc, address, numElements);
    if (numElements < dot.factor) {
      auto type = VectorType::get({dot.factor}, access.getElementType());
      Value zero =
          arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
      group = vector::InsertStridedSliceOp::create(
          builder, loc, group, zero, /*offsets=*/ArrayRef<int64_t>{0},
          /*strides=*/ArrayRef<int64_t>{1});
    }
    // A group is broadcast as one integer, then widened in all lanes at once.
    unsigned width = access.getElementType().getIntOrFloatBitWidth();
    Type unit = builder.getIntegerType(dot.factor * width);
    Value single = vector::BitCastOp::create(builder, loc,
                                             VectorType::get({1}, unit), group);
    Value lanes = vector::BroadcastOp::create(
        builder, loc, VectorType::get({dot.lanes}, unit), single);
    auto type =
        VectorType::get({dot.lanes * dot.factor}, access.getElementType());
    Value factors = vector::BitCastOp::create(builder, loc, type, lanes);
    if (dot.elementWidth != width)
      factors = arith::ExtSIOp::create(
          builder, loc,
          VectorType::get({dot.lanes * dot.factor}, getFactorType()), factors);
    if (!dot.unsignedA)
      return factors;
    Value signs = arith::ConstantOp::create(
        builder, loc,
        DenseElementsAttr::get(type, builder.getI8IntegerAttr(-128)));
    return arith::XOrIOp::create(builder, loc, factors, signs);
  }

  const DotPlan &plan;
  const DotInstruction &dot;
  std::optional<FusedNeighbourEmitter> initial;
  std::optional<FusedNeighbourEmitter> epilogue;
  int64_t runLength;
  int64_t steps;
  /// The bytes of the weights that one vector takes, and whether each of them
  /// holds two.
  int64_t stepBytes;
  bool holdsNibbles;
  /// Packed weights, and what to add for the flipped signs.
  Value weights;
  Value correction;
};

//===----------------------------------------------------------------------===//
// Wide activations
//===----------------------------------------------------------------------===//

/// Builds `kernel` on a copy of operand `number` with elements of i16 in place
/// of i8, which is what the dot product multiplies: each is read for many
/// output channels, and widened once.
linalg::LinalgOp createOnWideActivations(RewriterBase &rewriter,
                                         linalg::LinalgOp kernel,
                                         unsigned number) {
  Location loc = kernel.getLoc();
  rewriter.setInsertionPoint(kernel);
  Value narrow = kernel->getOperand(number);
  auto type = cast<MemRefType>(narrow.getType());
  SmallVector<Value> sizes;
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (type.isDynamicDim(dim))
      sizes.push_back(memref::DimOp::create(rewriter, loc, narrow, dim));
  Value wide = memref::AllocOp::create(
      rewriter, loc, MemRefType::get(type.getShape(), rewriter.getI16Type()),
      sizes, rewriter.getI64IntegerAttr(kBufferAlignment));
  SmallVector<AffineMap> maps(2,
                              rewriter.getMultiDimIdentityMap(type.getRank()));
  SmallVector<utils::IteratorType> iterators(type.getRank(),
                                             utils::IteratorType::parallel);
  linalg::GenericOp::create(
      rewriter, loc, /*resultTensorTypes=*/TypeRange(), ValueRange{narrow},
      ValueRange{wide}, maps, iterators,
      [](OpBuilder &body, Location loc, ValueRange elements) {
        Value code = arith::ExtSIOp::create(body, loc, body.getI16Type(),
                                            elements.front());
        linalg::YieldOp::create(body, loc, code);
      });
  auto onWide = cast<linalg::LinalgOp>(rewriter.clone(*kernel));
  onWide->setOperand(number, wide);
  onWide.getBlock()->getArgument(number).setType(rewriter.getI16Type());
  rewriter.eraseOp(kernel);
  return onWide;
}

//===----------------------------------------------------------------------===//
// Pass
//===----------------------------------------------------------------------===//

struct VectorizeContractionsPass
    : ptq::impl::VectorizeContractionsPassBase<VectorizeContractionsPass> {
  using Base::Base;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    FailureOr<TargetDescription> target =
        TargetDescription::get(module.getLoc(), cpu, features);
    if (failed(target))
      return signalPassFailure();

    SmallVector<linalg::LinalgOp> contractions;
    module.walk([&](linalg::LinalgOp op) {
      if (isCodeContraction(op))
        contractions.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    SymbolTableCollection symbols;
    for (linalg::LinalgOp op : contractions) {
      DotPlanner planner(op, *target, symbols);
      FailureOr<DotPlan> plan = planner.plan();
      if (failed(plan)) {
        ++numMissed;
        reportMiss(op, planner.getReason());
        continue;
      }
      if (needsWideActivations(op, *plan)) {
        op = createOnWideActivations(rewriter, op, plan->activations);
        plan = DotPlanner(op, *target, symbols).plan();
        if (failed(plan))
          continue;
      }
      FusedNeighbours &neighbours = plan->neighbours;
      rewriter.setInsertionPoint(neighbours.epilogue ? neighbours.epilogue->op
                                                     : op);
      DotEmitter(rewriter, op, *plan, symbols).emitLoops();
      ++numContractions;
      numFused += neighbours.epilogue ? 2 : 0;
      neighbours.eraseWith(rewriter, op);
    }
  }

  /// Whether every product would widen its activation.
  static bool needsWideActivations(linalg::LinalgOp op, const DotPlan &plan) {
    Type code = getElementTypeOrSelf(op->getOperand(plan.activations));
    return code.getIntOrFloatBitWidth() < plan.dot->elementWidth;
  }

  /// A contraction without dot products is many times slower.
  void reportMiss(Operation *op, StringRef reason) {
    auto options = remark::RemarkOpts::name("MissedDotProduct")
                       .category("ptq-vectorize-contractions");
    remark::missed(op->getLoc(), options) << remark::reason("{0}", reason);
  }
};

} // namespace
