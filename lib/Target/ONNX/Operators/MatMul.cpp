//===- MatMul.cpp - Import of matrix products -----------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../BatchMultiple.h"
#include "../OperatorRegistry.h"
#include "Products.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::ptq::importer;

//===----------------------------------------------------------------------===//
// Gemm
//===----------------------------------------------------------------------===//

/// Input `index` times `factor`, transposed if `transposes`. Done at once where
/// the input is constant.
static LogicalResult readMatrix(Node &node, unsigned index, double factor,
                                bool transposes, Value &value) {
  const ConstantTensor *constant = node.getConstantInput(index);
  if (constant && isa<FloatType>(constant->getElementType()) &&
      hasPlausibleSize(constant->getType())) {
    ConstantTensor matrix = *constant;
    if (transposes && matrix.getRank() == 2)
      matrix = matrix.transposed({1, 0});
    if (factor != 1.0) {
      SmallVector<double> elements = *matrix.getDoubles();
      for (double &element : elements)
        element *= factor;
      matrix = ConstantTensor::fromDoubles(matrix.getName(), matrix.getType(),
                                           elements);
    }
    value = node.createConstant(matrix);
    return success();
  }
  if (failed(node.readFloatInput(index, value)))
    return failure();
  TensorBuilder &builder = node.getBuilder();
  if (transposes && getShape(value).size() == 2)
    value = builder.createTranspose(value, {1, 0});
  if (factor != 1.0)
    value = builder.createElementwise(
        value, [&](TensorBuilder &scalar, ValueRange arguments) -> Value {
          Value constant = scalar.createScalar(arguments[0].getType(), factor);
          return arith::MulFOp::create(scalar, arguments[0], constant);
        });
  return success();
}

/// The sizes of a matrix product: rows of `lhs`, columns of `rhs`.
static SmallVector<OpFoldResult> getProductSizes(TensorBuilder &builder,
                                                 Value lhs, Value rhs) {
  return {builder.getSizes(lhs)[0], builder.getSizes(rhs)[1]};
}

static Value createMatmul(TensorBuilder &builder, Value lhs, Value rhs,
                          Value init) {
  return linalg::MatmulOp::create(builder, init.getType(), ValueRange{lhs, rhs},
                                  init)
      .getResult(0);
}

/// alpha * A * B + beta * C, with C as the initial value of the product.
static LogicalResult importGemm(Node &node) {
  double alpha = 1.0, beta = 1.0;
  bool transA = false, transB = false;
  if (failed(node.readAttribute("alpha", alpha)) ||
      failed(node.readAttribute("beta", beta)) ||
      failed(node.readAttribute("transA", transA)) ||
      failed(node.readAttribute("transB", transB)))
    return failure();
  Value lhs, rhs, bias;
  if (failed(readMatrix(node, 0, 1.0, transA, lhs)) ||
      failed(readMatrix(node, 1, alpha, transB, rhs)))
    return failure();
  if (node.hasInput(2) && beta != 0.0 &&
      failed(readMatrix(node, 2, beta, /*transposes=*/false, bias)))
    return failure();

  Type elementType = getElementType(lhs);
  if (getElementType(rhs) != elementType ||
      (bias && getElementType(bias) != elementType))
    return node.emitError() << "inputs must have one element type";
  if (getShape(lhs).size() != 2 || getShape(rhs).size() != 2 ||
      getShape(lhs)[1] != getShape(rhs)[0] ||
      ShapedType::isDynamic(getShape(lhs)[1]))
    return node.emitError()
           << "cannot multiply " << lhs.getType() << " by " << rhs.getType();
  SmallVector<int64_t> shape = {getShape(lhs)[0], getShape(rhs)[1]};
  if (bias && (inferBroadcastShape({getShape(bias), shape}) != shape ||
               !haveSameBatch({lhs, bias})))
    return node.emitError()
           << "cannot broadcast " << bias.getType() << " to the product of "
           << lhs.getType() << " and " << rhs.getType();

  TensorBuilder &builder = node.getBuilder();
  SmallVector<OpFoldResult> sizes = getProductSizes(builder, lhs, rhs);
  Value init = bias ? builder.createBroadcastTo(bias, sizes)
                    : builder.createFilled(sizes, elementType, 0.0);
  return node.setOutput(0, createMatmul(builder, lhs, rhs, init));
}

//===----------------------------------------------------------------------===//
// MatMul
//===----------------------------------------------------------------------===//

/// lhs of any rank times a matrix: all rows at once.
static Value multiplyByMatrix(TensorBuilder &builder, Value lhs, Value rhs) {
  SmallVector<int64_t> shape(getShape(lhs));
  int64_t numRows = 1;
  for (int64_t size : ArrayRef<int64_t>(shape).drop_back()) {
    if (ShapedType::isDynamic(size) || ShapedType::isDynamic(numRows))
      numRows = ShapedType::kDynamic;
    else
      numRows *= size;
  }
  Value rows = builder.createReshape(lhs, {numRows, shape.back()});
  Value zero = builder.createFilled(getProductSizes(builder, rows, rhs),
                                    getElementType(lhs), 0.0);
  shape.back() = getShape(rhs)[1];
  return builder.createReshape(createMatmul(builder, rows, rhs, zero), shape);
}

