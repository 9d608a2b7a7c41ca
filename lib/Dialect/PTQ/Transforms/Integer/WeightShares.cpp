//===- WeightShares.cpp - Weights that bytes hold less a share ------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Bytes less a zero point are integers of 9 bits. As i16 they take twice the
// memory, and dot products of bytes, which are twice as fast where there are
// any, cannot multiply them. Less another number they are bytes again, and the
// products miss this number times a sum of activations, of which there is one
// for all output channels.
//
//===----------------------------------------------------------------------===//

#include "IntegerRewriting.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "ptq/Dialect/PTQ/Models/EdgeTracing.h"
#include "ptq/Dialect/PTQ/Models/StructuredOpKind.h"
#include "ptq/Dialect/PTQ/Transforms/TensorConstants.h"
#include "ptq/Dialect/PTQ/Utils/CodeArithmetic.h"

using namespace mlir;
using namespace mlir::ptq;
using linalg::LinalgOp;

//===----------------------------------------------------------------------===//
// Whether to
//===----------------------------------------------------------------------===//

/// Whether sums of `activations` can be computed beside the products of `op`,
/// and are few operations compared to these.
static bool haveCheapSums(LinalgOp op, unsigned weightNumber,
                          Value activations) {
  // To sum an activation costs as much as a few of its products.
  constexpr int64_t kMinUses = 64;
  StructuredOpKind kind = classifyStructuredOp(op);
  if (kind != StructuredOpKind::Contraction &&
      kind != StructuredOpKind::Convolution)
    return false;
  AffineMap map =
      op.getMatchingIndexingMap(op.getDpsInputOperand(1 - weightNumber));
  SmallVector<unsigned> reductions;
  op.getReductionDims(reductions);
  return countProductsOfEach(op, activations) >= kMinUses &&
         llvm::all_of(reductions,
                      [&](unsigned loop) { return map.isFunctionOfDim(loop); });
}

//===----------------------------------------------------------------------===//
// Taking off
//===----------------------------------------------------------------------===//

namespace {
/// The least and the largest of some weights.
struct WeightRange {
  int16_t min = std::numeric_limits<int16_t>::max();
  int16_t max = std::numeric_limits<int16_t>::min();

  bool fitsBytes() const { return max - min <= UINT8_MAX; }

  /// The number nearest to 0 that leaves bytes if it is taken off.
  int64_t getShare() const {
    return std::clamp<int64_t>(0, max - INT8_MAX, min - INT8_MIN);
  }
};
} // namespace

/// Calls `callback` with the number of the channel of each of `weights`.
static void
forEachChannel(const ConstantWeights &weights, ArrayRef<KeptDim> kept,
               function_ref<void(int64_t index, int64_t channel)> callback) {
  ArrayRef<int64_t> shape = weights.codes.getShape();
  SmallVector<int64_t> steps(shape.size(), 0);
  int64_t step = 1;
  for (const KeptDim &dim : llvm::reverse(kept)) {
    steps[dim.weightDim] = step;
    step *= shape[dim.weightDim];
  }
  for (int64_t index = 0, e = weights.codes.getNumElements(); index < e;
       ++index) {
    int64_t channel = 0, rest = index;
    for (size_t dim = shape.size(); dim-- > 0;) {
      channel += rest % shape[dim] * steps[dim];
      rest /= shape[dim];
    }
    callback(index, channel);
  }
}

/// One share for all `weights` if there is one, else one for each of `count`
/// channels; none if a channel has none.
static SmallVector<int64_t> chooseShares(const ConstantWeights &weights,
                                         ArrayRef<KeptDim> kept,
                                         int64_t count) {
  ArrayRef<int16_t> codes = weights.codes.getData<int16_t>();
  SmallVector<WeightRange> channels(count);
  WeightRange all;
  forEachChannel(weights, kept, [&](int64_t index, int64_t channel) {
    for (WeightRange *range : {&all, &channels[channel]}) {
      range->min = std::min(range->min, codes[index]);
      range->max = std::max(range->max, codes[index]);
    }
  });
  if (all.fitsBytes())
    return {all.getShare()};
  if (!llvm::all_of(channels, [](WeightRange r) { return r.fitsBytes(); }))
    return {};
  return llvm::map_to_vector(channels,
                             [](WeightRange r) { return r.getShare(); });
}

