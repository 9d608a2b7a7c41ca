//===- WeightKernel.cpp - Products of dequantized weights -----------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WeightKernel.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::ptq;

/// As many tiles compute their weights for themselves.
static constexpr int64_t kMaxTilesWithoutPanel = 1;

/// Vectors of one row that are summed side by side: a sum waits for the one
/// before it.
static constexpr int64_t kVectorsOfRow = 4;

//===----------------------------------------------------------------------===//
// Planning
//===----------------------------------------------------------------------===//

/// The parallel loops of `kernel` whose points have the weights in common.
static SmallVector<unsigned> getSharingLoops(const FusedWeights &weights) {
  linalg::LinalgOp kernel = weights.kernel;
  SmallVector<unsigned> loops;
  for (auto [dim, type] : llvm::enumerate(kernel.getIteratorTypesArray()))
    if (type == utils::IteratorType::parallel && !weights.dependsOn(dim))
      loops.push_back(dim);
  return loops;
}

FailureOr<WeightKernelPlan> mlir::ptq::planWeightKernel(
    FusedWeights weights, const TargetDescription &target, ExplainFn explain) {
  linalg::LinalgOp kernel = weights.kernel;
  FailureOr<RegisterTiling> tiling = planPayload(kernel, target, explain);
  if (failed(tiling))
    return failure();
  if (const char *obstacle = weights.findObstacle(tiling->vectorDim))
    return explain(obstacle);
  if (tiling->tileDim && weights.dependsOn(*tiling->tileDim))
    return explain("other vectors than those of weights are shared by rows");
  // Then there are few weights, and vectors of activations are better read one
  // after the other than tile by tile.
  OpOperand &activations = kernel->getOpOperand(1 - weights.operand);
  if (FlatAccess::getStaticStride(kernel, activations, tiling->vectorDim) != 0)
    return explain("each channel has activations of its own");
  SmallVector<int64_t> ranges = kernel.getStaticLoopRanges();
  int64_t range = ranges[tiling->vectorDim];
  if (ShapedType::isDynamic(range))
    return explain("the number of columns is not known");

  WeightKernelPlan plan{std::move(weights), *tiling, *tiling};
  // With fewer rows in a tile there are registers for more vectors.
  RegisterTiling &rowTiling = plan.rowTiling;
  if (!tiling->tileDim || ShapedType::isDynamic(ranges[*tiling->tileDim]))
    rowTiling.rows = 1;
  int64_t accumulators =
      std::max(tiling->rows * tiling->vectors, kVectorsOfRow);
  int64_t columns = llvm::divideCeil(range, tiling->lanes);
  int64_t vectors =
      std::min({kVectorsOfRow, accumulators / rowTiling.rows, columns});
  rowTiling.vectors *= std::max<int64_t>(vectors / tiling->vectors, 1);
  if (plan.weights.op)
    for (unsigned dim : getSharingLoops(plan.weights))
      if (dim != tiling->tileDim)
        plan.tiling.innerDims.push_back(dim);
  return plan;
}

//===----------------------------------------------------------------------===//
// Emission
//===----------------------------------------------------------------------===//

namespace {

/// Emits a kernel that computes each vector of weights where it is multiplied.
class WeightKernelEmitter : public PayloadEmitter {
public:
  WeightKernelEmitter(RewriterBase &rewriter, const FusedWeights &fused,
                      const RegisterTiling &tiling,
                      const FusedNeighbours &neighbours)
      : PayloadEmitter(rewriter, fused.kernel, tiling, neighbours,
                       fused.operand),
        fused(fused), weights(builder, fused, tiling.vectorDim) {}

protected:
  BlockedRange getReductionRange(unsigned dim) const override {
    return fused.getBlockedRange(dim, ranges[dim]);
  }

  bool dependsOn(unsigned input, unsigned dim) const override {
    return input == fused.operand ? fused.dependsOn(dim)
                                  : PayloadEmitter::dependsOn(input, dim);
  }

  Value loadOperand(unsigned index, const Tile &tile, int64_t row,
                    int64_t column) override {
    return index == fused.operand
               ? emitWeights(tile, column)
               : PayloadEmitter::loadOperand(index, tile, row, column);
  }

  Value emitWeights(const Tile &tile, int64_t column) {
    int64_t distance = column * tiling.lanes;
    OpFoldResult panel = addConstant(builder, loc, positions[tiling.vectorDim],
                                     distance - distance % fused.panelSize);
    return weights.emit(getPositions(/*row=*/0, column), panel,
                        tile.widths[column]);
  }

