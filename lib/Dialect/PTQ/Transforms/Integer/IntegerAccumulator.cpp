//===- IntegerAccumulator.cpp - From accumulators to codes and values -----===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "IntegerRewriting.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/Remarks.h"
#include "ptq/Dialect/PTQ/Models/EdgeTracing.h"
#include "ptq/Dialect/PTQ/Transforms/TensorConstants.h"
#include "ptq/Dialect/PTQ/Utils/ElementwiseOps.h"
#include "ptq/Dialect/PTQ/Utils/StructuredOpBuilder.h"
#include <cmath>

using namespace mlir;
using namespace mlir::ptq;
using linalg::LinalgOp;

IntegerType mlir::ptq::getAccumulatorType(Value codes, int64_t bound) {
  MLIRContext *context = codes.getContext();
  if (bound <= kMaxI32Accumulator)
    return IntegerType::get(context, 32);
  if (getElementTypeOrSelf(codes).isInteger(8))
    return {};
  return IntegerType::get(context, 64);
}

void mlir::ptq::remarkAccumulatorBound(LinalgOp op, IntegerType type,
                                       int64_t bound) {
  double bits = std::log2(static_cast<double>(std::max<int64_t>(bound, 1))) + 1;
  remark::analysis(op.getLoc(), remark::RemarkOpts::name("AccumulatorBound")
                                    .category("ptq-rewrite-to-integer"))
      << remark::reason("accumulators of '{0}' are within +-{1}, proved from "
                        "codes and weights: {2:F1} of i{3}'s bits",
                        getEdgeName(op->getResult(0)), bound, bits,
                        type.getWidth());
}

SmallVector<float> AccumulatorScale::getStepScales() const {
  // A step is the multiplier to codes of scale 1.
  return getMultipliers(1.0f);
}

SmallVector<float> AccumulatorScale::getMultipliers(float outputScale) const {
  return llvm::map_to_vector(weightScales, [&](float weightScale) {
    if (divisor != 1.0)
      return computeAverageMultiplier(inputScale, divisor, outputScale);
    return computeRequantizationMultiplier(inputScale, weightScale,
                                           outputScale);
  });
}

bool mlir::ptq::isZeroFilled(Value init) {
  if (auto fill = init.getDefiningOp<linalg::FillOp>())
    init = fill.getInputs().front();
  return matchPattern(init, m_AnyZeroFloat());
}

LogicalResult mlir::ptq::checkUsers(Value result, const AccumulatorScale &scale,
                                    ExplainFn explain) {
  auto areNormal = [](ArrayRef<float> factors) {
    return llvm::all_of(factors, [](float f) { return std::isnormal(f); });
  };
  if (!areNormal(scale.getStepScales()))
    return explain("the scale of the accumulator is no normal f32 number");
  for (Operation *user : result.getUsers())
    if (auto quantize = dyn_cast<QuantizeOp>(user))
      if (auto parameters = matchStaticQuantize(quantize);
          parameters && !areNormal(scale.getMultipliers(parameters->scale)))
        return explain("a requantization multiplier is no normal f32 number");
  return success();
}

namespace {
/// Factors of an accumulator as operands: a scalar, or a vector along one axis
/// of an accumulator whose channel dimensions have been made one.
struct Factors {
  Value value;
  IntegerAttr axis;
};

/// An accumulator whose channels lie along one axis, and the way back.
class ChannelView {
public:
  ChannelView(PatternRewriter &rewriter, Value accumulator,
              const AccumulatorScale &scale)
      : rewriter(rewriter), loc(accumulator.getLoc()), scale(scale),
        accumulator(accumulator) {
    size_t numDims = scale.channelDims.size();
    if (numDims < 2)
      return;
    auto type = cast<RankedTensorType>(accumulator.getType());
    for (int64_t dim = 0; dim < type.getRank(); ++dim) {
      bool joins =
          llvm::is_contained(ArrayRef(scale.channelDims).drop_front(), dim);
      if (joins)
        groups.back().push_back(dim);
      else
        groups.push_back({dim});
    }
    sizes = tensor::getMixedSizes(rewriter, loc, accumulator);
    this->accumulator =
        tensor::CollapseShapeOp::create(rewriter, loc, accumulator, groups);
  }

  Value getAccumulator() const { return accumulator; }

