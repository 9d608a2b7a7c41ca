//===- TensorBuilder.cpp - Building linalg on tensors ---------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TensorBuilder.h"
#include "ReshapePlan.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include <cmath>

using namespace mlir;
using namespace mlir::ptq::importer;

ArrayRef<int64_t> mlir::ptq::importer::getShape(Value tensor) {
  return cast<RankedTensorType>(tensor.getType()).getShape();
}

Type mlir::ptq::importer::getElementType(Value tensor) {
  return cast<RankedTensorType>(tensor.getType()).getElementType();
}

bool mlir::ptq::importer::hasPlausibleSize(RankedTensorType type) {
  constexpr int64_t kLargest = int64_t(1) << 40;
  int64_t numElements = 1;
  for (int64_t size : type.getShape()) {
    if (ShapedType::isDynamic(size))
      continue;
    if (size <= 0 || size > kLargest / numElements)
      return false;
    numElements *= size;
  }
  return true;
}

std::optional<SmallVector<int64_t>>
mlir::ptq::importer::inferBroadcastShape(ArrayRef<ArrayRef<int64_t>> shapes) {
  size_t rank = 0;
  for (ArrayRef<int64_t> shape : shapes)
    rank = std::max(rank, shape.size());
  SmallVector<int64_t> result(rank, 1);
  for (ArrayRef<int64_t> shape : shapes) {
    size_t offset = rank - shape.size();
    for (auto [dim, size] : llvm::enumerate(shape)) {
      int64_t &known = result[offset + dim];
      if (known == 1)
        known = size;
      else if (size != 1 && size != known)
        return std::nullopt;
    }
  }
  return result;
}

//===----------------------------------------------------------------------===//
// New tensors
//===----------------------------------------------------------------------===//

SmallVector<OpFoldResult> TensorBuilder::getSizes(Value tensor) {
  return tensor::getMixedSizes(*this, getLoc(), tensor);
}

Value TensorBuilder::createBatch() {
  for (BlockArgument argument : getInsertionBlock()->getArguments()) {
    auto type = cast<RankedTensorType>(argument.getType());
    if (type.getRank() > 0 && type.isDynamicDim(0))
      return tensor::DimOp::create(*this, argument, 0);
  }
  llvm_unreachable("no argument has a symbolic batch");
}

Value TensorBuilder::createScalar(Type elementType, double value) {
  TypedAttr attr;
  if (auto floatType = dyn_cast<FloatType>(elementType)) {
    attr = FloatAttr::get(floatType, value);
  } else {
    unsigned width = elementType.getIntOrFloatBitWidth();
    attr = IntegerAttr::get(
        elementType,
        std::isfinite(value)
            ? APInt(width, static_cast<int64_t>(value), /*isSigned=*/true,
                    /*implicitTrunc=*/true)
            : (value < 0 ? APInt::getSignedMinValue(width)
                         : APInt::getSignedMaxValue(width)));
  }
  return arith::ConstantOp::create(*this, attr);
}

Value TensorBuilder::createEmpty(ArrayRef<OpFoldResult> sizes,
                                 Type elementType) {
  return tensor::EmptyOp::create(*this, sizes, elementType);
}

Value TensorBuilder::createFilled(ArrayRef<OpFoldResult> sizes,
                                  Type elementType, double value) {
  Value empty = createEmpty(sizes, elementType);
  return linalg::FillOp::create(*this, createScalar(elementType, value), empty)
      .getResult(0);
}

//===----------------------------------------------------------------------===//
// Data movement
//===----------------------------------------------------------------------===//

Value TensorBuilder::createBroadcast(Value tensor, ArrayRef<OpFoldResult> sizes,
                                     ArrayRef<int64_t> dimensions) {
  Value empty = createEmpty(sizes, importer::getElementType(tensor));
  return linalg::BroadcastOp::create(*this, tensor, empty, dimensions)
      ->getResult(0);
}

std::pair<Value, SmallVector<int64_t>>
TensorBuilder::dropStretchedDims(Value tensor, ArrayRef<int64_t> shape) {
  ArrayRef<int64_t> tensorShape = importer::getShape(tensor);
  size_t offset = shape.size() - tensorShape.size();
  SmallVector<int64_t> sizes, dims;
  for (auto [dim, size] : llvm::enumerate(tensorShape)) {
    if (size == 1 && shape[offset + dim] != 1)
      continue;
    sizes.push_back(size);
    dims.push_back(offset + dim);
  }
  if (sizes.size() != tensorShape.size())
    tensor = createReshape(tensor, sizes);
  return {tensor, dims};
}

Value TensorBuilder::createBroadcastTo(Value tensor,
                                       ArrayRef<OpFoldResult> sizes) {
  SmallVector<int64_t> shape;
  std::tie(shape, std::ignore) = decomposeMixedValues(
      SmallVector<OpFoldResult>(sizes.begin(), sizes.end()));
  auto [source, dims] = dropStretchedDims(tensor, shape);
  if (dims.size() == shape.size())
    return source;
  SmallVector<int64_t> added;
  for (int64_t dim = 0, rank = shape.size(); dim < rank; ++dim)
    if (!llvm::is_contained(dims, dim))
      added.push_back(dim);
  return createBroadcast(source, sizes, added);
}

Value TensorBuilder::createPad(Value tensor, ArrayRef<int64_t> low,
                               ArrayRef<int64_t> high, double value) {
  auto isZero = [](int64_t size) { return size == 0; };
  if (llvm::all_of(low, isZero) && llvm::all_of(high, isZero))
    return tensor;
  return tensor::PadOp::create(
      *this, Type(), tensor, getAsIndexOpFoldResult(getContext(), low),
      getAsIndexOpFoldResult(getContext(), high),
      createScalar(importer::getElementType(tensor), value));
}

