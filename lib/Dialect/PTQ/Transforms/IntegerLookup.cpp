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
#include "ptq/Dialect/PTQ/Models/UniformValue.h"
#include "ptq/Dialect/PTQ/Transforms/TensorConstants.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::ptq;
using linalg::LinalgOp;

static constexpr int64_t kNumCodes = 256;

static bool isF32(Type type) { return getElementTypeOrSelf(type).isF32(); }

/// Whether `op` computes every element of its result from the same element of
/// each operand that is not uniform, all of f32.
static bool isElementwise(Operation *op) {
  if (op->getNumResults() != 1 || !isPure(op) ||
      !llvm::all_of(op->getOperandTypes(), isF32) ||
      !isF32(op->getResult(0).getType()))
    return false;
  if (OpTrait::hasElementwiseMappableTraits(op))
    return isa<RankedTensorType>(op->getResult(0).getType());
  auto structured = dyn_cast<LinalgOp>(op);
  if (!structured || structured.hasPureBufferSemantics() ||
      structured.getNumParallelLoops() != structured.getNumLoops() ||
      structured.hasIndexSemantics() ||
      structured.payloadUsesValueFromOperand(structured.getDpsInitOperand(0)) ||
      !structured.getMatchingIndexingMap(structured.getDpsInitOperand(0))
           .isIdentity())
    return false;
  return llvm::all_of(structured.getDpsInputOperands(), [&](OpOperand *input) {
    return matchUniformValue(input->get()) ||
           structured.getMatchingIndexingMap(input).isIdentity();
  });
}

/// The inputs of an op that `isElementwise` is about.
static SmallVector<Value> getInputs(Operation *op) {
  if (auto structured = dyn_cast<LinalgOp>(op))
    return structured.getDpsInputs();
  return llvm::to_vector(op->getOperands());
}

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
    if (!op || !isElementwise(op))
      return explain("it is not computed from one quantized tensor element "
                     "by element");
    // Of a sum of products every path is another one: see each op once.
    if (ops.insert(op))
      llvm::append_range(worklist, getInputs(op));
  }
  if (!match.source.codes ||
      !getElementTypeOrSelf(match.source.codes).isInteger(8))
    return explain("it is not computed from i8 codes");
  // Operands before the ops that use them, in whatever blocks they are.
  match.ops = llvm::to_vector(topologicalSort(ops));
  return match;
}

/// Builds `op`, which is elementwise, on vectors of one element per code.
static Value cloneOnCodes(ImplicitLocOpBuilder &builder, Operation *op,
                          const IRMapping &mapping) {
  auto type = RankedTensorType::get({kNumCodes}, builder.getF32Type());
  auto getOperand = [&](Value value) -> Value {
    if (Value mapped = mapping.lookupOrNull(value))
      return mapped;
    auto dense =
        DenseElementsAttr::get(type, Attribute(matchUniformValue(value)));
    return arith::ConstantOp::create(builder, dense);
  };
  auto structured = dyn_cast<LinalgOp>(op);
  if (!structured) {
    // As the body of a generic: the interpreter evaluates those.
    SmallVector<ElementwiseOperand> operands =
        llvm::map_to_vector(op->getOperands(), [&](Value value) {
          return ElementwiseOperand{getOperand(value)};
        });
    return createElementwise(
        builder, type, operands,
        [&](ImplicitLocOpBuilder &body, ValueRange elements) -> Value {
          OperationState state(op->getLoc(), op->getName(), elements,
                               builder.getF32Type(), op->getAttrs());
          return body.create(state)->getResult(0);
        });
  }
  SmallVector<ElementwiseOperand> operands =
      llvm::map_to_vector(structured.getDpsInputs(), [&](Value value) {
        return ElementwiseOperand{getOperand(value)};
      });
  return createElementwise(
      builder, type, operands,
      [&](ImplicitLocOpBuilder &body, ValueRange elements) -> Value {
        IRMapping inner;
        Block *block = structured.getBlock();
        for (auto [argument, element] :
             llvm::zip(block->getArguments(), elements))
          inner.map(argument, element);
        for (Operation &nested : block->without_terminator())
          body.clone(nested, inner);
        return inner.lookupOrDefault(block->getTerminator()->getOperand(0));
      });
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
  IRMapping mapping;
  Value codes = createFloatConstant(builder, builder.getLoc(), {kNumCodes},
                                    values, "codes");
  // Every dequantization of the codes gives these values.
  auto mapSource = [&](Operation *op) {
    for (Value operand : getInputs(op))
      if (matchQuantizedValue(operand))
        mapping.map(operand, codes);
  };
  for (Operation *op : match.ops) {
    mapSource(op);
    mapping.map(op->getResult(0), cloneOnCodes(builder, op, mapping));
  }
  Value result =
      match.ops.empty() ? codes : mapping.lookup(quantize.getInput());
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
        matchIntegerLookup(op, [&](const Twine &reason) {
          return rewriter.notifyMatchFailure(op, reason);
        });
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
