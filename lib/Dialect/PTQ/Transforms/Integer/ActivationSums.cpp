//===- ActivationSums.cpp - Sums of codes that products share -------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a zero point of one factor is multiplied with are sums of the other one,
// over all that a product sums over. Of a convolution, the channels of each
// pixel are summed once, and windows of the image of these sums then.
//
//===----------------------------------------------------------------------===//

#include "IntegerRewriting.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::ptq;
using linalg::LinalgOp;

namespace {
/// Builds the sums of one input of an op.
class CodeSumBuilder {
public:
  CodeSumBuilder(ImplicitLocOpBuilder &builder, LinalgOp op, unsigned number,
                 Value codes, IntegerType sumType)
      : builder(builder), op(op), sumType(sumType), sums(codes),
        ranges(op.getStaticLoopRanges()), iterators(op.getIteratorTypesArray()),
        resultMap(op.getMatchingIndexingMap(op.getDpsInitOperand(0))) {
    // A loop that runs once moves nothing.
    AffineMap map = op.getMatchingIndexingMap(op.getDpsInputOperand(number));
    SmallVector<AffineExpr> loops;
    for (unsigned loop = 0; loop < op.getNumLoops(); ++loop)
      loops.push_back(isSummed(loop) && ranges[loop] == 1
                          ? builder.getAffineConstantExpr(0)
                          : builder.getAffineDimExpr(loop));
    for (AffineExpr index : map.getResults()) {
      AffineExpr moved = index.replaceDims(loops);
      indices.push_back(isa<AffineConstantExpr>(moved) ? index : moved);
    }
  }

  ElementwiseOperand build() {
    sumDimensions();
    sumWindows();
    SmallVector<AffineExpr> fromResult(op.getNumLoops(),
                                       builder.getAffineConstantExpr(0));
    for (auto [dim, loop] : llvm::enumerate(resultMap.getResults()))
      fromResult[cast<AffineDimExpr>(loop).getPosition()] =
          builder.getAffineDimExpr(dim);
    for (AffineExpr &index : indices)
      index = index.replaceDims(fromResult);
    return {sums, AffineMap::get(resultMap.getNumResults(), /*symbolCount=*/0,
                                 indices, builder.getContext())};
  }

private:
  bool isSummed(unsigned loop) const {
    return iterators[loop] == utils::IteratorType::reduction;
  }

  bool isSummed(AffineExpr index) const {
    auto loop = dyn_cast<AffineDimExpr>(index);
    return loop && isSummed(loop.getPosition());
  }

  /// Zeros of these sizes.
  Value createZeros(ArrayRef<OpFoldResult> sizes) {
    Value zero =
        arith::ConstantOp::create(builder, builder.getIntegerAttr(sumType, 0));
    Value empty = tensor::EmptyOp::create(builder, sizes, sumType);
    return linalg::FillOp::create(builder, zero, empty).getResult(0);
  }

  void sum(ValueRange inputs, Value init, ArrayRef<AffineMap> maps,
           ArrayRef<utils::IteratorType> kinds) {
    auto generic = linalg::GenericOp::create(
        builder, init.getType(), inputs, init, maps, kinds,
        [&](OpBuilder &b, Location loc, ValueRange arguments) {
          ImplicitLocOpBuilder body(loc, b);
          Value code = arguments.front();
          if (code.getType() != sumType)
            code = arith::ExtSIOp::create(body, sumType, code);
          Value sum = arith::AddIOp::create(body, arguments.back(), code);
          linalg::YieldOp::create(body, sum);
        });
    sums = generic.getResult(0);
  }

  /// Sums over the dimensions that are summed over as a whole.
  void sumDimensions() {
    SmallVector<utils::IteratorType> kinds;
    SmallVector<AffineExpr> kept, keptIndices;
    SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(
                                  builder, builder.getLoc(), sums),
                              keptSizes;
    for (auto [dim, index] : llvm::enumerate(indices)) {
      bool isReduced = isSummed(index);
      kinds.push_back(isReduced ? utils::IteratorType::reduction
                                : utils::IteratorType::parallel);
      if (isReduced)
        continue;
      kept.push_back(builder.getAffineDimExpr(dim));
      keptIndices.push_back(index);
      keptSizes.push_back(sizes[dim]);
    }
    auto rank = static_cast<unsigned>(indices.size());
    AffineMap maps[] = {
        builder.getMultiDimIdentityMap(rank),
        AffineMap::get(rank, /*symbolCount=*/0, kept, builder.getContext())};
    sum(sums, createZeros(keptSizes), maps, kinds);
    indices = std::move(keptIndices);
  }

  /// Sums over what is left of the loops that are summed over: windows.
  void sumWindows() {
    // Each loop of the sum is one of the op's that moves an index.
    SmallVector<AffineExpr> loops(op.getNumLoops(),
                                  builder.getAffineConstantExpr(0));
    SmallVector<utils::IteratorType> kinds;
    SmallVector<AffineExpr> outputs, outputIndices, window;
    SmallVector<OpFoldResult> sizes;
    SmallVector<int64_t> windowShape;
    SmallVector<OpFoldResult> resultSizes = tensor::getMixedSizes(
        builder, builder.getLoc(), op.getDpsInitOperand(0)->get());
    for (unsigned loop = 0; loop < op.getNumLoops(); ++loop) {
      if (llvm::none_of(indices, [&](AffineExpr index) {
            return index.isFunctionOfDim(loop);
          }))
        continue;
      loops[loop] = builder.getAffineDimExpr(kinds.size());
      kinds.push_back(iterators[loop]);
      if (isSummed(loop)) {
        window.push_back(loops[loop]);
        windowShape.push_back(ranges[loop]);
        continue;
      }
      outputs.push_back(loops[loop]);
      AffineExpr original = builder.getAffineDimExpr(loop);
      outputIndices.push_back(original);
      sizes.push_back(resultSizes[*resultMap.getResultPosition(original)]);
    }
    if (window.empty())
      return;
    // The shape of a window is that of an operand which nothing is read from.
    Value shape = tensor::EmptyOp::create(builder, windowShape, sumType);
    MLIRContext *context = builder.getContext();
    auto rank = static_cast<unsigned>(kinds.size());
    SmallVector<AffineExpr> read = llvm::map_to_vector(
        indices, [&](AffineExpr index) { return index.replaceDims(loops); });
    AffineMap maps[] = {AffineMap::get(rank, 0, read, context),
                        AffineMap::get(rank, 0, window, context),
                        AffineMap::get(rank, 0, outputs, context)};
    sum({sums, shape}, createZeros(sizes), maps, kinds);
    indices = std::move(outputIndices);
  }

  ImplicitLocOpBuilder &builder;
  LinalgOp op;
  IntegerType sumType;
  /// What has been summed so far, and its indices by the loops of the op.
  Value sums;
  SmallVector<AffineExpr> indices;
  SmallVector<int64_t> ranges;
  SmallVector<utils::IteratorType> iterators;
  AffineMap resultMap;
};
} // namespace

ElementwiseOperand mlir::ptq::createCodeSums(ImplicitLocOpBuilder &builder,
                                             LinalgOp op, unsigned number,
                                             Value codes, IntegerType sumType) {
  return CodeSumBuilder(builder, op, number, codes, sumType).build();
}