int64_t mlir::ptq::takeOffShares(ConstantWeights &weights, LinalgOp op,
                                 unsigned weightNumber, Value activations,
                                 ArrayRef<KeptDim> kept, int64_t largestBias) {
  if (!weights.codes.getElementType().isInteger(16) ||
      !getElementTypeOrSelf(activations).isInteger(8) ||
      !haveCheapSums(op, weightNumber, activations))
    return 0;
  SmallVector<int64_t> keptDims = llvm::map_to_vector(
      kept, [](const KeptDim &dim) { return dim.weightDim; });
  SmallVector<CodeSum> before = weights.sum(keptDims);
  ConstantWeights bytes = weights;
  auto count = static_cast<int64_t>(before.size());
  bytes.shares = chooseShares(weights, kept, count);
  if (bytes.shares.empty())
    return 0;
  auto getShare = [&](int64_t channel) {
    return bytes.shares[bytes.shares.size() == 1 ? 0 : channel];
  };
  Type i8 = IntegerType::get(op.getContext(), 8);
  bytes.codes =
      TensorValue::allocateUninitialized(weights.codes.getType().clone(i8));
  ArrayRef<int16_t> from = weights.codes.getData<int16_t>();
  MutableArrayRef<int8_t> to = bytes.codes.getMutableData<int8_t>();
  forEachChannel(weights, kept, [&](int64_t index, int64_t channel) {
    to[index] = static_cast<int8_t>(from[index] - getShare(channel));
  });

  // The accumulator starts from the bias less the activation's zero point times
  // the sum of the weights, and from the share; products are added one by one.
  CodeRange codes = getCodeRangeOf(activations);
  int64_t largest = std::max(-codes.min, codes.max);
  int64_t depth = weights.codes.getNumElements() / count;
  int64_t bound = 0;
  for (auto [channel, sums] :
       llvm::enumerate(llvm::zip_equal(before, bytes.sum(keptDims)))) {
    auto [whole, rest] = sums;
    int64_t factors = std::abs(whole.sum) +
                      std::abs(getShare(channel)) * depth + rest.magnitude;
    bound = std::max(bound, largest * factors + largestBias);
  }
  if (bound > kMaxI32Accumulator)
    return 0;
  weights = std::move(bytes);
  return bound;
}

//===----------------------------------------------------------------------===//
// Making up for it
//===----------------------------------------------------------------------===//

SmallVector<ElementwiseOperand, 2>
mlir::ptq::createShares(ImplicitLocOpBuilder &builder, LinalgOp op,
                        const ConstantWeights &weights, unsigned weightNumber,
                        Value activations, ArrayRef<KeptDim> kept,
                        IntegerType type) {
  if (weights.shares.empty())
    return {};
  SmallVector<int64_t> negated =
      llvm::map_to_vector(weights.shares, [](int64_t share) { return -share; });
  ElementwiseOperand shares;
  if (negated.size() == 1) {
    shares.value = arith::ConstantOp::create(
        builder, builder.getIntegerAttr(type, negated.front()));
  } else {
    auto resultType = cast<RankedTensorType>(op->getResult(0).getType());
    SmallVector<int64_t> shape;
    SmallVector<AffineExpr> dims;
    for (const KeptDim &dim : kept) {
      shape.push_back(resultType.getDimSize(dim.resultDim));
      dims.push_back(builder.getAffineDimExpr(dim.resultDim));
    }
    shares = {createIntegerConstant(builder, builder.getLoc(), type, shape,
                                    negated,
                                    getEdgeName(op->getResult(0)) + "_shares"),
              AffineMap::get(resultType.getRank(), /*symbolCount=*/0, dims,
                             builder.getContext())};
  }
  return {shares,
          createCodeSums(builder, op, 1 - weightNumber, activations, type)};
}
