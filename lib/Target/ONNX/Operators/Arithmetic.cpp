//===- Arithmetic.cpp - Import of arithmetic ------------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "../IntegerFolding.h"
#include "../OperatorRegistry.h"
#include "Elementwise.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::ptq::importer;

/// Whether arithmetic is on floats; it is refused on booleans.
static LogicalResult verifyNumbers(Node &node, ValueRange operands) {
  if (getElementType(operands.front()).isInteger(1))
    return node.emitError() << "is no operator on booleans";
  return success();
}

//===----------------------------------------------------------------------===//
// Two operands
//===----------------------------------------------------------------------===//

/// Imports an operator of two broadcast operands as FloatOp or IntegerOp; on
/// constants of integers as `fold`.
template <typename FloatOp, typename IntegerOp,
          std::optional<int64_t> (*fold)(ArrayRef<int64_t>)>
static LogicalResult importBinary(Node &node) {
  if (areConstantIntegers(node))
    return foldIntegers(node, fold);
  SmallVector<Value, 2> operands;
  if (failed(node.readInputs(operands)) ||
      failed(verifyNumbers(node, operands)))
    return failure();
  return setElementwise(node, operands,
                        [](TensorBuilder &builder, ValueRange args) -> Value {
                          if (isa<FloatType>(args[0].getType()))
                            return FloatOp::create(builder, args[0], args[1]);
                          return IntegerOp::create(builder, args[0], args[1]);
                        });
}

/// The remainder of integers with the sign of the divisor.
static Value createFlooredRest(TensorBuilder &builder, Value lhs, Value rhs) {
  Value rest = arith::RemSIOp::create(builder, lhs, rhs);
  Value zero = builder.createScalar(rest.getType(), 0);
  Value isExact =
      arith::CmpIOp::create(builder, arith::CmpIPredicate::eq, rest, zero);
  Value signs = arith::XOrIOp::create(builder, rest, rhs);
  Value sameSign =
      arith::CmpIOp::create(builder, arith::CmpIPredicate::sge, signs, zero);
  Value keeps = arith::OrIOp::create(builder, isExact, sameSign);
  Value moved = arith::AddIOp::create(builder, rest, rhs);
  return arith::SelectOp::create(builder, keeps, rest, moved);
}

/// The remainder of floats with the sign of the divisor, also if it is 0.
static Value createFlooredFloatRest(TensorBuilder &builder, Value lhs,
                                    Value rhs) {
  using Predicate = arith::CmpFPredicate;
  auto compare = [&](Predicate predicate, Value left, Value right) -> Value {
    return arith::CmpFOp::create(builder, predicate, left, right);
  };
  Value rest = arith::RemFOp::create(builder, lhs, rhs);
  Value zero = builder.createScalar(rest.getType(), 0.0);
  Value isRhsNegative = compare(Predicate::OLT, rhs, zero);
  Value isRestNegative = compare(Predicate::OLT, rest, zero);
  Value differ = arith::XOrIOp::create(builder, isRhsNegative, isRestNegative);
  Value moved = arith::AddFOp::create(builder, rest, rhs);
  Value nonzero = arith::SelectOp::create(builder, differ, moved, rest);
  Value signedZero = arith::SelectOp::create(
      builder, isRhsNegative, builder.createScalar(rest.getType(), -0.0), zero);
  return arith::SelectOp::create(builder, compare(Predicate::OEQ, rest, zero),
                                 signedZero, nonzero);
}

/// The remainder with the sign of the dividend (`fmod = 1`), or with that of
/// the divisor; the latter of floats from operator set 28 on.
static LogicalResult importMod(Node &node) {
  bool hasSignOfDividend = false;
  if (failed(node.readAttribute("fmod", hasSignOfDividend)))
    return failure();
  if (areConstantIntegers(node))
    return foldIntegers(node, hasSignOfDividend ? restOfIntegers
                                                : flooredRestOfIntegers);
  SmallVector<Value, 2> operands;
  if (failed(node.readInputs(operands)) ||
      failed(verifyNumbers(node, operands)))
    return failure();
  bool isFloat = isa<FloatType>(getElementType(operands[0]));
  if (isFloat && !hasSignOfDividend && node.getOpset() < 28)
    return node.emitError() << "floats need 'fmod = 1'";
  return setElementwise(
      node, operands, [&](TensorBuilder &builder, ValueRange args) -> Value {
        if (!hasSignOfDividend)
          return isFloat ? createFlooredFloatRest(builder, args[0], args[1])
                         : createFlooredRest(builder, args[0], args[1]);
        if (isFloat)
          return arith::RemFOp::create(builder, args[0], args[1]);
        return arith::RemSIOp::create(builder, args[0], args[1]);
      });
}

//===----------------------------------------------------------------------===//
// Pow
//===----------------------------------------------------------------------===//

