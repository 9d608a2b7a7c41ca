//===- ChooseParametersToLinalg.cpp - Ranges at run time, as linalg -------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The range is a reduction to one minimum and one maximum for each tensor,
// index along an axis, token or block; scale and zero point follow from it as
// in chooseQuantizationParameters, in f64. For blocks, their dimension is split
// in two; a short last block is filled up with zeros, which every range holds.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"
#include "ptq/Conversion/PTQToLinalg/PTQToLinalg.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Utils/BlockReshapes.h"
#include "ptq/Dialect/PTQ/Utils/CodeArithmetic.h"
#include "ptq/Dialect/PTQ/Utils/ElementwiseOps.h"
#include <cfloat>
#include <limits>

using namespace mlir;
using namespace mlir::ptq;

static Value createFloat(ImplicitLocOpBuilder &builder, Type type,
                         double value) {
  return arith::ConstantOp::create(builder, builder.getFloatAttr(type, value));
}

/// `lhs` if it compares by `predicate` to `rhs`, else `rhs`.
static Value createSelection(ImplicitLocOpBuilder &builder,
                             arith::CmpFPredicate predicate, Value lhs,
                             Value rhs) {
  Value isChosen = arith::CmpFOp::create(builder, predicate, lhs, rhs);
  return arith::SelectOp::create(builder, isChosen, lhs, rhs);
}

static Value createClamp(ImplicitLocOpBuilder &builder, Value value, double low,
                         double high) {
  Type type = value.getType();
  value = createSelection(builder, arith::CmpFPredicate::OGT, value,
                          createFloat(builder, type, low));
  return createSelection(builder, arith::CmpFPredicate::OLT, value,
                         createFloat(builder, type, high));
}

/// The dimensions of data of rank `rank` that `encoding` measures each index of
/// by itself.
static SmallVector<int64_t> getKeptDims(EncodingAttr encoding, int64_t rank) {
  switch (encoding.getGranularity()) {
  case Granularity::Axis:
    return {*encoding.getAxis()};
  case Granularity::Token:
    return llvm::to_vector(llvm::seq<int64_t>(rank - 1));
  case Granularity::Block: {
    SmallVector<int64_t> dims = llvm::to_vector(llvm::seq<int64_t>(rank));
    dims.erase(dims.begin() + *encoding.getAxis() + 1);
    return dims;
  }
  case Granularity::Tensor:
    break;
  }
  return {};
}

/// The smallest and the largest finite element for each index of `keptDims` of
/// `input`, in f32; both start from 0, which every range holds.
static std::pair<Value, Value> createRange(ImplicitLocOpBuilder &builder,
                                           Value input,
                                           ArrayRef<int64_t> keptDims) {
  auto type = cast<RankedTensorType>(input.getType());
  Type f32 = builder.getF32Type();
  SmallVector<int64_t> shape;
  SmallVector<Value> sizes;
  SmallVector<AffineExpr> keptExprs;
  SmallVector<utils::IteratorType> iterators(type.getRank(),
                                             utils::IteratorType::reduction);
  for (int64_t dim : keptDims) {
    shape.push_back(type.getDimSize(dim));
    if (type.isDynamicDim(dim))
      sizes.push_back(tensor::DimOp::create(builder, input, dim));
    keptExprs.push_back(builder.getAffineDimExpr(dim));
    iterators[dim] = utils::IteratorType::parallel;
  }
  Value empty = tensor::EmptyOp::create(builder, shape, f32, sizes);
  Value zeros =
      linalg::FillOp::create(builder, createFloat(builder, f32, 0.0), empty)
          .getResult(0);
  AffineMap identity = builder.getMultiDimIdentityMap(type.getRank());
  AffineMap kept = AffineMap::get(type.getRank(), /*symbolCount=*/0, keptExprs,
                                  builder.getContext());
  auto generic = linalg::GenericOp::create(
      builder, TypeRange{zeros.getType(), zeros.getType()}, input,
      ValueRange{zeros, zeros}, ArrayRef<AffineMap>{identity, kept, kept},
      iterators, [&](OpBuilder &b, Location loc, ValueRange arguments) {
        ImplicitLocOpBuilder body(loc, b);
        Value value = createWideningToF32(body, arguments[0]);
        Value magnitude = math::AbsFOp::create(body, value);
        // False for infinities and for NaN.
        Value isFinite = arith::CmpFOp::create(
            body, arith::CmpFPredicate::OLT, magnitude,
            createFloat(body, f32, std::numeric_limits<double>::infinity()));
        value = arith::SelectOp::create(body, isFinite, value,
                                        createFloat(body, f32, 0.0));
        Value min = createSelection(body, arith::CmpFPredicate::OLT, value,
                                    arguments[1]);
        Value max = createSelection(body, arith::CmpFPredicate::OGT, value,
                                    arguments[2]);
        linalg::YieldOp::create(body, ValueRange{min, max});
      });
  return {generic.getResult(0), generic.getResult(1)};
}

/// `numerator / steps` in f64, as a normal positive f32; 1 for a range of 0.
static Value createScale(ImplicitLocOpBuilder &builder, Value numerator,
                         double steps) {
  Type f64 = builder.getF64Type();
  Value quotient = arith::DivFOp::create(builder, numerator,
                                         createFloat(builder, f64, steps));
  quotient = createClamp(builder, quotient, FLT_MIN, FLT_MAX);
  Value isZero =
      arith::CmpFOp::create(builder, arith::CmpFPredicate::OEQ, numerator,
                            createFloat(builder, f64, 0.0));
  Value scale = arith::SelectOp::create(
      builder, isZero, createFloat(builder, f64, 1.0), quotient);
  return arith::TruncFOp::create(builder, builder.getF32Type(), scale);
}

