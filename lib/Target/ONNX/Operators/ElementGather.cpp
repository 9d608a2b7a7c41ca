//===- ElementGather.cpp - Import of gathers by whole positions -----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../BatchMultiple.h"
#include "../OperatorRegistry.h"
#include "Gather.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "llvm/ADT/Sequence.h"

using namespace mlir;
using namespace mlir::ptq::importer;

//===----------------------------------------------------------------------===//
// What is gathered
//===----------------------------------------------------------------------===//

namespace {
/// The operands of a gather as values; unsigned elements are less by half of
/// their range if the facts say so.
struct GatherOperands {
  Value data, indices;
  ValueFacts facts;
};
} // namespace

static LogicalResult readOperands(Node &node, GatherOperands &operands) {
  if (failed(node.readElements(0, operands.data, operands.facts.isShifted)) ||
      failed(node.readInput(1, operands.indices)))
    return failure();
  Type indexType = getElementType(operands.indices);
  if (!indexType.isInteger(32) && !indexType.isInteger(64))
    return node.emitError() << "input 1 must be a tensor of i32 or i64, got "
                            << operands.indices.getType();
  return success();
}

/// Element `index` as a position in [0, size); fails if it is outside.
static FailureOr<int64_t> getPosition(Node &node, int64_t index, int64_t size) {
  if (index < -size || index >= size)
    return LogicalResult(node.emitError()
                         << "index " << index << " is out of range for " << size
                         << " positions");
  return index < 0 ? index + size : index;
}

/// The elements of constant inputs 0 and 1, where both are; `indices` are empty
/// where not. A table and its indices are small then, or stay values.
static const ConstantTensor *getConstants(Node &node,
                                          ArrayRef<int64_t> resultShape,
                                          SmallVectorImpl<int64_t> &indices) {
  const ConstantTensor *data = node.getConstantInput(0);
  const ConstantTensor *positions = node.getConstantInput(1);
  if (!data || !positions || !ConstantTensor::mayFold(resultShape))
    return nullptr;
  FailureOr<SmallVector<int64_t>> integers = positions->getIntegers();
  if (failed(integers))
    return nullptr;
  indices = std::move(*integers);
  return data;
}

/// Sets output 0 to elements of a constant, each at its place among all.
static LogicalResult setElements(Node &node, const ConstantTensor &data,
                                 ArrayRef<int64_t> places,
                                 ArrayRef<int64_t> shape) {
  int64_t numElements = data.getType().getNumElements();
  return node.setOutput(
      0, data.reshaped(numElements).taken(0, places).reshaped(shape));
}

/// A generic over `sizes` whose elements are those of `data` at the position
/// that `body` computes from an element of `indices`, if they have `map`.
static Value createGatherOf(TensorBuilder &builder, Value data, Value indices,
                            AffineMap map, ArrayRef<OpFoldResult> sizes,
                            function_ref<void(TensorBuilder &, Value index,
                                              SmallVectorImpl<Value> &position)>
                                body) {
  int64_t rank = sizes.size();
  AffineMap maps[] = {map, builder.getMultiDimIdentityMap(rank)};
  Value empty = builder.createEmpty(sizes, getElementType(data));
  SmallVector<utils::IteratorType> iterators(rank,
                                             utils::IteratorType::parallel);
  return linalg::GenericOp::create(
             builder, empty.getType(), indices, empty, maps, iterators,
             [&](OpBuilder &nested, Location loc, ValueRange args) {
               TensorBuilder element(loc, nested);
               SmallVector<Value> position;
               Value index = arith::IndexCastOp::create(
                   element, element.getIndexType(), args[0]);
               body(element, index, position);
               Value taken = tensor::ExtractOp::create(element, data, position);
               linalg::YieldOp::create(element, taken);
             })
      .getResult(0);
}

//===----------------------------------------------------------------------===//
// GatherElements
//===----------------------------------------------------------------------===//