Value TensorBuilder::createTranspose(Value tensor,
                                     ArrayRef<int64_t> permutation) {
  if (isIdentityPermutation(permutation))
    return tensor;
  SmallVector<OpFoldResult> sourceSizes = getSizes(tensor), sizes;
  for (int64_t dim : permutation)
    sizes.push_back(sourceSizes[dim]);
  Value empty = createEmpty(sizes, importer::getElementType(tensor));
  return linalg::TransposeOp::create(*this, tensor, empty, permutation)
      ->getResult(0);
}

/// The constant `tensor` in another shape of as many elements; null if it is
/// not constant.
static Value reshapeConstant(TensorBuilder &builder, Value tensor,
                             RankedTensorType type) {
  auto constant = tensor.getDefiningOp<arith::ConstantOp>();
  if (!constant)
    return Value();
  TypedAttr attr;
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(constant.getValue()))
    attr = cast<TypedAttr>(
        DenseResourceElementsAttr::get(type, resource.getRawHandle()));
  else if (auto dense = dyn_cast<DenseElementsAttr>(constant.getValue()))
    attr = cast<TypedAttr>(dense.reshape(type));
  else
    return Value();
  return arith::ConstantOp::create(static_cast<OpBuilder &>(builder),
                                   constant.getLoc(), attr);
}

Value TensorBuilder::createReshape(Value tensor, ArrayRef<int64_t> shape) {
  if (importer::getShape(tensor) == shape)
    return tensor;
  std::optional<ReshapePlan> plan =
      planReshape(importer::getShape(tensor), shape);
  if (!plan)
    return Value();
  Type elementType = importer::getElementType(tensor);
  if (Value constant = reshapeConstant(
          *this, tensor, RankedTensorType::get(shape, elementType)))
    return constant;
  if (plan->collapses)
    tensor = tensor::CollapseShapeOp::create(
        *this, RankedTensorType::get(plan->groups, elementType), tensor,
        plan->source);
  if (!plan->expands)
    return tensor;

  // The dynamic size is what the rest of its group leaves of the collapsed one.
  SmallVector<OpFoldResult> sizes = getAsIndexOpFoldResult(getContext(), shape);
  for (auto [group, dims] : llvm::enumerate(plan->target)) {
    if (!ShapedType::isDynamic(plan->groups[group]))
      continue;
    int64_t dynamicDim = -1, rest = 1;
    for (int64_t dim : dims) {
      if (ShapedType::isDynamic(shape[dim]))
        dynamicDim = dim;
      else
        rest *= shape[dim];
    }
    Value size = tensor::DimOp::create(*this, tensor, group);
    if (rest != 1)
      size = arith::DivUIOp::create(
          *this, size, arith::ConstantIndexOp::create(*this, rest));
    sizes[dynamicDim] = size;
  }
  return tensor::ExpandShapeOp::create(
      *this, RankedTensorType::get(shape, elementType), tensor, plan->target,
      sizes);
}

//===----------------------------------------------------------------------===//
// Computation
//===----------------------------------------------------------------------===//

Value TensorBuilder::createElementwise(ValueRange operands, ScalarFn body,
                                       Type elementType) {
  SmallVector<ArrayRef<int64_t>> shapes;
  for (Value operand : operands)
    shapes.push_back(importer::getShape(operand));
  SmallVector<int64_t> shape = *inferBroadcastShape(shapes);
  int64_t rank = shape.size();

  // The size of a dynamic dimension is that of any operand with it.
  SmallVector<OpFoldResult> sizes = getAsIndexOpFoldResult(getContext(), shape);
  for (Value operand : operands) {
    ArrayRef<int64_t> operandShape = importer::getShape(operand);
    int64_t offset = rank - operandShape.size();
    for (auto [dim, size] : llvm::enumerate(operandShape))
      if (ShapedType::isDynamic(size) && isa<Attribute>(sizes[offset + dim]))
        sizes[offset + dim] =
            tensor::DimOp::create(*this, operand, dim).getResult();
  }

  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  for (Value operand : operands) {
    auto [input, dims] = dropStretchedDims(operand, shape);
    SmallVector<AffineExpr> results;
    for (int64_t dim : dims)
      results.push_back(getAffineDimExpr(dim));
    inputs.push_back(input);
    maps.push_back(AffineMap::get(rank, 0, results, getContext()));
  }
  maps.push_back(getMultiDimIdentityMap(rank));

  if (!elementType)
    elementType = importer::getElementType(operands.front());
  Value empty = createEmpty(sizes, elementType);
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  return linalg::GenericOp::create(
             *this, empty.getType(), inputs, empty, maps, iterators,
             [&](OpBuilder &nested, Location loc, ValueRange arguments) {
               TensorBuilder builder(loc, nested);
               linalg::YieldOp::create(builder,
                                       body(builder, arguments.drop_back()));
             })
      .getResult(0);
}

Value TensorBuilder::createReduction(Value tensor, ArrayRef<int64_t> dimensions,
                                     double initial, ScalarFn body) {
  SmallVector<OpFoldResult> sizes;
  for (auto [dim, size] : llvm::enumerate(getSizes(tensor)))
    if (!llvm::is_contained(dimensions, static_cast<int64_t>(dim)))
      sizes.push_back(size);
  Value init = createFilled(sizes, importer::getElementType(tensor), initial);
  return linalg::ReduceOp::create(
             *this, tensor, init, dimensions,
             [&](OpBuilder &nested, Location loc, ValueRange arguments) {
               TensorBuilder builder(loc, nested);
               linalg::YieldOp::create(builder, body(builder, arguments));
             })
      ->getResult(0);
}