/// The scale for the range [min, max] of f32 values.
static Value createScaleOfRange(ImplicitLocOpBuilder &builder, Value min,
                                Value max, EncodingAttr encoding) {
  Type f64 = builder.getF64Type();
  min = arith::ExtFOp::create(builder, f64, min);
  max = arith::ExtFOp::create(builder, f64, max);
  if (!encoding.isSymmetric())
    return createScale(
        builder, arith::SubFOp::create(builder, max, min),
        static_cast<double>(encoding.getMaxCode() - encoding.getMinCode()));
  Value negated = arith::NegFOp::create(builder, min);
  Value threshold =
      createSelection(builder, arith::CmpFPredicate::OGT, negated, max);
  return createScale(builder, threshold,
                     static_cast<double>(encoding.getMaxCode()));
}

/// The zero point for the range [min, max] of f32 values and its scale.
static Value createZeroPointOfRange(ImplicitLocOpBuilder &builder, Value min,
                                    Value max, Value scale,
                                    EncodingAttr encoding, Type type) {
  Type f64 = builder.getF64Type();
  double lowest = static_cast<double>(encoding.getMinCode());
  double highest = static_cast<double>(encoding.getMaxCode());
  Value quotient =
      arith::DivFOp::create(builder, arith::ExtFOp::create(builder, f64, min),
                            arith::ExtFOp::create(builder, f64, scale));
  Value position = arith::SubFOp::create(
      builder, createFloat(builder, f64, lowest), quotient);
  position = math::RoundEvenOp::create(builder, position);
  position = createClamp(builder, position, lowest, highest);
  // The range [0, 0] has zero point 0.
  Value isEmpty =
      arith::CmpFOp::create(builder, arith::CmpFPredicate::OEQ, min, max);
  position = arith::SelectOp::create(builder, isEmpty,
                                     createFloat(builder, f64, 0.0), position);
  Value wide = arith::FPToSIOp::create(builder, builder.getI64Type(), position);
  return arith::TruncIOp::create(builder, type, wide);
}

/// `tensor` as a value of `type`: its only element for a scalar, with a last
/// dimension of 1 appended for tokens, and as it is along an axis.
static Value createReshape(ImplicitLocOpBuilder &builder, Value tensor,
                           Type type) {
  auto resultType = dyn_cast<RankedTensorType>(type);
  if (!resultType)
    return tensor::ExtractOp::create(builder, tensor, ValueRange{});
  auto sourceType = cast<RankedTensorType>(tensor.getType());
  int64_t rank = sourceType.getRank();
  if (rank < resultType.getRank()) {
    SmallVector<ReassociationIndices> groups;
    for (int64_t dim = 0; dim < rank; ++dim)
      groups.push_back({dim});
    if (rank > 0)
      groups.back().push_back(rank);
    SmallVector<int64_t> shape(sourceType.getShape());
    shape.push_back(1);
    tensor = tensor::ExpandShapeOp::create(
        builder, RankedTensorType::get(shape, sourceType.getElementType()),
        tensor, groups);
  }
  if (tensor.getType() == resultType)
    return tensor;
  return tensor::CastOp::create(builder, resultType, tensor);
}

namespace {

struct ConvertChooseParameters : OpRewritePattern<ChooseParametersOp> {
  using Base::Base;

  LogicalResult matchAndRewrite(ChooseParametersOp op,
                                PatternRewriter &rewriter) const override {
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    EncodingAttr encoding = op.getEncoding();
    Value input = op.getInput();
    if (encoding.getGranularity() == Granularity::Block)
      input = createSplitIntoBlocks(builder, input, *encoding.getAxis(),
                                    *encoding.getBlockSize());
    int64_t rank = cast<RankedTensorType>(input.getType()).getRank();
    auto [min, max] = createRange(builder, input, getKeptDims(encoding, rank));
    ArrayRef<int64_t> shape = cast<RankedTensorType>(min.getType()).getShape();
    Type scaleType = getElementTypeOrSelf(op.getScale());

    // Scale and zero point are both computed in f32 and converted at the end,
    // so that a scale of f16 does not move the zero point.
    Value scale = createElementwise(
        builder, RankedTensorType::get(shape, builder.getF32Type()),
        {{min}, {max}}, [&](ImplicitLocOpBuilder &body, ValueRange elements) {
          return createScaleOfRange(body, elements[0], elements[1], encoding);
        });
    SmallVector<Value> results;
    if (scaleType.isF32()) {
      results.push_back(scale);
    } else {
      results.push_back(createElementwise(
          builder, RankedTensorType::get(shape, scaleType), {{scale}},
          [&](ImplicitLocOpBuilder &body, ValueRange elements) -> Value {
            return arith::TruncFOp::create(body, scaleType, elements.front());
          }));
    }
    if (Value zeroPoint = op.getZeroPoint()) {
      Type type = getElementTypeOrSelf(zeroPoint);
      results.push_back(createElementwise(
          builder, RankedTensorType::get(shape, type), {{min}, {max}, {scale}},
          [&](ImplicitLocOpBuilder &body, ValueRange elements) {
            return createZeroPointOfRange(body, elements[0], elements[1],
                                          elements[2], encoding, type);
          }));
    }
    for (auto [result, value] : llvm::zip_equal(op->getResults(), results))
      value = createReshape(builder, value, result.getType());
    rewriter.replaceOp(op, results);
    return success();
  }
};

} // namespace

void mlir::ptq::populateChooseParametersToLinalgPatterns(
    RewritePatternSet &patterns) {
  patterns.add<ConvertChooseParameters>(patterns.getContext());
}
