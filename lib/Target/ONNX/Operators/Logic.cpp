//===- Logic.cpp - Import of comparisons and booleans ---------------------===//
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

using namespace mlir;
using namespace mlir::ptq::importer;

//===----------------------------------------------------------------------===//
// Comparisons
//===----------------------------------------------------------------------===//

/// Compares two broadcast operands; nothing compares with NaN.
template <arith::CmpFPredicate floatPredicate,
          arith::CmpIPredicate integerPredicate>
static LogicalResult importComparison(Node &node) {
  Type boolean = node.getBuilder().getI1Type();
  constexpr bool isEqual = integerPredicate == arith::CmpIPredicate::eq;
  if (isEqual && areConstantIntegers(node))
    return foldIntegers(node, equateIntegers, boolean);
  SmallVector<Value, 2> operands;
  if (failed(node.readInputs(operands)))
    return failure();
  if (!isEqual && getElementType(operands[0]).isInteger(1))
    return node.emitError() << "is no operator on booleans";
  return setElementwise(
      node, operands,
      [](TensorBuilder &builder, ValueRange args) -> Value {
        if (isa<FloatType>(args[0].getType()))
          return arith::CmpFOp::create(builder, floatPredicate, args[0],
                                       args[1]);
        return arith::CmpIOp::create(builder, integerPredicate, args[0],
                                     args[1]);
      },
      boolean);
}

//===----------------------------------------------------------------------===//
// Booleans
//===----------------------------------------------------------------------===//

/// Reads the inputs, which must hold booleans.
static LogicalResult readBooleans(Node &node,
                                  SmallVectorImpl<Value> &operands) {
  if (failed(node.readInputs(operands)))
    return failure();
  if (!getElementType(operands.front()).isInteger(1))
    return node.emitError()
           << "needs booleans, got " << operands.front().getType();
  return success();
}

template <typename OpTy>
static LogicalResult importLogic(Node &node) {
  SmallVector<Value, 2> operands;
  if (failed(readBooleans(node, operands)))
    return failure();
  return setElementwise(node, operands, createScalarOp<OpTy>);
}

static LogicalResult importNot(Node &node) {
  SmallVector<Value, 1> operands;
  if (failed(readBooleans(node, operands)))
    return failure();
  return setElementwise(
      node, operands, [](TensorBuilder &builder, ValueRange args) -> Value {
        Value one = builder.createScalar(args[0].getType(), 1);
        return arith::XOrIOp::create(builder, args[0], one);
      });
}

/// Whether a number is NaN: it differs from itself.
static LogicalResult importIsNaN(Node &node) {
  Value operand;
  if (failed(node.readFloatInput(0, operand)))
    return failure();
  return setElementwise(
      node, operand,
      [](TensorBuilder &builder, ValueRange args) -> Value {
        return arith::CmpFOp::create(builder, arith::CmpFPredicate::UNO,
                                     args[0], args[0]);
      },
      node.getBuilder().getI1Type());
}

//===----------------------------------------------------------------------===//
// Where
//===----------------------------------------------------------------------===//

static LogicalResult importWhere(Node &node) {
  if (areConstantIntegers(node))
    return foldIntegers(
        node, [](ArrayRef<int64_t> operands) -> std::optional<int64_t> {
          return operands[0] ? operands[1] : operands[2];
        });
  Value condition, positive, negative;
  if (failed(node.readInput(0, condition)) ||
      failed(node.readInput(1, positive)) ||
      failed(node.readInput(2, negative)))
    return failure();
  if (!getElementType(condition).isInteger(1))
    return node.emitError() << "input 0 must be a tensor of booleans, got "
                            << condition.getType();
  if (getElementType(positive) != getElementType(negative))
    return node.emitError()
           << "inputs must have one element type, got " << positive.getType()
           << " and " << negative.getType();
  return setElementwise(
      node, {condition, positive, negative},
      [](TensorBuilder &builder, ValueRange args) -> Value {
        return arith::SelectOp::create(builder, args[0], args[1], args[2]);
      },
      getElementType(positive));
}

void mlir::ptq::importer::populateLogicImporters(OperatorRegistry &registry) {
  using FloatPredicate = arith::CmpFPredicate;
  using IntegerPredicate = arith::CmpIPredicate;
  registry.add("And", {kAllOpsets, {2, 2}, importLogic<arith::AndIOp>});
  registry.add("Equal",
               {kAllOpsets,
                {2, 2},
                importComparison<FloatPredicate::OEQ, IntegerPredicate::eq>});
  registry.add("Greater",
               {kAllOpsets,
                {2, 2},
                importComparison<FloatPredicate::OGT, IntegerPredicate::sgt>});
  registry.add("GreaterOrEqual",
               {{12, kMaxOpset},
                {2, 2},
                importComparison<FloatPredicate::OGE, IntegerPredicate::sge>});
  registry.add("IsNaN", {{9, kMaxOpset}, {1, 1}, importIsNaN});
  registry.add("Less",
               {kAllOpsets,
                {2, 2},
                importComparison<FloatPredicate::OLT, IntegerPredicate::slt>});
  registry.add("LessOrEqual",
               {{12, kMaxOpset},
                {2, 2},
                importComparison<FloatPredicate::OLE, IntegerPredicate::sle>});
  registry.add("Not", {kAllOpsets, {1, 1}, importNot});
  registry.add("Or", {kAllOpsets, {2, 2}, importLogic<arith::OrIOp>});
  registry.add("Where", {{9, kMaxOpset}, {3, 3}, importWhere});
  registry.add("Xor", {kAllOpsets, {2, 2}, importLogic<arith::XOrIOp>});
}