/// Products of matrices in the last two dimensions; the others broadcast to
/// `batch`.
static Value multiplyBatches(TensorBuilder &builder, Value lhs, Value rhs,
                             ArrayRef<int64_t> batch) {
  // The sizes of the batch come from the operand that has each of them.
  SmallVector<OpFoldResult> batchSizes =
      getAsIndexOpFoldResult(builder.getContext(), batch);
  for (Value operand : {lhs, rhs}) {
    SmallVector<OpFoldResult> sizes = builder.getSizes(operand);
    int64_t offset = batch.size() + 2 - sizes.size();
    for (int64_t dim = 0, end = sizes.size() - 2; dim < end; ++dim)
      if (isa<Value>(sizes[dim]))
        batchSizes[offset + dim] = sizes[dim];
  }
  int64_t numBatches = 1;
  for (int64_t size : batch) {
    if (ShapedType::isDynamic(size) || ShapedType::isDynamic(numBatches))
      numBatches = ShapedType::kDynamic;
    else
      numBatches *= size;
  }
  auto collect = [&](Value operand) {
    SmallVector<OpFoldResult> sizes = batchSizes;
    llvm::append_range(
        sizes, ArrayRef<OpFoldResult>(builder.getSizes(operand)).take_back(2));
    Value repeated = builder.createBroadcastTo(operand, sizes);
    ArrayRef<int64_t> shape = getShape(operand).take_back(2);
    return builder.createReshape(repeated, {numBatches, shape[0], shape[1]});
  };
  Value lhsBatch = collect(lhs), rhsBatch = collect(rhs);
  Value zero = builder.createFilled({builder.getSizes(lhsBatch)[0],
                                     builder.getSizes(lhsBatch)[1],
                                     builder.getSizes(rhsBatch)[2]},
                                    getElementType(lhs), 0.0);
  Value product =
      linalg::BatchMatmulOp::create(builder, zero.getType(),
                                    ValueRange{lhsBatch, rhsBatch}, zero)
          .getResult(0);
  SmallVector<int64_t> shape(batch);
  llvm::append_range(shape, getShape(product).drop_front());
  return builder.createReshape(product, shape);
}

FailureOr<Value> mlir::ptq::importer::createMatMul(Node &node, Value lhs,
                                                   Value rhs) {
  auto emitMismatch = [&]() -> LogicalResult {
    return node.emitError()
           << "cannot multiply " << lhs.getType() << " by " << rhs.getType();
  };
  SmallVector<int64_t> lhsShape(getShape(lhs)), rhsShape(getShape(rhs));
  if (getElementType(lhs) != getElementType(rhs) || lhsShape.empty() ||
      rhsShape.empty())
    return emitMismatch();

  // Vectors are matrices of one row or column, which is dropped again.
  bool isRow = lhsShape.size() == 1, isColumn = rhsShape.size() == 1;
  if (isRow)
    lhsShape.insert(lhsShape.begin(), 1);
  if (isColumn)
    rhsShape.push_back(1);
  int64_t depth = lhsShape.back();
  if (depth != rhsShape[rhsShape.size() - 2] || ShapedType::isDynamic(depth))
    return emitMismatch();
  std::optional<SmallVector<int64_t>> batch =
      inferBroadcastShape({ArrayRef<int64_t>(lhsShape).drop_back(2),
                           ArrayRef<int64_t>(rhsShape).drop_back(2)});
  if (!batch || !haveSameBatch({lhs, rhs}))
    return emitMismatch();
  SmallVector<int64_t> productShape(*batch);
  productShape.push_back(lhsShape[lhsShape.size() - 2]);
  productShape.push_back(rhsShape.back());
  if (llvm::count_if(productShape, ShapedType::isDynamic) > 1)
    return node.emitError() << "the product of " << lhs.getType() << " and "
                            << rhs.getType() << " has two symbolic dimensions";

  TensorBuilder &builder = node.getBuilder();
  lhs = builder.createReshape(lhs, lhsShape);
  rhs = builder.createReshape(rhs, rhsShape);
  Value product = rhsShape.size() == 2
                      ? multiplyByMatrix(builder, lhs, rhs)
                      : multiplyBatches(builder, lhs, rhs, *batch);
  SmallVector<int64_t> shape(getShape(product));
  if (isColumn)
    shape.pop_back();
  if (isRow)
    shape.erase(shape.end() - (isColumn ? 1 : 2));
  return builder.createReshape(product, shape);
}

static LogicalResult importMatMul(Node &node) {
  Value lhs, rhs;
  if (failed(node.readFloatInput(0, lhs)) ||
      failed(node.readFloatInput(1, rhs)))
    return failure();
  FailureOr<Value> product = createMatMul(node, lhs, rhs);
  if (failed(product))
    return failure();
  return node.setOutput(0, *product);
}

void mlir::ptq::importer::populateMatMulImporters(OperatorRegistry &registry) {
  registry.add("Gemm", {kAllOpsets, {2, 3}, importGemm});
  registry.add("MatMul", {kAllOpsets, {2, 2}, importMatMul});
}
