//===- TensorModels.cpp - Moving elements ---------------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../EvaluationCache.h"
#include "Models.h"
#include "TensorRegions.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Interpreter/EvaluationFrame.h"
#include "ptq/Interpreter/Interpreter.h"
#include <cstring>

using namespace mlir;
using namespace mlir::ptq;

namespace {
template <typename OpTy, typename Model>
struct ModelOf : EvaluableOpInterface::ExternalModel<Model, OpTy> {
  LogicalResult evaluate(Operation *op, EvaluationFrame &frame) const {
    return Model::run(cast<OpTy>(op), frame);
  }
};

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

/// Whether a structured op does not read an operand's elements. An initial
/// value has to be overwritten as a whole, too.
bool ignoresElements(OpOperand &operand) {
  auto op = dyn_cast<linalg::LinalgOp>(operand.getOwner());
  return op && !op.payloadUsesValueFromOperand(&operand) &&
         (op.isDpsInput(&operand) ||
          op.getMatchingIndexingMap(&operand).isPermutation());
}

struct EmptyPlan : OpPlan {
  explicit EmptyPlan(tensor::EmptyOp op)
      : isOverwritten(llvm::all_of(op->getUses(), ignoresElements)) {}
  bool isOverwritten;
};

/// Contents of a tensor.empty are undefined; where anybody could see them,
/// zeros make runs repeatable.
struct EmptyModel : ModelOf<tensor::EmptyOp, EmptyModel> {
  static LogicalResult run(tensor::EmptyOp op, EvaluationFrame &frame) {
    const auto *plan = static_cast<const EmptyPlan *>(
        frame.getInterpreter().getCache().plans.getOrCreate(
            op, [&] { return std::make_unique<EmptyPlan>(op); }));
    SmallVector<int64_t> shape =
        frame.getIntegers(op.getType().getShape(), op.getDynamicSizes());
    Type elementType = op.getType().getElementType();
    bool isSeen =
        !plan->isOverwritten || frame.getInterpreter().hasOpListeners();
    FailureOr<TensorValue> result =
        isSeen ? frame.allocateZeros(op, shape, elementType)
               : frame.allocate(op, shape, elementType);
    if (failed(result))
      return failure();
    frame.set(op, std::move(*result));
    return success();
  }
};

struct DimModel : ModelOf<tensor::DimOp, DimModel> {
  static LogicalResult run(tensor::DimOp op, EvaluationFrame &frame) {
    const TensorValue &source = frame.get(op.getSource());
    int64_t dim = frame.getInteger(op.getIndex());
    if (dim < 0 || dim >= source.getRank())
      return op.emitError("dimension ")
             << dim << " does not exist in " << source.getType();
    frame.set(op, TensorValue::fromScalar<int64_t>(op.getType(),
                                                   source.getShape()[dim]));
    return success();
  }
};

struct RankModel : ModelOf<tensor::RankOp, RankModel> {
  static LogicalResult run(tensor::RankOp op, EvaluationFrame &frame) {
    frame.set(op, TensorValue::fromScalar<int64_t>(
                      op.getType(), frame.get(op.getTensor()).getRank()));
    return success();
  }
};

/// The frame checks that the value fits the type that it is cast to.
struct CastModel : ModelOf<tensor::CastOp, CastModel> {
  static LogicalResult run(tensor::CastOp op, EvaluationFrame &frame) {
    frame.set(op, frame.take(op, op.getSource()));
    return success();
  }
};

struct BitcastModel : ModelOf<tensor::BitcastOp, BitcastModel> {
  static LogicalResult run(tensor::BitcastOp op, EvaluationFrame &frame) {
    TensorValue source = frame.take(op, op.getSource());
    auto type = RankedTensorType::get(
        source.getShape(), getElementTypeOrSelf(op.getResult().getType()));
    frame.set(op, source.withType(type));
    return success();
  }
};

/// The elements of `source` as a tensor of `shape`, if there are as many.
LogicalResult setReshaped(Operation *op, EvaluationFrame &frame, Value operand,
                          ArrayRef<int64_t> shape) {
  TensorValue source = frame.take(op, operand);
  auto type = RankedTensorType::get(shape, source.getElementType());
  int64_t count = 1;
  for (int64_t size : shape)
    if (size < 0 || llvm::MulOverflow(count, size, count))
      return op->emitError("cannot reshape to ") << type;
  if (count != source.getNumElements())
    return op->emitError("cannot reshape ")
           << source.getType() << " to " << type;
  frame.set(op->getResult(0), source.withType(type));
  return success();
}

struct CollapseShapeModel
    : ModelOf<tensor::CollapseShapeOp, CollapseShapeModel> {
  static LogicalResult run(tensor::CollapseShapeOp op, EvaluationFrame &frame) {
    ArrayRef<int64_t> source = frame.get(op.getSrc()).getShape();
    SmallVector<int64_t> shape;
    for (const ReassociationIndices &group : op.getReassociationIndices()) {
      shape.push_back(1);
      for (int64_t dim : group)
        shape.back() *= source[dim];
    }
    return setReshaped(op, frame, op.getSrc(), shape);
  }
};

struct ExpandShapeModel : ModelOf<tensor::ExpandShapeOp, ExpandShapeModel> {
  static LogicalResult run(tensor::ExpandShapeOp op, EvaluationFrame &frame) {
    SmallVector<int64_t> shape =
        frame.getIntegers(op.getStaticOutputShape(), op.getOutputShape());
    ArrayRef<int64_t> source = frame.get(op.getSrc()).getShape();
    for (auto [dim, group] : llvm::enumerate(op.getReassociationIndices())) {
      int64_t product = 1;
      for (int64_t resultDim : group)
        if (llvm::MulOverflow(product, shape[resultDim], product))
          return op.emitError("sizes overflow");
      if (product != source[dim])
        return op.emitError("dimension ")
               << dim << " of " << source[dim] << " elements is expanded to "
               << product;
    }
    return setReshaped(op, frame, op.getSrc(), shape);
  }
};

struct ReshapeModel : ModelOf<tensor::ReshapeOp, ReshapeModel> {
  static LogicalResult run(tensor::ReshapeOp op, EvaluationFrame &frame) {
    const TensorValue &sizes = frame.get(op.getShape());
    SmallVector<int64_t> shape;
    for (int64_t i = 0; i < sizes.getNumElements(); ++i)
      shape.push_back(
          sizes.getElementByteSize() == 8   ? sizes.getData<int64_t>()[i]
          : sizes.getElementByteSize() == 4 ? sizes.getData<int32_t>()[i]
                                            : -1);
    return setReshaped(op, frame, op.getSource(), shape);
  }
};

//===----------------------------------------------------------------------===//
// Parts
//===----------------------------------------------------------------------===//

/// Reads the offsets, sizes and strides of a slice and checks that it lies in
/// a tensor of `shape`.
template <typename OpTy>
FailureOr<TensorRegion> getRegion(OpTy op, EvaluationFrame &frame,
                                  ArrayRef<int64_t> shape) {
  TensorRegion region{
      frame.getIntegers(op.getStaticOffsets(), op.getOffsets()),
      frame.getIntegers(op.getStaticSizes(), op.getSizes()),
      frame.getIntegers(op.getStaticStrides(), op.getStrides())};
  if (failed(verifyRegion(op, region, shape)))
    return failure();
  return region;
}

/// Drops the unit dimensions of `sizes` that the result type `reduced` lacks.
SmallVector<int64_t> dropReducedDims(ArrayRef<int64_t> sizes,
                                     const llvm::SmallBitVector &dropped) {
  SmallVector<int64_t> shape;
  for (auto [dim, size] : llvm::enumerate(sizes))
    if (!dropped.test(dim))
      shape.push_back(size);
  return shape;
}

struct ExtractSliceModel : ModelOf<tensor::ExtractSliceOp, ExtractSliceModel> {
  static LogicalResult run(tensor::ExtractSliceOp op, EvaluationFrame &frame) {
    const TensorValue &source = frame.get(op.getSource());
    FailureOr<TensorRegion> region = getRegion(op, frame, source.getShape());
    if (failed(region))
      return failure();
    FailureOr<TensorValue> result =
        frame.allocate(op, dropReducedDims(region->sizes, op.getDroppedDims()),
                       source.getElementType());
    if (failed(result))
      return failure();
    copyFromRegion(source, *region, *result);
    frame.set(op, std::move(*result));
    return success();
  }
};

struct InsertSliceModel : ModelOf<tensor::InsertSliceOp, InsertSliceModel> {
  static LogicalResult run(tensor::InsertSliceOp op, EvaluationFrame &frame) {
    TensorValue source = frame.get(op.getSource());
    TensorValue dest = frame.take(op, op.getDest());
    FailureOr<TensorRegion> region = getRegion(op, frame, dest.getShape());
    if (failed(region) || failed(insertRegion(op, source, *region, dest)))
      return failure();
    frame.set(op, std::move(dest));
    return success();
  }
};

struct ConcatModel : ModelOf<tensor::ConcatOp, ConcatModel> {
  static LogicalResult run(tensor::ConcatOp op, EvaluationFrame &frame) {
    auto dim = static_cast<size_t>(op.getDim());
    SmallVector<int64_t> shape(frame.get(op.getInputs().front()).getShape());
    shape[dim] = 0;
    for (Value input : op.getInputs()) {
      ArrayRef<int64_t> inputShape = frame.get(input).getShape();
      for (auto [index, size] : llvm::enumerate(inputShape))
        if (index != dim && size != shape[index])
          return op.emitError("inputs differ in dimension ") << index;
      if (llvm::AddOverflow(shape[dim], inputShape[dim], shape[dim]))
        return op.emitError("sizes overflow");
    }
    FailureOr<TensorValue> result =
        frame.allocate(op, shape, op.getResultType().getElementType());
    if (failed(result))
      return failure();
    TensorRegion region = getWholeRegion(shape);
    for (Value input : op.getInputs()) {
      const TensorValue &part = frame.get(input);
      region.sizes[dim] = part.getShape()[dim];
      copyToRegion(part, region, *result);
      region.offsets[dim] += region.sizes[dim];
    }
    frame.set(op, std::move(*result));
    return success();
  }
};

/// Fills the border by the region, which is evaluated once if it gives the same
/// for all elements, as it nearly always does.
struct PadModel : ModelOf<tensor::PadOp, PadModel> {
  static LogicalResult run(tensor::PadOp op, EvaluationFrame &frame) {
    TensorValue source = frame.get(op.getSource());
    SmallVector<int64_t> low =
        frame.getIntegers(op.getStaticLow(), op.getLow());
    SmallVector<int64_t> high =
        frame.getIntegers(op.getStaticHigh(), op.getHigh());
    SmallVector<int64_t> shape(source.getShape());
    for (auto [dim, size] : llvm::enumerate(shape)) {
      if (low[dim] < 0 || high[dim] < 0)
        return op.emitError("pads dimension ")
               << dim << " by a negative amount";
      if (llvm::AddOverflow(size, low[dim], size) ||
          llvm::AddOverflow(size, high[dim], size))
        return op.emitError("sizes overflow");
    }
    FailureOr<TensorValue> result =
        frame.allocate(op, shape, source.getElementType());
    if (failed(result))
      return failure();
    if (Value constant = op.getConstantPaddingValue();
        constant && frame.lookup(constant)) {
      fillTensor(*result, *frame.lookup(constant));
    } else if (constant && constant.getParentRegion() == &op.getRegion()) {
      FailureOr<SmallVector<TensorValue>> padding = evaluateWithIndices(
          frame, op.getRegion(), SmallVector<int64_t>(shape.size(), 0));
      if (failed(padding))
        return failure();
      fillTensor(*result, padding->front());
    } else if (failed(fillByRegion(frame, op.getRegion(), *result))) {
      return failure();
    }
    TensorRegion region = getWholeRegion(source.getShape());
    region.offsets = low;
    copyToRegion(source, region, *result);
    frame.set(op, std::move(*result));
    return success();
  }
};

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

struct ExtractModel : ModelOf<tensor::ExtractOp, ExtractModel> {
  static LogicalResult run(tensor::ExtractOp op, EvaluationFrame &frame) {
    const TensorValue &source = frame.get(op.getTensor());
    FailureOr<int64_t> at =
        getElementOffset(op, frame, source, op.getIndices());
    if (failed(at))
      return failure();
    FailureOr<TensorValue> result =
        frame.allocate(op, /*shape=*/{}, source.getElementType());
    if (failed(result))
      return failure();
    size_t size = source.getElementByteSize();
    std::memcpy(result->getMutableRawData().data(),
                source.getRawData().data() + *at * size, size);
    frame.set(op, std::move(*result));
    return success();
  }
};

struct InsertModel : ModelOf<tensor::InsertOp, InsertModel> {
  static LogicalResult run(tensor::InsertOp op, EvaluationFrame &frame) {
    TensorValue scalar = frame.get(op.getScalar());
    TensorValue dest = frame.take(op, op.getDest());
    FailureOr<int64_t> at = getElementOffset(op, frame, dest, op.getIndices());
    if (failed(at))
      return failure();
    if (failed(dest.makeUnique()))
      return op.emitError("not enough memory for ") << dest.getType();
    size_t size = dest.getElementByteSize();
    std::memcpy(dest.getMutableRawData().data() + *at * size,
                scalar.getRawData().data(), size);
    frame.set(op, std::move(dest));
    return success();
  }
};

struct FromElementsModel : ModelOf<tensor::FromElementsOp, FromElementsModel> {
  static LogicalResult run(tensor::FromElementsOp op, EvaluationFrame &frame) {
    FailureOr<TensorValue> result =
        frame.allocate(op, cast<RankedTensorType>(op.getType()));
    if (failed(result))
      return failure();
    size_t size = result->getElementByteSize();
    char *target = result->getMutableRawData().data();
    for (Value element : op.getElements()) {
      std::memcpy(target, frame.get(element).getRawData().data(), size);
      target += size;
    }
    frame.set(op, std::move(*result));
    return success();
  }
};

struct SplatModel : ModelOf<tensor::SplatOp, SplatModel> {
  static LogicalResult run(tensor::SplatOp op, EvaluationFrame &frame) {
    auto type = cast<RankedTensorType>(op.getType());
    SmallVector<int64_t> shape(type.getShape());
    auto dynamic = op.getDynamicSizes().begin();
    for (int64_t &size : shape)
      if (ShapedType::isDynamic(size))
        size = frame.getInteger(*dynamic++);
    FailureOr<TensorValue> result =
        frame.allocate(op, shape, type.getElementType());
    if (failed(result))
      return failure();
    fillTensor(*result, frame.get(op.getInput()));
    frame.set(op, std::move(*result));
    return success();
  }
};

struct GenerateModel : ModelOf<tensor::GenerateOp, GenerateModel> {
  static LogicalResult run(tensor::GenerateOp op, EvaluationFrame &frame) {
    auto type = cast<RankedTensorType>(op.getType());
    SmallVector<int64_t> shape(type.getShape());
    auto dynamic = op.getDynamicExtents().begin();
    for (int64_t &size : shape)
      if (ShapedType::isDynamic(size))
        size = frame.getInteger(*dynamic++);
    FailureOr<TensorValue> result =
        frame.allocate(op, shape, type.getElementType());
    if (failed(result) || failed(fillByRegion(frame, op.getBody(), *result)))
      return failure();
    frame.set(op, std::move(*result));
    return success();
  }
};

} // namespace

