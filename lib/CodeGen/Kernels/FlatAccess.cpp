//===- FlatAccess.cpp - Operands as strided runs of elements ----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FlatAccess.h"
#include "LoopNests.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::ptq;

bool FlatAccess::isZero(OpFoldResult value) {
  return isConstantIntValue(value, 0);
}

bool FlatAccess::isOne(OpFoldResult value) {
  return isConstantIntValue(value, 1);
}

/// By how much `expr` grows with dimension `dim`, if that is a constant.
static std::optional<int64_t> getCoefficient(AffineExpr expr, unsigned dim,
                                             unsigned numDims) {
  AffineExpr position = getAffineDimExpr(dim, expr.getContext());
  AffineExpr growth = simplifyAffineExpr(
      expr.replace(position, position + 1) - expr, numDims, /*numSymbols=*/0);
  if (auto constant = dyn_cast<AffineConstantExpr>(growth))
    return constant.getValue();
  return std::nullopt;
}

/// The value of a linear expression at the origin.
static int64_t getConstantTerm(AffineExpr expr, unsigned numDims) {
  AffineExpr zero = getAffineConstantExpr(0, expr.getContext());
  SmallVector<AffineExpr> origin(numDims, zero);
  return cast<AffineConstantExpr>(expr.replaceDims(origin)).getValue();
}

/// The strides of a memref type; failure if it has no strided layout.
static FailureOr<SmallVector<int64_t>> getStrides(Type type) {
  auto memref = dyn_cast<MemRefType>(type);
  SmallVector<int64_t> strides;
  int64_t offset;
  if (!memref || failed(memref.getStridesAndOffset(strides, offset)))
    return failure();
  return strides;
}

/// Whether `expr` grows by a constant with each of its dimensions.
static bool isLinearExpr(AffineExpr expr, unsigned numDims) {
  for (unsigned dim = 0; dim < numDims; ++dim)
    if (!getCoefficient(expr, dim, numDims))
      return false;
  return true;
}

/// Whether the indices of a value of `type` that satisfy `isChecked` are
/// linear.
static bool areIndicesLinear(AffineMap map, Type type,
                             function_ref<bool(AffineExpr)> isChecked) {
  if (!isa<ShapedType>(type))
    return true;
  if (map.getNumSymbols() != 0 || failed(getStrides(type)))
    return false;
  return llvm::all_of(map.getResults(), [&](AffineExpr expr) {
    return expr.isPureAffine() &&
           (!isChecked(expr) || isLinearExpr(expr, map.getNumDims()));
  });
}

bool FlatAccess::isLinear(linalg::LinalgOp op, OpOperand &operand) {
  return areIndicesLinear(op.getMatchingIndexingMap(&operand),
                          operand.get().getType(),
                          [](AffineExpr) { return true; });
}

bool FlatAccess::isLinearAlong(linalg::LinalgOp op, OpOperand &operand,
                               unsigned dim) {
  return isLinearAlong(op.getMatchingIndexingMap(&operand),
                       operand.get().getType(), dim);
}

bool FlatAccess::isLinearAlong(AffineMap map, Type type, unsigned dim) {
  return areIndicesLinear(
      map, type, [&](AffineExpr expr) { return expr.isFunctionOfDim(dim); });
}

std::optional<int64_t> FlatAccess::getStaticStride(linalg::LinalgOp op,
                                                   OpOperand &operand,
                                                   unsigned dim) {
  if (op.isScalar(&operand))
    return 0;
  AffineMap map = op.getMatchingIndexingMap(&operand);
  FailureOr<SmallVector<int64_t>> strides = getStrides(operand.get().getType());
  if (failed(strides))
    return std::nullopt;
  int64_t sum = 0;
  for (auto [expr, stride] : llvm::zip_equal(map.getResults(), *strides)) {
    std::optional<int64_t> coefficient =
        getCoefficient(expr, dim, map.getNumDims());
    if (!coefficient)
      return std::nullopt;
    if (*coefficient == 0)
      continue;
    if (ShapedType::isDynamic(stride))
      return std::nullopt;
    sum += *coefficient * stride;
  }
  return sum;
}

bool FlatAccess::startsAtOrigin(linalg::LinalgOp op, OpOperand &operand) {
  AffineMap map = op.getMatchingIndexingMap(&operand);
  return llvm::all_of(map.getResults(), [&](AffineExpr expr) {
    return getConstantTerm(expr, map.getNumDims()) == 0;
  });
}

bool FlatAccess::areOutputsFixed(linalg::LinalgOp op) {
  for (OpOperand &output : op.getDpsInitsMutable())
    for (auto [dim, type] : llvm::enumerate(op.getIteratorTypesArray()))
      if (type == utils::IteratorType::reduction &&
          getStaticStride(op, output, dim) != 0)
        return false;
  return true;
}

FlatAccess::FlatAccess(OpBuilder &builder, Location loc, linalg::LinalgOp op,
                       OpOperand &operand)
    : FlatAccess(builder, loc, op.getMatchingIndexingMap(&operand),
                 operand.get()) {}

