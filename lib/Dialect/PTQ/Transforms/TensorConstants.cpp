//===- TensorConstants.cpp - Constants of tensors, however stored ---------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Dialect/PTQ/Transforms/TensorConstants.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/RegionUtils.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Interpreter/Interpreter.h"
#include "ptq/Quantization/CodePacking.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::ptq;

FailureOr<SmallVector<float>> mlir::ptq::readFloatConstant(Value value) {
  TypedAttr attr;
  if (!matchPattern(value, m_Constant(&attr)) ||
      !getElementTypeOrSelf(attr.getType()).isF32())
    return failure();
  // A constant that cannot be read is the caller's to report, or to leave.
  ScopedDiagnosticHandler silence(value.getContext(),
                                  [](Diagnostic &) { return success(); });
  FailureOr<TensorValue> tensor = TensorValue::fromAttribute(
      attr, [&] { return emitError(value.getLoc()); });
  if (failed(tensor))
    return failure();
  ArrayRef<float> data = tensor->getData<float>();
  return SmallVector<float>(data.begin(), data.end());
}

/// Whether `op` has one result, which depends on its operands only and which is
/// quick to evaluate.
static bool isSimpleExpression(Operation *op) {
  if (op->getNumResults() != 1)
    return false;
  if (auto generic = dyn_cast<linalg::GenericOp>(op)) {
    llvm::SetVector<Value> captured;
    getUsedValuesDefinedAbove(op->getRegions(), captured);
    auto isConstant = [](Value value) {
      return matchPattern(value, m_Constant());
    };
    return llvm::all_of(captured, isConstant) &&
           generic.hasPureTensorSemantics() &&
           generic.getNumReductionLoops() == 0;
  }
  return isa<tensor::EmptyOp, UnpackOp, QuantizationTransparentOpInterface>(op);
}

bool mlir::ptq::isConstantExpression(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return false;
  return matchPattern(value, m_Constant()) ||
         (isSimpleExpression(op) &&
          llvm::all_of(op->getOperands(), isConstantExpression));
}

FailureOr<TensorValue> mlir::ptq::evaluateConstant(Value value) {
  TypedAttr attr;
  Operation *op = value.getDefiningOp();
  if (!op)
    return failure();
  // What cannot be read is left to the caller to report, or to live with.
  ScopedDiagnosticHandler silence(op->getContext(),
                                  [](Diagnostic &) { return success(); });
  if (matchPattern(value, m_Constant(&attr)))
    return TensorValue::fromAttribute(attr, [&] { return op->emitError(); });
  if (!isSimpleExpression(op))
    return failure();
  SmallVector<TensorValue> operands;
  for (Value operand : op->getOperands()) {
    FailureOr<TensorValue> tensor = evaluateConstant(operand);
    if (failed(tensor))
      return failure();
    operands.push_back(std::move(*tensor));
  }
  auto module = op->getParentOfType<ModuleOp>();
  if (!module)
    return failure();
  Interpreter interpreter(module);
  FailureOr<SmallVector<TensorValue>> results =
      interpreter.evaluate(op, operands);
  if (failed(results))
    return failure();
  return results->front();
}

Value mlir::ptq::createTensorConstant(OpBuilder &builder, Location loc,
                                      const TensorValue &tensor,
                                      StringRef name) {
  constexpr int64_t kMaxDenseElements = 16;
  TypedAttr attr;
  if (tensor.getNumElements() <= kMaxDenseElements)
    attr = tensor.toDenseElements();
  else
    attr = tensor.toResource(name);
  return arith::ConstantOp::create(builder, loc, attr);
}

/// A constant of packed bytes, and the codes that it is unpacked to. They are
/// packed along the innermost dimension that leaves no bits unused, or, if
/// there is none, as one row of all codes.
static Value createPackedCodes(OpBuilder &builder, Location loc,
                               const TensorValue &codes, StringRef name) {
  RankedTensorType type = codes.getType();
  unsigned width = type.getElementTypeBitWidth();
  int64_t perByte = getCodesPerByte(width);
  SmallVector<int64_t> shape(type.getShape());
  int64_t axis = type.getRank() - 1;
  while (axis >= 0 && shape[axis] % perByte != 0)
    --axis;
  if (axis < 0) {
    shape.assign(1, type.getNumElements());
    axis = 0;
  }
  PackedDimension dimension = PackedDimension::get(shape, axis);
  RankedTensorType unpackedType = type.clone(shape);
  shape[axis] = llvm::divideCeil(shape[axis], perByte);
  TensorValue packed = TensorValue::allocateUninitialized(
      RankedTensorType::get(shape, builder.getI8Type()));
  packCodes(codes.getData<int8_t>(), dimension, width,
            packed.getMutableData<int8_t>());
  Value bytes = createTensorConstant(builder, loc, packed, name);
  Value unpacked = UnpackOp::create(builder, loc, unpackedType, bytes, axis);
  if (unpackedType == type)
    return unpacked;
  if (type.getRank() == 0)
    return tensor::CollapseShapeOp::create(builder, loc, type, unpacked,
                                           ArrayRef<ReassociationIndices>{});
  ReassociationIndices all(llvm::to_vector(llvm::seq(type.getRank())));
  return tensor::ExpandShapeOp::create(builder, loc, type, unpacked,
                                       ArrayRef<ReassociationIndices>(all));
}

Value mlir::ptq::createCodeConstant(OpBuilder &builder, Location loc,
                                    const TensorValue &codes, StringRef name) {
  bool isPacked = codes.getType().getElementTypeBitWidth() < 8;
  if (isPacked && codes.getNumElements() > 0)
    return createPackedCodes(builder, loc, codes, name);
  return createTensorConstant(builder, loc, codes, name);
}

Value mlir::ptq::createFloatConstant(OpBuilder &builder, Location loc,
                                     ArrayRef<int64_t> shape,
                                     ArrayRef<float> values, StringRef name) {
  TensorValue tensor = TensorValue::allocateUninitialized(
      RankedTensorType::get(shape, builder.getF32Type()));
  llvm::copy(values, tensor.getMutableData<float>().begin());
  return createTensorConstant(builder, loc, tensor, name);
}

Value mlir::ptq::createIntegerConstant(OpBuilder &builder, Location loc,
                                       IntegerType type,
                                       ArrayRef<int64_t> shape,
                                       ArrayRef<int64_t> values,
                                       StringRef name) {
  TensorValue tensor =
      TensorValue::allocateUninitialized(RankedTensorType::get(shape, type));
  if (type.isInteger(32))
    llvm::copy(values, tensor.getMutableData<int32_t>().begin());
  else
    llvm::copy(values, tensor.getMutableData<int64_t>().begin());
  return createTensorConstant(builder, loc, tensor, name);
}
