//===- IntegerAverages.cpp - Average pooling on codes ---------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An average is a sum and a division by a constant. The codes are summed in
// i32; the division becomes part of the requantization multiplier.
//
//===----------------------------------------------------------------------===//

#include "IntegerRewriting.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "ptq/Dialect/PTQ/Models/StructuredOpKind.h"
#include "ptq/Dialect/PTQ/Models/UniformValue.h"
#include "ptq/Dialect/PTQ/Utils/StructuredOpBuilder.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>

using namespace mlir;
using namespace mlir::ptq;
using linalg::LinalgOp;

/// The number that `value`, of the body of `op`, is: a constant, or an element
/// of a constant whose elements are equal.
static std::optional<double> matchConstantNumber(LinalgOp op, Value value) {
  auto argument = dyn_cast<BlockArgument>(value);
  if (argument && argument.getOwner() == op.getBlock())
    value = op.getMatchingOpOperand(argument)->get();
  return matchUniformNumber(value);
}

/// The constant that `op` divides `sum` by, element by element.
static std::optional<double> matchDivision(LinalgOp op, Value sum) {
  if (op->getNumResults() != 1 || op.getNumParallelLoops() != op.getNumLoops())
    return std::nullopt;
  Block *body = op.getBlock();
  Operation *root = body->getTerminator()->getOperand(0).getDefiningOp();
  if (!root || !isa<arith::DivFOp, arith::MulFOp>(root) ||
      !llvm::hasSingleElement(body->without_terminator()))
    return std::nullopt;
  auto isSum = [&](Value value) {
    auto argument = dyn_cast<BlockArgument>(value);
    if (!argument || argument.getOwner() != body)
      return false;
    OpOperand *operand = op.getMatchingOpOperand(argument);
    return operand->get() == sum && op.isDpsInput(operand) &&
           op.getMatchingIndexingMap(operand).isIdentity();
  };
  if (!op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isIdentity())
    return std::nullopt;
  Value lhs = root->getOperand(0), rhs = root->getOperand(1);
  if (isa<arith::MulFOp>(root) && !isSum(lhs))
    std::swap(lhs, rhs);
  std::optional<double> number = matchConstantNumber(op, rhs);
  if (!isSum(lhs) || !number)
    return std::nullopt;
  double divisor = isa<arith::MulFOp>(root) ? 1.0 / *number : *number;
  if (!std::isnormal(divisor) || divisor < 0)
    return std::nullopt;
  return divisor;
}

FailureOr<IntegerAverage> mlir::ptq::matchIntegerAverage(LinalgOp op,
                                                         ExplainFn explain) {
  if (classifyStructuredOp(op) != StructuredOpKind::SumPooling)
    return explain("no sum");
  std::optional<QuantizedValue> input =
      matchQuantizedValue(op.getDpsInputOperand(0)->get());
  if (!input)
    return explain("the input is not quantized to i8 or i16 with constant "
                   "parameters of the whole tensor");
  if (!isZeroFilled(op.getDpsInitOperand(0)->get()))
    return explain("the sum does not start from 0");
  std::optional<int64_t> depth =
      cast<QuantizableOpInterface>(op.getOperation()).getAccumulationDepth();
  if (!depth)
    return explain("the number of elements in a sum is not known");
  // Codes and zero points are the start and the terms of the sum.
  int64_t bound;
  if (llvm::MulOverflow(*depth, -2 * getCodeRangeOf(input->codes).min, bound))
    return explain("the number of elements in a sum is too large");
  IntegerAverage average;
  average.op = op;
  average.input = *input;
  average.bound = bound;
  average.accumulatorType = getAccumulatorType(input->codes, bound);
  if (!average.accumulatorType)
    return explain("the accumulator could exceed i32");
  average.init = -*depth * input->parameters.zeroPoint;
  average.scale.inputScale = input->parameters.scale;
  Value sum = op->getResult(0);
  if (failed(checkUsers(sum, average.scale, explain)))
    return failure();
  for (Operation *user : sum.getUsers()) {
    auto structured = dyn_cast<LinalgOp>(user);
    std::optional<double> divisor =
        structured ? matchDivision(structured, sum) : std::nullopt;
    if (!divisor)
      continue;
    AccumulatorScale scale = average.scale;
    scale.divisor = *divisor;
    if (failed(checkUsers(user->getResult(0), scale, explain)))
      return failure();
    average.divisions.push_back({structured, *divisor});
  }
  return average;
}

namespace {

struct RewriteAverage : FloatOpPattern<IntegerAverage, matchIntegerAverage> {
  using FloatOpPattern::FloatOpPattern;

private:
  void rewrite(IntegerAverage &average,
               PatternRewriter &rewriter) const override {
    LinalgOp op = average.op;
    remarkAccumulatorBound(op, average.accumulatorType, average.bound);
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    IntegerType type = average.accumulatorType;
    Value init = arith::ConstantOp::create(
        builder, builder.getIntegerAttr(type, average.init));
    init = linalg::FillOp::create(builder, init,
                                  createEmptyResult(builder, op, type))
               .getResult(0);

    // A second input gives only the shape of the window.
    SmallVector<Value> operands{average.input.codes};
    Type storage = getElementTypeOrSelf(average.input.codes);
    SmallVector<OpOperand *> inputs = op.getDpsInputOperands();
    for (OpOperand *window : llvm::drop_begin(inputs))
      operands.push_back(tensor::EmptyOp::create(
          builder, tensor::getMixedSizes(builder, op.getLoc(), window->get()),
          storage));
    operands.push_back(init);
    Value accumulator = rebuildStructuredOp(
        builder, op, operands,
        [](ImplicitLocOpBuilder &body, Block &block) -> Value {
          Value sum = block.getArguments().back();
          Value code =
              arith::ExtSIOp::create(body, sum.getType(), block.getArgument(0));
          return arith::AddIOp::create(body, sum, code);
        });

    for (const IntegerAverage::Division &division : average.divisions) {
      LinalgOp divide = division.op;
      AccumulatorScale scale = average.scale;
      scale.divisor = division.divisor;
      replaceUsers(rewriter, divide->getResult(0), accumulator, scale);
      rewriter.eraseOp(divide);
    }
    replaceUsers(rewriter, op->getResult(0), accumulator, average.scale);
    rewriter.eraseOp(op);
  }
};

} // namespace

void mlir::ptq::populateIntegerAveragePatterns(RewritePatternSet &patterns) {
  patterns.add<RewriteAverage>(patterns.getContext());
}