/// Element i of the result is element i of the data, but at indices[i] along
/// the axis.
static LogicalResult importGatherElements(Node &node) {
  SmallVector<int64_t> shape, indexShape, indices;
  int64_t axis = 0;
  if (failed(node.readShape(0, shape)) ||
      failed(node.readShape(1, indexShape)) ||
      failed(node.readAxis("axis", shape.size(), axis)))
    return failure();
  if (ShapedType::isDynamic(shape[axis]))
    return node.emitError() << "cannot gather along the symbolic batch; fix it "
                               "with --batch";
  bool fits = shape.size() == indexShape.size();
  for (int64_t dim = 0, rank = shape.size(); fits && dim < rank; ++dim)
    if (dim != axis && (ShapedType::isDynamic(shape[dim]) ||
                        ShapedType::isDynamic(indexShape[dim])))
      fits = shape[dim] == indexShape[dim];
    else if (dim != axis)
      fits = indexShape[dim] <= shape[dim];
  auto emitMismatch = [&]() -> LogicalResult {
    return node.emitError() << "the shape of the indices does not fit that of "
                               "the data";
  };
  if (!fits)
    return emitMismatch();

  if (const ConstantTensor *data = getConstants(node, indexShape, indices)) {
    SmallVector<int64_t> strides = computeStrides(shape), places;
    SmallVector<int64_t> indexStrides = computeStrides(indexShape);
    for (auto [number, index] : llvm::enumerate(indices)) {
      FailureOr<int64_t> position = getPosition(node, index, shape[axis]);
      if (failed(position))
        return failure();
      SmallVector<int64_t> place = delinearize(number, indexStrides);
      place[axis] = *position;
      places.push_back(linearize(place, strides));
    }
    return setElements(node, *data, places, indexShape);
  }

  GatherOperands operands;
  if (failed(readOperands(node, operands)))
    return failure();
  Value data = operands.data, positions = operands.indices;
  // Along the axis, indices may be of another number.
  if (!haveSameBatch({data, positions}) &&
      !ShapedType::isDynamic(indexShape[axis]))
    return emitMismatch();
  TensorBuilder &builder = node.getBuilder();
  Value result = createGatherOf(
      builder, data, positions, builder.getMultiDimIdentityMap(shape.size()),
      builder.getSizes(positions),
      [&](TensorBuilder &body, Value index, SmallVectorImpl<Value> &position) {
        for (int64_t dim = 0, rank = shape.size(); dim < rank; ++dim)
          position.push_back(dim == axis
                                 ? createPosition(body, index, shape[dim])
                                 : linalg::IndexOp::create(body, dim));
      });
  return node.setOutput(0, result, std::move(operands.facts));
}

//===----------------------------------------------------------------------===//
// GatherND
//===----------------------------------------------------------------------===//

/// The constant rows of input 1, positions in the leading dimensions `sizes` of
/// the data, as places among all positions of these dimensions.
static LogicalResult readPlaces(Node &node, ArrayRef<int64_t> sizes,
                                SmallVectorImpl<int64_t> &places) {
  SmallVector<int64_t> indices, strides = computeStrides(sizes);
  if (failed(node.readIntegers(1, indices)))
    return failure();
  for (size_t first = 0; first < indices.size(); first += sizes.size()) {
    int64_t place = 0;
    for (auto [dim, size] : llvm::enumerate(sizes)) {
      FailureOr<int64_t> position =
          getPosition(node, indices[first + dim], size);
      if (failed(position))
        return failure();
      place += *position * strides[dim];
    }
    places.push_back(place);
  }
  return success();
}

