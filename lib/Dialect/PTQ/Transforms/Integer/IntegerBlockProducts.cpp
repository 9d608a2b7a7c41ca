//===- IntegerBlockProducts.cpp - Products with a scale for each block ----===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where scales change along what is summed over, each block of it is a sum of
// products of codes. Windows of convolutions have blocks along the channels of
// each of their positions. This file matches such products and computes how
// large their sums can become; BlockProductBuilder.cpp says what they become.
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

/// Whether scales of `dequantize` are those of several elements along its
/// dimensions `dims`, but not of all.
static bool hasBlocksAlong(DequantizeOp dequantize, ArrayRef<int64_t> dims) {
  std::optional<ArrayRef<int64_t>> blocks = dequantize.getBlockSize();
  if (!blocks)
    return false;
  ArrayRef<int64_t> shape = dequantize.getInput().getType().getShape();
  return llvm::any_of(dims, [&](int64_t dim) { return (*blocks)[dim] > 1; }) &&
         llvm::any_of(dims, [&](int64_t dim) {
           return ShapedType::isDynamic(shape[dim]) ||
                  (*blocks)[dim] < shape[dim];
         });
}

bool mlir::ptq::hasBlockScales(LinalgOp op) {
  auto quantizable = cast<QuantizableOpInterface>(op.getOperation());
  return llvm::any_of(op.getDpsInputOperands(), [&](OpOperand *input) {
    EdgePath path = traceToRoot(*input);
    auto dequantize = path.root.getDefiningOp<DequantizeOp>();
    FailureOr<SmallVector<int64_t>> summed = mapDimsToRoot(
        path, quantizable.getReductionDims(input->getOperandNumber()));
    return dequantize && succeeded(summed) &&
           hasBlocksAlong(dequantize, *summed);
  });
}

/// Whether blocks of `op`, a sum of products with `weight`, can be summed one
/// by one: their places in the weights and in the result are those of loops.
static LogicalResult checkMaps(LinalgOp op, OpOperand &weight,
                               ExplainFn explain) {
  AffineMap weightMap = op.getMatchingIndexingMap(&weight);
  AffineMap resultMap = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  if (!weightMap.isProjectedPermutation() ||
      !resultMap.isProjectedPermutation())
    return explain("blocks need weights and a result that are indexed by plain "
                   "loops");
  if (classifyStructuredOp(op) != StructuredOpKind::Convolution)
    return success();
  AffineMap activationMap = op.getMatchingIndexingMap(
      op.getDpsInputOperand(1 - weight.getOperandNumber()));
  for (AffineExpr loop : resultMap.getResults()) {
    unsigned position = cast<AffineDimExpr>(loop).getPosition();
    if (weightMap.isFunctionOfDim(position) &&
        activationMap.isFunctionOfDim(position))
      return explain("convolutions in groups have no integer form with scales "
                     "for blocks");
  }
  return success();
}

/// What `op` sums over: loops of static size, of which each that is a dimension
/// of both factors may be that of the blocks. A product for each of these.
static FailureOr<SmallVector<IntegerBlockProduct, 1>>
matchSumLoops(LinalgOp op, unsigned weightNumber, ExplainFn explain) {
  SmallVector<unsigned> reductions;
  op.getReductionDims(reductions);
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  if (llvm::any_of(reductions, [&](unsigned loop) {
        return ShapedType::isDynamic(ranges[loop]);
      }))
    return explain("blocks need a sum of static size");
  SmallVector<IntegerBlockProduct, 1> products;
  for (unsigned loop : reductions) {
    IntegerBlockProduct product;
    product.op = op;
    product.sumLoop = loop;
    AffineExpr expr = getAffineDimExpr(loop, op.getContext());
    for (OpOperand *input : op.getDpsInputOperands())
      if (std::optional<unsigned> dim =
              op.getMatchingIndexingMap(input).getResultPosition(expr))
        product.sumDims.push_back(*dim);
    if (product.sumDims.size() < 2)
      continue;
    product.depth = ranges[loop];
    product.outerSumLoops = reductions;
    llvm::erase(product.outerSumLoops, loop);
    product.weightNumber = weightNumber;
    products.push_back(std::move(product));
  }
  if (products.empty())
    return explain("blocks need a sum over a dimension of both factors");
  return products;
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

/// Matches the factors of `product` with blocks along its loop.
static LogicalResult matchFactors(IntegerBlockProduct &product,
                                  ExplainFn explain) {
  LinalgOp op = product.op;
  unsigned activationNumber = 1 - product.weightNumber;
  std::optional<QuantizedBlocks> activation =
      matchQuantizedBlocks(op.getDpsInputOperand(activationNumber)->get(),
                           product.sumDims[activationNumber]);
  if (!activation)
    return explain("the activation is not quantized to i8 or i16 with scales "
                   "of blocks along the sum, of tokens or of the whole tensor");
  int64_t dim = product.sumDims[product.weightNumber];
  FailureOr<BlockWeights> weights = matchBlockWeights(
      *op.getDpsInputOperand(product.weightNumber), dim, explain);
  if (failed(weights))
    return failure();
  FailureOr<int64_t> blockSize = joinBlockSizes(
      activation->blockSize, weights->blockSize, product.depth, explain);
  if (failed(blockSize))
    return failure();
  product.weights = splitIntoBlocks(*weights, dim, *blockSize);
  product.activation = std::move(*activation);
  return success();
}

FailureOr<IntegerBlockProduct>
mlir::ptq::matchIntegerBlockProduct(LinalgOp op, ExplainFn explain) {
  StructuredOpKind kind = classifyStructuredOp(op);
  if (kind != StructuredOpKind::Contraction &&
      kind != StructuredOpKind::Convolution)
    return explain("only contractions and convolutions have an integer form "
                   "with scales for blocks");
  OpOperand *weight = getWeight(op);
  if (!hasBlockScales(op))
    return explain("no scale changes along the sum");
  if (!weight)
    return explain("products of two activations have no integer form with "
                   "scales for blocks");
  if (failed(checkMaps(op, *weight, explain)))
    return failure();
  FailureOr<SmallVector<IntegerBlockProduct, 1>> candidates =
      matchSumLoops(op, weight->getOperandNumber(), explain);
  if (failed(candidates))
    return failure();
  // Of several loops, blocks are those of the loop that has the largest.
  IntegerBlockProduct product;
  for (IntegerBlockProduct &candidate : *candidates)
    if (succeeded(matchFactors(candidate, explain)) &&
        candidate.weights.blockSize > product.weights.blockSize)
      product = std::move(candidate);
  if (!product.op)
    return failure();
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
