//===- IntegerLookup.cpp - Functions of one code as tables ----------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A byte has 256 values. Whatever elementwise ops make of one dequantized byte
// before it is quantized again, sigmoid or gelu or a chain of them, is a table
// of 256 codes, which the interpreter computes at compile time.
//
//===----------------------------------------------------------------------===//

#include "IntegerRewriting.h"
#include "mlir/Analysis/TopologicalSortUtils.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "ptq/Dialect/PTQ/Models/EdgeTracing.h"
#include "ptq/Dialect/PTQ/Models/ElementwiseFunction.h"
#include "ptq/Dialect/PTQ/Models/UniformValue.h"
#include "ptq/Dialect/PTQ/Transforms/TensorConstants.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::ptq;
using linalg::LinalgOp;

static constexpr int64_t kNumCodes = 256;

FailureOr<IntegerLookup> mlir::ptq::matchIntegerLookup(QuantizeOp quantize,
                                                       ExplainFn explain) {
  if (!quantize.getResult().getType().getElementType().isInteger(8) ||
      !matchStaticQuantize(quantize))
    return explain("the result is not quantized to i8 with constant "
                   "parameters of the whole tensor");
  IntegerLookup match;
  match.quantize = quantize;
  SmallVector<Value> worklist{quantize.getInput()};
  SetVector<Operation *> ops;
  while (!worklist.empty()) {
    Value value = worklist.pop_back_val();
    if (matchUniformValue(value))
      continue;
    if (std::optional<QuantizedValue> source = matchQuantizedValue(value)) {
      bool isSame =
          !match.source.codes ||
          (match.source.codes == source->codes &&
           match.source.parameters.scale == source->parameters.scale &&
           match.source.parameters.zeroPoint == source->parameters.zeroPoint);
      if (!isSame)
        return explain("it is computed from several quantized tensors");
      match.source = *source;
      continue;
    }
    Operation *op = value.getDefiningOp();
    if (!op || !isElementwiseFunction(op) ||
        !getElementTypeOrSelf(value).isF32())
      return explain("it is not computed from one quantized tensor element "
                     "by element");
    // Of a sum of products every path is another one: see each op once.
    if (ops.insert(op))
      llvm::append_range(worklist, getElementwiseInputs(op));
  }
  if (!match.source.codes ||
      !getElementTypeOrSelf(match.source.codes).isInteger(8))
    return explain("it is not computed from i8 codes");
  // Operands before the ops that use them, in whatever blocks they are.
  match.ops = llvm::to_vector(topologicalSort(ops));
  return match;
}

/// The table of `match`: the code that each code becomes.
static FailureOr<SmallVector<int8_t>> computeTable(PatternRewriter &rewriter,
                                                   const IntegerLookup &match) {
  QuantizeOp quantize = match.quantize;
  ImplicitLocOpBuilder builder(quantize.getLoc(), rewriter);
  const StaticParameters &input = match.source.parameters;
  SmallVector<float> values;
  for (int64_t code = INT8_MIN; code <= INT8_MAX; ++code)
    values.push_back(dequantizeValue(code, input.scale, input.zeroPoint));
  Value codes = createFloatConstant(builder, builder.getLoc(), {kNumCodes},
                                    values, "codes");
  Value result = createElementwise(
      builder, cast<RankedTensorType>(codes.getType()), {{codes}},
      [&](ImplicitLocOpBuilder &body, ValueRange arguments) -> Value {
        IRMapping elements;
        Value value = arguments.front();
        for (Operation *op : match.ops) {
          // Every dequantization of the codes gives the same values.
          for (Value input : getElementwiseInputs(op))
            if (matchQuantizedValue(input))
              elements.map(input, arguments.front());
          value = inlineElementwiseFunction(body, op, elements);
          elements.map(op->getResult(0), value);
        }
        return value;
      });
  FailureOr<TensorValue> outputs = evaluateConstant(result);
  // What was built only to be evaluated goes again.
  SmallVector<Operation *> dead{result.getDefiningOp()};
  while (!dead.empty()) {
    Operation *op = dead.pop_back_val();
    if (!op || !op->use_empty() || op->getBlock() != quantize->getBlock() ||
        !isPure(op))
      continue;
    SmallVector<Value> operands(op->getOperands());
    rewriter.eraseOp(op);
    for (Value operand : operands)
      dead.push_back(operand.getDefiningOp());
  }
  if (failed(outputs))
    return failure();
  StaticParameters output =
      *matchStaticParameters(quantize.getScale(), quantize.getZeroPoint());
  CodeRange range{quantize.getLowCode(), quantize.getHighCode()};
  SmallVector<int8_t> table;
  for (float value : outputs->getData<float>())
    table.push_back(static_cast<int8_t>(
        quantizeValue(value, output.scale, output.zeroPoint, range)));
  return table;
}

namespace {

struct UseLookupTable : OpRewritePattern<QuantizeOp> {
  /// Comes before other patterns for a change of scale.
  UseLookupTable(MLIRContext *context, Requantization requantization)
      : OpRewritePattern(context, /*benefit=*/2),
        requantization(requantization) {}

  LogicalResult matchAndRewrite(QuantizeOp op,
                                PatternRewriter &rewriter) const override {
    FailureOr<IntegerLookup> match =
        matchIntegerLookup(op, explainTo(rewriter, op));
    if (failed(match))
      return failure();
    // Another scale is a multiplication of floats, which is faster than a
    // table; a fixed-point one is not.
    if (match->ops.empty() && requantization == Requantization::Float)
      return rewriter.notifyMatchFailure(op, "changes the scale only");
    FailureOr<SmallVector<int8_t>> table = computeTable(rewriter, *match);
    if (failed(table))
      return rewriter.notifyMatchFailure(op, "an op cannot be evaluated");
    TensorValue values = TensorValue::allocateUninitialized(
        RankedTensorType::get({kNumCodes}, rewriter.getI8Type()));
    llvm::copy(*table, values.getMutableData<int8_t>().begin());
    Value constant = createTensorConstant(
        rewriter, op.getLoc(), values, getEdgeName(op.getInput()) + "_table");
    rewriter.replaceOpWithNewOp<LookupOp>(op, op.getType(), match->source.codes,
                                          constant);
    return success();
  }

private:
  Requantization requantization;
};

} // namespace

void mlir::ptq::populateIntegerLookupPatterns(RewritePatternSet &patterns,
                                              Requantization requantization) {
  patterns.add<UseLookupTable>(patterns.getContext(), requantization);
}