/// Each row of the indices is a position in the leading dimensions of the data.
/// These become one dimension, along which the rest is gathered.
static LogicalResult importGatherND(Node &node) {
  SmallVector<int64_t> shape, indexShape, places;
  int64_t numBatchDims = 0;
  if (failed(node.readShape(0, shape)) ||
      failed(node.readShape(1, indexShape)) ||
      failed(node.readAttribute("batch_dims", numBatchDims)))
    return failure();
  if (numBatchDims != 0)
    return node.emitError()
           << "'batch_dims = " << numBatchDims << "' is not supported";
  if (indexShape.empty() || ShapedType::isDynamic(indexShape.back()) ||
      indexShape.back() < 1 ||
      indexShape.back() > static_cast<int64_t>(shape.size()))
    return node.emitError() << "the shape of the indices does not fit that of "
                               "the data";
  int64_t depth = indexShape.pop_back_val();
  auto gathered = ArrayRef(shape).take_front(depth);
  int64_t numPlaces = 1;
  for (int64_t size : gathered)
    if (ShapedType::isDynamic(size))
      return node.emitError() << "cannot gather along the symbolic batch; fix "
                                 "it with --batch";
    else
      numPlaces *= size;
  bool isConstant = node.getConstantInput(1) != nullptr;
  if (isConstant && failed(readPlaces(node, gathered, places)))
    return failure();
  SmallVector<int64_t> rows = {numPlaces}, resultShape(indexShape);
  for (SmallVector<int64_t> *sizes : {&rows, &resultShape})
    llvm::append_range(*sizes, ArrayRef(shape).drop_front(depth));
  const ConstantTensor *constant = node.getConstantInput(0);
  if (constant && isConstant) {
    if (!ConstantTensor::mayFold(resultShape))
      return node.emitError() << "makes a constant of impossible size";
    return node.setOutput(
        0, constant->reshaped(rows).taken(0, places).reshaped(resultShape));
  }
  if (!isConstant && depth != 1)
    return node.emitError()
           << "indices of " << depth << " dimensions at once must be constant";
  if (llvm::count_if(resultShape, ShapedType::isDynamic) > 1)
    return node.emitError() << "has a result with two symbolic dimensions";

  GatherOperands operands;
  TensorBuilder &builder = node.getBuilder();
  if (isConstant) {
    auto type = RankedTensorType::get(indexShape, builder.getI64Type());
    if (!hasPlausibleSize(type))
      return node.emitError() << "has no indices";
    operands.indices = node.createConstant(ConstantTensor::fromIntegers(
        (node.getOutputName(0) + ".positions").str(), type, places));
    if (failed(node.readElements(0, operands.data, operands.facts.isShifted)))
      return failure();
  } else {
    if (failed(readOperands(node, operands)))
      return failure();
    operands.indices = builder.createReshape(operands.indices, indexShape);
  }
  Value data = builder.createReshape(operands.data, rows);
  Value result = createGather(builder, data, operands.indices, /*axis=*/0,
                              /*areInRange=*/isConstant);
  return node.setOutput(0, result, std::move(operands.facts));
}

//===----------------------------------------------------------------------===//
// ScatterND
//===----------------------------------------------------------------------===//

/// Constants only: rows of the data at the positions that the indices name
/// become those of the updates, in order.
static LogicalResult importScatterND(Node &node) {
  std::string reduction = "none";
  if (failed(node.readAttribute("reduction", reduction)))
    return failure();
  if (reduction != "none")
    return node.emitError()
           << "'reduction = \"" << reduction << "\"' is not supported";
  const ConstantTensor *data = node.getConstantInput(0);
  const ConstantTensor *indices = node.getConstantInput(1);
  const ConstantTensor *updates = node.getConstantInput(2);
  if (!data || !indices || !updates)
    return node.emitError() << "its inputs must be constant";
  ArrayRef<int64_t> shape = data->getShape();
  int64_t depth = indices->getRank() == 0 ? 0 : indices->getShape().back();
  if (depth < 1 || depth > data->getRank())
    return node.emitError() << "the shape of the indices does not fit that of "
                               "the data";
  auto gathered = shape.take_front(depth), rest = shape.drop_front(depth);
  SmallVector<int64_t> expected(indices->getShape().drop_back()), places;
  llvm::append_range(expected, rest);
  if (updates->getShape() != ArrayRef<int64_t>(expected) ||
      updates->getElementType() != data->getElementType())
    return node.emitError() << "the updates do not fit the data";
  if (failed(readPlaces(node, gathered, places)))
    return failure();

  // Rows of the data, and behind them those of the updates.
  int64_t numRows = llvm::product_of(gathered);
  SmallVector<int64_t> rows = {numRows}, newRows;
  newRows.push_back(places.size());
  for (SmallVector<int64_t> *sizes : {&rows, &newRows})
    llvm::append_range(*sizes, rest);
  auto sources = llvm::to_vector(llvm::seq<int64_t>(0, numRows));
  for (auto [number, place] : llvm::enumerate(places))
    sources[place] = numRows + number;
  ConstantTensor all = ConstantTensor::concatenated(
      node.getOutputName(0), {data->reshaped(rows), updates->reshaped(newRows)},
      /*axis=*/0);
  return node.setOutput(0, all.taken(0, sources).reshaped(shape));
}

void mlir::ptq::importer::populateElementGatherImporters(
    OperatorRegistry &registry) {
  registry.add("GatherElements",
               {{11, kMaxOpset}, {2, 2}, importGatherElements});
  registry.add("GatherND", {{11, kMaxOpset}, {2, 2}, importGatherND});
  registry.add("ScatterND", {{11, kMaxOpset}, {3, 3}, importScatterND});
}