FlatAccess::FlatAccess(OpBuilder &builder, Location loc, AffineMap map,
                       Value operand) {
  unsigned numDims = map.getNumDims();
  strides.assign(numDims, builder.getIndexAttr(0));
  elementType = getElementTypeOrSelf(operand.getType());
  if (!isa<ShapedType>(operand.getType())) {
    scalar = operand;
    return;
  }
  auto metadata =
      memref::ExtractStridedMetadataOp::create(builder, loc, operand);
  SmallVector<OpFoldResult> memrefStrides =
      metadata.getConstifiedMixedStrides();

  // address = sum over results of (linear expression * stride).
  MLIRContext *context = builder.getContext();
  SmallVector<AffineExpr> terms(numDims, getAffineConstantExpr(0, context));
  AffineExpr constant = getAffineConstantExpr(0, context);
  for (auto [index, expr] : llvm::enumerate(map.getResults())) {
    if (!isLinearExpr(expr, numDims)) {
      dividedTerms.push_back({expr, memrefStrides[index]});
      continue;
    }
    AffineExpr stride = getAffineSymbolExpr(index, context);
    for (unsigned dim = 0; dim < numDims; ++dim)
      terms[dim] = terms[dim] + stride * *getCoefficient(expr, dim, numDims);
    constant = constant + stride * getConstantTerm(expr, numDims);
  }
  auto evaluate = [&](AffineExpr expr) {
    return affine::makeComposedFoldedAffineApply(
        builder, loc, AffineMap::get(0, memrefStrides.size(), expr),
        memrefStrides);
  };
  for (unsigned dim = 0; dim < numDims; ++dim)
    strides[dim] = evaluate(terms[dim]);
  offset = evaluate(constant);

  // The view is as long as the largest address: the size is never read.
  auto viewType = MemRefType::get(
      {ShapedType::kDynamic}, elementType,
      StridedLayoutAttr::get(context, ShapedType::kDynamic, {1}),
      cast<MemRefType>(operand.getType()).getMemorySpace());
  Value size = arith::ConstantIndexOp::create(
      builder, loc, std::numeric_limits<int32_t>::max());
  view = memref::ReinterpretCastOp::create(
      builder, loc, viewType, metadata.getBaseBuffer(),
      OpFoldResult(metadata.getOffset()), ArrayRef<OpFoldResult>{size},
      ArrayRef<OpFoldResult>{builder.getIndexAttr(1)});
}

Value FlatAccess::getAddress(OpBuilder &builder, Location loc,
                             ArrayRef<OpFoldResult> positions) const {
  if (isScalar())
    return {};
  // Dimensions are the positions and the strides that are not constants.
  SmallVector<OpFoldResult> operands(positions);
  MLIRContext *context = builder.getContext();
  auto getExpr = [&](OpFoldResult value) {
    if (std::optional<int64_t> constant = getConstantIntValue(value))
      return getAffineConstantExpr(*constant, context);
    operands.push_back(value);
    return getAffineSymbolExpr(operands.size() - 1 - positions.size(), context);
  };
  AffineExpr sum = getExpr(offset);
  for (auto [dim, stride] : llvm::enumerate(strides))
    if (!isZero(stride))
      sum = sum + getAffineDimExpr(dim, context) * getExpr(stride);
  for (const DividedTerm &term : dividedTerms)
    sum = sum + term.index * getExpr(term.stride);
  OpFoldResult address = affine::makeComposedFoldedAffineApply(
      builder, loc,
      AffineMap::get(positions.size(), operands.size() - positions.size(), sum),
      operands);
  return getValueOrCreateConstantIndexOp(builder, loc, address);
}

Value FlatAccess::loadContiguous(OpBuilder &builder, Location loc,
                                 Value address, int64_t numElements) const {
  auto type = VectorType::get({numElements}, elementType);
  return vector::LoadOp::create(builder, loc, type, view, address);
}

Value FlatAccess::load(OpBuilder &builder, Location loc, Value address,
                       unsigned dim, int64_t numElements) const {
  auto type = VectorType::get({numElements}, elementType);
  if (isScalar())
    return vector::BroadcastOp::create(builder, loc, type, scalar);
  if (!dependsOn(dim)) {
    Value element = memref::LoadOp::create(builder, loc, view, address);
    return vector::BroadcastOp::create(builder, loc, type, element);
  }
  if (isContiguous(dim))
    return loadContiguous(builder, loc, address, numElements);
  // Elements that are apart are loaded one by one.
  Value stride = getValueOrCreateConstantIndexOp(builder, loc, strides[dim]);
  SmallVector<Value> elements;
  for (int64_t i = 0; i < numElements; ++i) {
    elements.push_back(memref::LoadOp::create(builder, loc, view, address));
    if (i + 1 < numElements)
      address = arith::AddIOp::create(builder, loc, address, stride);
  }
  return vector::FromElementsOp::create(builder, loc, type, elements);
}

Operation *FlatAccess::store(OpBuilder &builder, Location loc, Value vector,
                             Value address) const {
  return vector::StoreOp::create(builder, loc, vector, view, address);
}