void mlir::ptq::registerTensorModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, tensor::TensorDialect *) {
    tensor::BitcastOp::attachInterface<BitcastModel>(*context);
    tensor::CastOp::attachInterface<CastModel>(*context);
    tensor::CollapseShapeOp::attachInterface<CollapseShapeModel>(*context);
    tensor::ConcatOp::attachInterface<ConcatModel>(*context);
    tensor::DimOp::attachInterface<DimModel>(*context);
    tensor::EmptyOp::attachInterface<EmptyModel>(*context);
    tensor::ExpandShapeOp::attachInterface<ExpandShapeModel>(*context);
    tensor::ExtractOp::attachInterface<ExtractModel>(*context);
    tensor::ExtractSliceOp::attachInterface<ExtractSliceModel>(*context);
    tensor::FromElementsOp::attachInterface<FromElementsModel>(*context);
    tensor::GenerateOp::attachInterface<GenerateModel>(*context);
    tensor::InsertOp::attachInterface<InsertModel>(*context);
    tensor::InsertSliceOp::attachInterface<InsertSliceModel>(*context);
    tensor::PadOp::attachInterface<PadModel>(*context);
    tensor::RankOp::attachInterface<RankModel>(*context);
    tensor::ReshapeOp::attachInterface<ReshapeModel>(*context);
    tensor::SplatOp::attachInterface<SplatModel>(*context);
  });
}
