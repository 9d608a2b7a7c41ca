//===- Gather.cpp - Import of gathers -------------------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Gather.h"
#include "../OperatorRegistry.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::ptq::importer;

Value mlir::ptq::importer::createPosition(TensorBuilder &builder, Value index,
                                          int64_t size) {
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(builder, value);
  };
  Value zero = constant(0);
  Value fromEnd = arith::AddIOp::create(builder, index, constant(size));
  Value isNegative =
      arith::CmpIOp::create(builder, arith::CmpIPredicate::slt, index, zero);
  Value wrapped = arith::SelectOp::create(builder, isNegative, fromEnd, index);
  Value raised = arith::MaxSIOp::create(builder, wrapped, zero);
  return arith::MinSIOp::create(builder, raised, constant(size - 1));
}

Value mlir::ptq::importer::createGather(TensorBuilder &builder, Value data,
                                        Value indices, int64_t axis,
                                        bool areInRange) {
  int64_t rank = getShape(data).size(), numIndexDims = getShape(indices).size();
  int64_t size = getShape(data)[axis];
  SmallVector<OpFoldResult> dataSizes = builder.getSizes(data), sizes;
  llvm::append_range(sizes, ArrayRef(dataSizes).take_front(axis));
  llvm::append_range(sizes, builder.getSizes(indices));
  llvm::append_range(sizes, ArrayRef(dataSizes).drop_front(axis + 1));

  int64_t numDims = sizes.size();
  AffineMap all = builder.getMultiDimIdentityMap(numDims);
  AffineMap maps[] = {all.getSliceMap(axis, numIndexDims), all};
  Value empty = builder.createEmpty(sizes, getElementType(data));
  SmallVector<utils::IteratorType> iterators(numDims,
                                             utils::IteratorType::parallel);
  return linalg::GenericOp::create(
             builder, empty.getType(), indices, empty, maps, iterators,
             [&](OpBuilder &nested, Location loc, ValueRange args) {
               TensorBuilder body(loc, nested);
               Value index = arith::IndexCastOp::create(
                   body, body.getIndexType(), args[0]);
               if (!areInRange)
                 index = createPosition(body, index, size);
               SmallVector<Value> position;
               for (int64_t dim = 0; dim < rank; ++dim) {
                 if (dim == axis) {
                   position.push_back(index);
                   continue;
                 }
                 int64_t loop = dim < axis ? dim : dim + numIndexDims - 1;
                 position.push_back(linalg::IndexOp::create(body, loop));
               }
               Value element = tensor::ExtractOp::create(body, data, position);
               linalg::YieldOp::create(body, element);
             })
      .getResult(0);
}

/// The constant indices of input 1 as positions in [0, size); empty where they
/// are not constant.
static LogicalResult
readPositions(Node &node, int64_t size,
              std::optional<SmallVector<int64_t>> &positions) {
  if (!node.getConstantInput(1))
    return success();
  positions.emplace();
  if (failed(node.readIntegers(1, *positions)))
    return failure();
  for (int64_t &position : *positions) {
    if (position < -size || position >= size)
      return node.emitError() << "index " << position << " is out of range for "
                              << size << " positions";
    if (position < 0)
      position += size;
  }
  return success();
}

/// Sets output 0 to the positions of a constant along `axis` in which
/// `indexShape` takes the place of the axis.
static LogicalResult setTaken(Node &node, const ConstantTensor &constant,
                              int64_t axis, ArrayRef<int64_t> positions,
                              ArrayRef<int64_t> shape) {
  if (!ConstantTensor::mayFold(shape))
    return node.emitError() << "makes a constant of impossible size";
  return node.setOutput(0, constant.taken(axis, positions).reshaped(shape));
}

static LogicalResult importGather(Node &node) {
  SmallVector<int64_t> shape, indexShape;
  int64_t axis = 0;
  if (failed(node.readShape(0, shape)) ||
      failed(node.readShape(1, indexShape)) ||
      failed(node.readAxis("axis", shape.size(), axis)))
    return failure();
  int64_t size = shape[axis];
  if (ShapedType::isDynamic(size))
    return node.emitError() << "cannot gather along the symbolic batch; fix it "
                               "with --batch";
  std::optional<SmallVector<int64_t>> positions;
  if (failed(readPositions(node, size, positions)))
    return failure();
  SmallVector<int64_t> resultShape(shape);
  resultShape.erase(resultShape.begin() + axis);
  resultShape.insert(resultShape.begin() + axis, indexShape.begin(),
                     indexShape.end());
  const ConstantTensor *constant = node.getConstantInput(0);
  if (constant && positions)
    return setTaken(node, *constant, axis, *positions, resultShape);
  if (llvm::count_if(resultShape, ShapedType::isDynamic) > 1)
    return node.emitError() << "has a result with two symbolic dimensions";

  // Tables of codes are often unsigned, indices are not.
  Value data, indices;
  ValueFacts facts;
  if (failed(node.readElements(0, data, facts.isShifted)))
    return failure();
  TensorBuilder &builder = node.getBuilder();
  if (positions) {
    auto type = RankedTensorType::get(indexShape, builder.getI64Type());
    if (!hasPlausibleSize(type))
      return node.emitError() << "has no indices";
    indices = node.createConstant(ConstantTensor::fromIntegers(
        (node.getOutputName(0) + ".positions").str(), type, *positions));
  } else if (failed(node.readInput(1, indices))) {
    return failure();
  }
  Type indexType = getElementType(indices);
  if (!indexType.isInteger(32) && !indexType.isInteger(64))
    return node.emitError() << "input 1 must be a tensor of i32 or i64, got "
                            << indices.getType();
  Value result = createGather(builder, data, indices, axis,
                              /*areInRange=*/positions.has_value());
  return node.setOutput(0, result, std::move(facts));
}

void mlir::ptq::importer::populateGatherImporters(OperatorRegistry &registry) {
  registry.add("Gather", {kAllOpsets, {2, 2}, importGather});
}