  const FusedWeights &fused;

private:
  FusedWeightsEmitter weights;
};

/// Emits a kernel that computes a panel of weights before the loops that have
/// it in common.
class WeightPanelEmitter : public WeightKernelEmitter {
public:
  using WeightKernelEmitter::WeightKernelEmitter;

private:
  void beginVectors(const Tile &tile) override {
    SmallVector<unsigned> dims;
    SmallVector<BlockedRange> blocks;
    SmallVector<int64_t> shape;
    SmallVector<AffineExpr> index;
    for (unsigned dim : reductionDims) {
      if (!fused.dependsOn(dim))
        continue;
      dims.push_back(dim);
      blocks.push_back(fused.getBlockedRange(dim, ranges[dim]));
      shape.push_back(*getConstantIntValue(ranges[dim]));
      index.push_back(builder.getAffineDimExpr(dim));
    }
    // The last dimension of the map is where the panel begins.
    unsigned numLoops = op.getNumLoops();
    shape.push_back(llvm::sum_of(tile.widths));
    index.push_back(builder.getAffineDimExpr(tiling.vectorDim) -
                    builder.getAffineDimExpr(numLoops));
    Type element = op.getBlock()->getArgument(fused.operand).getType();
    Value buffer =
        memref::AllocOp::create(builder, loc, MemRefType::get(shape, element),
                                builder.getI64IntegerAttr(kBufferAlignment));
    panel = FlatAccess(
        builder, loc,
        AffineMap::get(numLoops + 1, 0, index, builder.getContext()), buffer);
    SmallVector<Operation *> stores;
    emitBlockedReductionNest(
        builder, loc, blocks, /*inits=*/ValueRange(),
        [&](ArrayRef<OpFoldResult> here, ValueRange) {
          for (auto [dim, position] : llvm::zip_equal(dims, here))
            positions[dim] = position;
          for (int64_t column = 0, e = tile.widths.size(); column < e; ++column)
            stores.push_back(panel.store(builder, loc,
                                         emitWeights(tile, column),
                                         getPanelAddress(column)));
          return SmallVector<Value>();
        });
    // Behind everything else in their loop, or they would keep weights that
    // share a byte from sharing a load.
    for (Operation *store : stores)
      if (store->getBlock() != builder.getInsertionBlock())
        store->moveBefore(store->getBlock()->getTerminator());
  }

  BlockedRange getReductionRange(unsigned dim) const override {
    return PayloadEmitter::getReductionRange(dim);
  }

  Value loadOperand(unsigned index, const Tile &tile, int64_t row,
                    int64_t column) override {
    return index == fused.operand
               ? panel.loadContiguous(builder, loc, getPanelAddress(column),
                                      tile.widths[column])
               : PayloadEmitter::loadOperand(index, tile, row, column);
  }

  Value getPanelAddress(int64_t column) {
    SmallVector<OpFoldResult> here = getPositions(/*row=*/0, column);
    here.push_back(positions[tiling.vectorDim]);
    return panel.getAddress(builder, loc, here);
  }

  /// The weights of the vectors at hand, as floats.
  FlatAccess panel;
};

} // namespace

/// Emits the kernel for many rows or for few.
static void emitVariant(RewriterBase &rewriter, const WeightKernelPlan &plan,
                        const FusedNeighbours &neighbours, bool isForManyRows) {
  const RegisterTiling &tiling = isForManyRows ? plan.tiling : plan.rowTiling;
  // Constant floats are in panels already.
  if (isForManyRows && plan.weights.op)
    WeightPanelEmitter(rewriter, plan.weights, tiling, neighbours).emitLoops();
  else
    WeightKernelEmitter(rewriter, plan.weights, tiling, neighbours).emitLoops();
}

void mlir::ptq::emitWeightKernel(RewriterBase &rewriter, WeightKernelPlan &plan,
                                 const FusedNeighbours &neighbours,
                                 SymbolTableCollection &symbols) {
  linalg::LinalgOp kernel = plan.weights.kernel;
  Location loc = kernel.getLoc();
  unsigned vectorDim = plan.tiling.vectorDim;
  plan.weights.pack(rewriter, vectorDim,
                    kernel.getStaticLoopRanges()[vectorDim],
                    plan.tiling.lanes * plan.tiling.vectors, symbols);

  // The number of tiles for which each vector of weights is needed.
  SmallVector<Range> ranges = kernel.createLoopRanges(rewriter, loc);
  AffineExpr tiles = rewriter.getAffineConstantExpr(1);
  SmallVector<OpFoldResult> sizes;
  for (unsigned dim : getSharingLoops(plan.weights)) {
    AffineExpr size = rewriter.getAffineSymbolExpr(sizes.size());
    sizes.push_back(ranges[dim].size);
    tiles =
        tiles *
        (dim == plan.tiling.tileDim ? size.ceilDiv(plan.rowTiling.rows) : size);
  }
  OpFoldResult numTiles = affine::makeComposedFoldedAffineApply(
      rewriter, loc, AffineMap::get(0, sizes.size(), tiles), sizes);
  if (std::optional<int64_t> number = getConstantIntValue(numTiles))
    return emitVariant(rewriter, plan, neighbours,
                       *number > kMaxTilesWithoutPanel);
  Value isForManyRows = arith::CmpIOp::create(
      rewriter, loc, arith::CmpIPredicate::sgt,
      getValueOrCreateConstantIndexOp(rewriter, loc, numTiles),
      arith::ConstantIndexOp::create(rewriter, loc, kMaxTilesWithoutPanel));
  auto branch = scf::IfOp::create(rewriter, loc, isForManyRows,
                                  /*withElseRegion=*/true);
  OpBuilder::InsertionGuard guard(rewriter);
  for (Block *block : {branch.thenBlock(), branch.elseBlock()}) {
    rewriter.setInsertionPointToStart(block);
    emitVariant(rewriter, plan, neighbours, block == branch.thenBlock());
  }
}
