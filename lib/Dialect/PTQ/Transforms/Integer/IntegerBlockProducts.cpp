//===- IntegerBlockProducts.cpp - Products with a scale for each block ----===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where scales change along what is summed over, each block of it is a sum of
// products of codes. This file matches such products and computes how large
// their sums can become; BlockProductBuilder.cpp says what they become.
//
//===----------------------------------------------------------------------===//

#include "IntegerRewriting.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "ptq/Dialect/PTQ/Models/EdgeTracing.h"
#include "ptq/Dialect/PTQ/Utils/CodeArithmetic.h"
#include "ptq/Quantization/CodeSums.h"

using namespace mlir;
using namespace mlir::ptq;
using linalg::LinalgOp;

//===----------------------------------------------------------------------===//
// Matching
//===----------------------------------------------------------------------===//

/// Whether `dequantize` has scales for parts of a dimension.
static bool hasBlocks(DequantizeOp dequantize) {
  std::optional<ArrayRef<int64_t>> blocks = dequantize.getBlockSize();
  if (!blocks)
    return false;
  ArrayRef<int64_t> shape = dequantize.getInput().getType().getShape();
  return llvm::any_of(llvm::zip_equal(*blocks, shape), [](auto pair) {
    auto [block, size] = pair;
    return block > 1 && (ShapedType::isDynamic(size) || block < size);
  });
}

bool mlir::ptq::hasBlockScales(LinalgOp op) {
  return llvm::any_of(op.getDpsInputOperands(), [](OpOperand *input) {
    auto dequantize = traceToRoot(*input).root.getDefiningOp<DequantizeOp>();
    return dequantize && hasBlocks(dequantize);
  });
}

/// Finds the one loop that `product.op` sums over, and where it is in the
/// inputs.
static LogicalResult matchLoops(IntegerBlockProduct &product,
                                ExplainFn explain) {
  LinalgOp op = product.op;
  if (!llvm::all_of(op.getIndexingMapsArray(),
                    [](AffineMap map) { return map.isProjectedPermutation(); }))
    return explain("blocks need operands that are indexed by plain loops");
  SmallVector<unsigned> reductions;
  op.getReductionDims(reductions);
  if (reductions.size() != 1)
    return explain("blocks need a sum over one dimension");
  product.sumLoop = reductions.front();
  AffineExpr loop = getAffineDimExpr(product.sumLoop, op.getContext());
  for (OpOperand *input : op.getDpsInputOperands()) {
    std::optional<unsigned> dim =
        op.getMatchingIndexingMap(input).getResultPosition(loop);
    if (!dim)
      return explain("blocks need a sum over a dimension of both factors");
    product.sumDims.push_back(*dim);
  }
  product.depth = op.getStaticLoopRanges()[product.sumLoop];
  if (ShapedType::isDynamic(product.depth))
    return explain("blocks need a sum of static size");
  return success();
}

/// The largest blocks of which each has one scale on both sides.
static FailureOr<int64_t> joinBlockSizes(int64_t lhs, int64_t rhs,
                                         int64_t depth, ExplainFn explain) {
  int64_t smaller = std::min({lhs, rhs, depth});
  int64_t larger = std::max(lhs, rhs);
  if (smaller == 1)
    return explain("a scale changes with each element that is summed over");
  if (larger < depth && larger % smaller != 0)
    return explain("the blocks of weights and activations do not nest");
  return smaller;
}

