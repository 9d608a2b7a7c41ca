//===- UnaryMath.cpp - Import of functions of one number ------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "../OperatorRegistry.h"
#include "Elementwise.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::ptq::importer;

/// Imports an operator that is one op on floats.
template <typename OpTy>
static LogicalResult importFunction(Node &node) {
  return importUnary(node,
                     [](TensorBuilder &builder, ValueRange args) -> Value {
                       return OpTy::create(builder, args[0]);
                     });
}

/// Reads input 0, which must hold numbers.
static LogicalResult readNumbers(Node &node, Value &value) {
  if (failed(node.readInput(0, value)))
    return failure();
  if (getElementType(value).isInteger(1))
    return node.emitError() << "is no operator on booleans";
  return success();
}

static LogicalResult importAbs(Node &node) {
  Value operand;
  if (failed(readNumbers(node, operand)))
    return failure();
  return setElementwise(node, operand,
                        [](TensorBuilder &builder, ValueRange args) -> Value {
                          if (isa<FloatType>(args[0].getType()))
                            return math::AbsFOp::create(builder, args[0]);
                          return math::AbsIOp::create(builder, args[0]);
                        });
}

static LogicalResult importNeg(Node &node) {
  Value operand;
  if (failed(readNumbers(node, operand)))
    return failure();
  return setElementwise(
      node, operand, [](TensorBuilder &builder, ValueRange args) -> Value {
        if (isa<FloatType>(args[0].getType()))
          return arith::NegFOp::create(builder, args[0]);
        Value zero = builder.createScalar(args[0].getType(), 0);
        return arith::SubIOp::create(builder, zero, args[0]);
      });
}

static LogicalResult importReciprocal(Node &node) {
  return importUnary(node,
                     [](TensorBuilder &builder, ValueRange args) -> Value {
                       Value one = builder.createScalar(args[0].getType(), 1.0);
                       return arith::DivFOp::create(builder, one, args[0]);
                     });
}

/// -1, 0 or 1; NaN stays.
static LogicalResult importSign(Node &node) {
  return importUnary(
      node, [](TensorBuilder &builder, ValueRange args) -> Value {
        Type type = args[0].getType();
        Value zero = builder.createScalar(type, 0.0);
        auto selectIf = [&](arith::CmpFPredicate predicate, double value,
                            Value otherwise) -> Value {
          Value holds =
              arith::CmpFOp::create(builder, predicate, args[0], zero);
          return arith::SelectOp::create(
              builder, holds, builder.createScalar(type, value), otherwise);
        };
        Value result = selectIf(arith::CmpFPredicate::OLT, -1.0, args[0]);
        return selectIf(arith::CmpFPredicate::OGT, 1.0, result);
      });
}

void mlir::ptq::importer::populateUnaryMathImporters(
    OperatorRegistry &registry) {
  registry.add("Abs", {kAllOpsets, {1, 1}, importAbs});
  registry.add("Ceil", {kAllOpsets, {1, 1}, importFunction<math::CeilOp>});
  registry.add("Cos", {kAllOpsets, {1, 1}, importFunction<math::CosOp>});
  registry.add("Erf", {{9, kMaxOpset}, {1, 1}, importFunction<math::ErfOp>});
  registry.add("Exp", {kAllOpsets, {1, 1}, importFunction<math::ExpOp>});
  registry.add("Floor", {kAllOpsets, {1, 1}, importFunction<math::FloorOp>});
  registry.add("Log", {kAllOpsets, {1, 1}, importFunction<math::LogOp>});
  registry.add("Neg", {kAllOpsets, {1, 1}, importNeg});
  registry.add("Reciprocal", {kAllOpsets, {1, 1}, importReciprocal});
  // Halves go to the even neighbour.
  registry.add("Round",
               {{11, kMaxOpset}, {1, 1}, importFunction<math::RoundEvenOp>});
  registry.add("Sign", {{9, kMaxOpset}, {1, 1}, importSign});
  registry.add("Sin", {kAllOpsets, {1, 1}, importFunction<math::SinOp>});
  registry.add("Sqrt", {kAllOpsets, {1, 1}, importFunction<math::SqrtOp>});
  registry.add("Tanh", {kAllOpsets, {1, 1}, importFunction<math::TanhOp>});
}