  RankedTensorType getType(Type elementType) const {
    return cast<RankedTensorType>(accumulator.getType()).clone(elementType);
  }

  Factors createFactors(ArrayRef<float> factors) const {
    if (scale.channelDims.empty() || llvm::all_equal(factors))
      return {arith::ConstantOp::create(
                  rewriter, loc, rewriter.getF32FloatAttr(factors.front())),
              IntegerAttr()};
    auto count = static_cast<int64_t>(factors.size());
    return {createFloatConstant(rewriter, loc, {count}, factors,
                                getEdgeName(accumulator) + "_multiplier"),
            rewriter.getI64IntegerAttr(scale.channelDims.front())};
  }

  /// `value` in the shape that the accumulator had.
  Value restoreShape(Value value, RankedTensorType type) const {
    if (groups.empty())
      return value;
    return tensor::ExpandShapeOp::create(rewriter, loc, type, value, groups,
                                         sizes);
  }

private:
  PatternRewriter &rewriter;
  Location loc;
  const AccumulatorScale &scale;
  Value accumulator;
  SmallVector<ReassociationIndices> groups;
  SmallVector<OpFoldResult> sizes;
};
} // namespace

Value mlir::ptq::createSumWithInit(ImplicitLocOpBuilder &builder, LinalgOp op,
                                   Value sums) {
  Value empty =
      createEmptyResult(builder, op, getElementTypeOrSelf(sums.getType()));
  ElementwiseOperand init{op.getDpsInitOperand(0)->get()};
  // A bias is read where it is, not where it has been spread.
  if (auto broadcast = init.value.getDefiningOp<linalg::BroadcastOp>())
    init = {broadcast.getInput(),
            broadcast.getMatchingIndexingMap(broadcast.getDpsInputOperand(0))};
  return createElementwise(
      builder, empty, {{sums}, init},
      [](ImplicitLocOpBuilder &body, ValueRange elements) -> Value {
        return arith::AddFOp::create(body, elements[0], elements[1]);
      });
}

void mlir::ptq::replaceByAccumulator(PatternRewriter &rewriter, LinalgOp op,
                                     Value accumulator,
                                     const AccumulatorScale &scale,
                                     bool addsInit) {
  Value result = op->getResult(0);
  if (addsInit) {
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    builder.setInsertionPointAfter(op);
    Value sum = createSumWithInit(builder, op, result);
    rewriter.replaceAllUsesExcept(result, sum, sum.getDefiningOp());
  }
  replaceUsers(rewriter, result, accumulator, scale);
  rewriter.eraseOp(op);
}

void mlir::ptq::replaceUsers(PatternRewriter &rewriter, Value result,
                             Value accumulator, const AccumulatorScale &scale) {
  if (result.use_empty())
    return;
  ChannelView view(rewriter, accumulator, scale);
  for (Operation *user : llvm::make_early_inc_range(result.getUsers())) {
    auto quantize = dyn_cast<QuantizeOp>(user);
    std::optional<StaticParameters> parameters =
        quantize ? matchStaticQuantize(quantize) : std::nullopt;
    if (!parameters)
      continue;
    Factors multiplier =
        view.createFactors(scale.getMultipliers(parameters->scale));
    RankedTensorType type = quantize.getResult().getType();
    Value zeroPoint;
    if (parameters->zeroPoint != 0)
      zeroPoint = arith::ConstantOp::create(
          rewriter, quantize.getLoc(),
          rewriter.getIntegerAttr(quantize.getZeroPoint().getType(),
                                  parameters->zeroPoint));
    Value codes = RequantizeOp::create(
        rewriter, quantize.getLoc(), view.getType(type.getElementType()),
        view.getAccumulator(), multiplier.value, /*shift=*/Value(), zeroPoint,
        multiplier.axis, quantize.getLowAttr(), quantize.getHighAttr());
    rewriter.replaceOp(quantize, view.restoreShape(codes, type));
  }
  if (result.use_empty())
    return;
  Factors step = view.createFactors(scale.getStepScales());
  auto type = cast<RankedTensorType>(result.getType());
  Value values = DequantizeOp::create(
      rewriter, result.getLoc(), view.getType(type.getElementType()),
      view.getAccumulator(), step.value, /*zero_point=*/Value(), step.axis,
      /*block_size=*/DenseI64ArrayAttr());
  rewriter.replaceAllUsesWith(result, view.restoreShape(values, type));
}