/// Sums the weights of each block, less their zero points.
static SmallVector<CodeSum> sumWeights(const IntegerBlockProduct &product) {
  const TensorValue &codes = product.weights.codes;
  int64_t dim = product.sumDims[product.weightNumber];
  // Of the weights' dimensions, all but the elements of a block are kept.
  SmallVector<int64_t> kept =
      llvm::to_vector(llvm::seq<int64_t>(codes.getRank()));
  kept.erase(kept.begin() + dim + 1);
  SmallVector<CodeSum> sums =
      sumCodes(codes.getData<int8_t>(), codes.getShape(), kept);
  if (!product.weights.zeroPoints)
    return sums;
  // What fills up the last block has no zero point.
  int64_t stride =
      ShapedType::getNumElements(codes.getShape().drop_front(dim + 2));
  int64_t blockSize = product.weights.blockSize;
  for (auto [index, sum, zeroPoint] :
       llvm::enumerate(sums, product.weights.zeroPoints.getData<int32_t>())) {
    int64_t begin = index / stride % codes.getShape()[dim] * blockSize;
    int64_t count = std::min(blockSize, product.depth - begin);
    sum.sum -= count * zeroPoint;
    sum.magnitude += count * std::abs(zeroPoint);
  }
  return sums;
}

/// The largest magnitude that the sum of a block can have, zero points and what
/// is summed first included.
static int64_t computeBound(const IntegerBlockProduct &product) {
  Value codes = product.activation.value.codes;
  std::optional<int64_t> zeroPoint =
      matchZeroPoint(product.activation.value.zeroPoint);
  int64_t bound = 0;
  for (CodeSum sum : product.weightSums)
    bound = std::max(
        bound, zeroPoint
                   ? computeAccumulatorStart(sum, /*biasCode=*/0, *zeroPoint,
                                             getProducedCodeRange(codes))
                         .bound
                   : computeAccumulatorBound(sum, getCodeRangeOf(codes)));
  return bound;
}

FailureOr<IntegerBlockProduct>
mlir::ptq::matchIntegerBlockProduct(LinalgOp op, ExplainFn explain) {
  if (classifyStructuredOp(op) != StructuredOpKind::Contraction)
    return explain("only contractions have an integer form with scales for "
                   "blocks");
  IntegerBlockProduct product;
  product.op = op;
  OpOperand *weight = getWeight(op);
  if (!hasBlockScales(op))
    return explain("no scale changes along the sum");
  if (!weight)
    return explain("products of two activations have no integer form with "
                   "scales for blocks");
  if (failed(matchLoops(product, explain)))
    return failure();
  product.weightNumber = weight->getOperandNumber();
  unsigned activationNumber = 1 - product.weightNumber;
  std::optional<QuantizedBlocks> activation =
      matchQuantizedBlocks(op.getDpsInputOperand(activationNumber)->get(),
                           product.sumDims[activationNumber]);
  if (!activation)
    return explain("the activation is not quantized to i8 or i16 with scales "
                   "of blocks along the sum, of tokens or of the whole tensor");
  FailureOr<BlockWeights> weights = matchBlockWeights(
      *weight, product.sumDims[product.weightNumber], explain);
  if (failed(weights))
    return failure();
  FailureOr<int64_t> blockSize = joinBlockSizes(
      activation->blockSize, weights->blockSize, product.depth, explain);
  if (failed(blockSize))
    return failure();
  product.weights = splitIntoBlocks(
      *weights, product.sumDims[product.weightNumber], *blockSize);
  product.activation = std::move(*activation);
  product.weightSums = sumWeights(product);
  product.bound = computeBound(product);
  if (product.bound > kMaxI32Accumulator)
    return explain("the sum of a block could exceed i32");
  return product;
}

//===----------------------------------------------------------------------===//
// Rewriting
//===----------------------------------------------------------------------===//

namespace {

struct RewriteBlockProduct
    : FloatOpPattern<IntegerBlockProduct, matchIntegerBlockProduct> {
  using FloatOpPattern::FloatOpPattern;

private:
  void rewrite(IntegerBlockProduct &product,
               PatternRewriter &rewriter) const override {
    remarkAccumulatorBound(product.op, rewriter.getI32Type(), product.bound);
    ImplicitLocOpBuilder builder(product.op.getLoc(), rewriter);
    rewriter.replaceOp(product.op, createBlockProduct(builder, product));
  }
};

} // namespace

void mlir::ptq::populateIntegerBlockProductPatterns(
    RewritePatternSet &patterns) {
  patterns.add<RewriteBlockProduct>(patterns.getContext());
}