/// The exponent, if it is one number that is known.
static std::optional<double> getConstantExponent(Node &node) {
  const ConstantTensor *constant = node.getConstantInput(1);
  if (!constant || constant->getType().getNumElements() != 1 ||
      constant->getRank() > 1)
    return std::nullopt;
  if (FailureOr<SmallVector<double>> floats = constant->getDoubles();
      succeeded(floats))
    return floats->front();
  if (FailureOr<SmallVector<int64_t>> integers = constant->getIntegers();
      succeeded(integers))
    return integers->front();
  return std::nullopt;
}

/// The base decides the element type of the result. Squares and cubes are
/// products.
static LogicalResult importPow(Node &node) {
  Value base, exponent;
  if (failed(node.readFloatInput(0, base)))
    return failure();
  std::optional<double> constant = getConstantExponent(node);
  bool isScalar = constant && getShape(base).size() > 0;
  if (isScalar && (*constant == 2.0 || *constant == 3.0))
    return setElementwise(
        node, base, [&](TensorBuilder &builder, ValueRange args) -> Value {
          Value square = arith::MulFOp::create(builder, args[0], args[0]);
          if (*constant == 2.0)
            return square;
          return arith::MulFOp::create(builder, square, args[0]);
        });
  if (failed(node.readInput(1, exponent)))
    return failure();
  return setElementwise(node, {base, exponent},
                        [](TensorBuilder &builder, ValueRange args) -> Value {
                          Value power = convertScalar(builder, args[1],
                                                      args[0].getType());
                          return math::PowFOp::create(builder, args[0], power);
                        });
}

//===----------------------------------------------------------------------===//
// Any number of operands
//===----------------------------------------------------------------------===//

/// The operands combined from the left by FloatOp or IntegerOp.
template <typename FloatOp, typename IntegerOp>
static Value combine(TensorBuilder &builder, ValueRange args) {
  Value result = args.front();
  for (Value argument : args.drop_front()) {
    if (isa<FloatType>(result.getType()))
      result = FloatOp::create(builder, result, argument);
    else
      result = IntegerOp::create(builder, result, argument);
  }
  return result;
}

/// As `importBinary`, of any number of operands.
template <typename FloatOp, typename IntegerOp,
          std::optional<int64_t> (*fold)(ArrayRef<int64_t>)>
static LogicalResult importVariadic(Node &node) {
  if (areConstantIntegers(node))
    return foldIntegers(node, fold);
  SmallVector<Value> operands;
  if (failed(node.readInputs(operands)) ||
      failed(verifyNumbers(node, operands)))
    return failure();
  return setElementwise(node, operands, combine<FloatOp, IntegerOp>);
}

static LogicalResult importSum(Node &node) {
  SmallVector<Value> operands;
  if (failed(node.readInputs(operands)) ||
      failed(verifyNumbers(node, operands)))
    return failure();
  return setElementwise(node, operands, combine<arith::AddFOp, arith::AddIOp>);
}

static LogicalResult importMean(Node &node) {
  SmallVector<Value> operands;
  for (unsigned index = 0; index < node.getNumInputs(); ++index)
    if (failed(node.readFloatInput(index, operands.emplace_back())))
      return failure();
  if (failed(node.readInputs(operands)))
    return failure();
  return setElementwise(
      node, operands, [](TensorBuilder &builder, ValueRange args) -> Value {
        Value sum = combine<arith::AddFOp, arith::AddIOp>(builder, args);
        Value count = builder.createScalar(sum.getType(), args.size());
        return arith::DivFOp::create(builder, sum, count);
      });
}

void mlir::ptq::importer::populateArithmeticImporters(
    OperatorRegistry &registry) {
  constexpr Range kAny{1, std::numeric_limits<int64_t>::max()};
  registry.add("Add",
               {kAllOpsets,
                {2, 2},
                importBinary<arith::AddFOp, arith::AddIOp, addIntegers>});
  registry.add("Div",
               {kAllOpsets,
                {2, 2},
                importBinary<arith::DivFOp, arith::DivSIOp, divideIntegers>});
  registry.add(
      "Max",
      {kAllOpsets, kAny,
       importVariadic<arith::MaximumFOp, arith::MaxSIOp, maximizeIntegers>});
  registry.add("Mean", {kAllOpsets, kAny, importMean});
  registry.add(
      "Min",
      {kAllOpsets, kAny,
       importVariadic<arith::MinimumFOp, arith::MinSIOp, minimizeIntegers>});
  registry.add("Mod", {{10, kMaxOpset}, {2, 2}, importMod});
  registry.add("Mul",
               {kAllOpsets,
                {2, 2},
                importBinary<arith::MulFOp, arith::MulIOp, multiplyIntegers>});
  registry.add("Pow", {kAllOpsets, {2, 2}, importPow});
  registry.add("Sub",
               {kAllOpsets,
                {2, 2},
                importBinary<arith::SubFOp, arith::SubIOp, subtractIntegers>});
  registry.add("Sum", {kAllOpsets, kAny, importSum});
}
