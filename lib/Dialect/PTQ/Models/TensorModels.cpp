//===- TensorModels.cpp - How tensor answers the quantizer ----------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Models/Models.h"
#include "ptq/Quantization/QuantizationParameters.h"
#include <cmath>

using namespace mlir;
using namespace mlir::ptq;

namespace {

/// `type` with elements of another type.
RankedTensorType withElementType(Type type, Type elementType) {
  return cast<RankedTensorType>(type).clone(elementType);
}

//===----------------------------------------------------------------------===//
// Reshapes
//===----------------------------------------------------------------------===//

/// Carries dimensions of the expanded shape to the groups that they fill. A
/// group survives if all its dimensions but those of size 1 are in `dims`.
FailureOr<SmallVector<int64_t>>
mapToGroups(ArrayRef<ReassociationIndices> groups, ArrayRef<int64_t> shape,
            ArrayRef<int64_t> dims) {
  SmallVector<int64_t> mapped;
  size_t covered = 0;
  for (auto [index, group] : llvm::enumerate(groups)) {
    bool anyInside = llvm::any_of(
        group, [&](int64_t dim) { return llvm::is_contained(dims, dim); });
    if (!anyInside)
      continue;
    for (int64_t dim : group) {
      bool isInside = llvm::is_contained(dims, dim);
      covered += isInside;
      if (!isInside && shape[dim] != 1)
        return failure();
    }
    mapped.push_back(index);
  }
  if (covered != dims.size())
    return failure();
  return mapped;
}

/// Carries groups to the dimensions that they consist of, leaving out those of
/// size 1 where others remain.
FailureOr<SmallVector<int64_t>>
mapFromGroups(ArrayRef<ReassociationIndices> groups, ArrayRef<int64_t> shape,
              ArrayRef<int64_t> dims) {
  SmallVector<int64_t> mapped;
  for (int64_t index : dims) {
    if (index >= static_cast<int64_t>(groups.size()))
      return failure();
    SmallVector<int64_t> kept;
    for (int64_t dim : groups[index])
      if (shape[dim] != 1)
        kept.push_back(dim);
    if (kept.empty())
      kept.push_back(groups[index].front());
    llvm::append_range(mapped, kept);
  }
  return mapped;
}

struct CollapseShapeModel : QuantizationTransparentOpInterface::ExternalModel<
                                CollapseShapeModel, tensor::CollapseShapeOp> {
  bool isTransparentFor(Operation *, unsigned operand) const {
    return operand == 0;
  }
  bool preservesRange(Operation *) const { return true; }
  FailureOr<SmallVector<int64_t>>
  mapDimsToResult(Operation *op, unsigned, ArrayRef<int64_t> dims) const {
    auto collapse = cast<tensor::CollapseShapeOp>(op);
    return mapToGroups(collapse.getReassociationIndices(),
                       collapse.getSrcType().getShape(), dims);
  }
  FailureOr<SmallVector<int64_t>>
  mapDimsToOperand(Operation *op, unsigned, ArrayRef<int64_t> dims) const {
    auto collapse = cast<tensor::CollapseShapeOp>(op);
    return mapFromGroups(collapse.getReassociationIndices(),
                         collapse.getSrcType().getShape(), dims);
  }
  FailureOr<Value> createOnStorage(Operation *op, OpBuilder &builder, unsigned,
                                   Value storage, Value) const {
    auto collapse = cast<tensor::CollapseShapeOp>(op);
    return tensor::CollapseShapeOp::create(
               builder, op->getLoc(),
               withElementType(collapse.getType(),
                               getElementTypeOrSelf(storage)),
               storage, collapse.getReassociationIndices())
        .getResult();
  }
};

struct ExpandShapeModel
    : QuantizationTransparentOpInterface::ExternalModel<ExpandShapeModel,
                                                        tensor::ExpandShapeOp> {
  bool isTransparentFor(Operation *, unsigned operand) const {
    return operand == 0;
  }
  bool preservesRange(Operation *) const { return true; }
  FailureOr<SmallVector<int64_t>>
  mapDimsToResult(Operation *op, unsigned, ArrayRef<int64_t> dims) const {
    auto expand = cast<tensor::ExpandShapeOp>(op);
    return mapFromGroups(expand.getReassociationIndices(),
                         expand.getResultType().getShape(), dims);
  }
  FailureOr<SmallVector<int64_t>>
  mapDimsToOperand(Operation *op, unsigned, ArrayRef<int64_t> dims) const {
    auto expand = cast<tensor::ExpandShapeOp>(op);
    return mapToGroups(expand.getReassociationIndices(),
                       expand.getResultType().getShape(), dims);
  }
  FailureOr<Value> createOnStorage(Operation *op, OpBuilder &builder, unsigned,
                                   Value storage, Value) const {
    auto expand = cast<tensor::ExpandShapeOp>(op);
    return tensor::ExpandShapeOp::create(
               builder, op->getLoc(),
               withElementType(expand.getType(), getElementTypeOrSelf(storage)),
               storage, expand.getReassociationIndices(),
               expand.getMixedOutputShape())
        .getResult();
  }
};

//===----------------------------------------------------------------------===//
// Padding
//===----------------------------------------------------------------------===//

/// Whether all users select the largest element, so that the lowest code stands
/// for -inf.
bool isOnlyUsedByMaxima(Operation *op) {
  return llvm::all_of(op->getUsers(), [](Operation *user) {
    auto transparent = dyn_cast<QuantizationTransparentOpInterface>(user);
    return transparent && transparent.isTransparentFor(0) &&
           !transparent.preservesRange();
  });
}

struct PadModel
    : QuantizationTransparentOpInterface::ExternalModel<PadModel,
                                                        tensor::PadOp> {
  bool isTransparentFor(Operation *op, unsigned operand) const {
    std::optional<double> value = getPaddingValue(op);
    if (operand != 0 || !value)
      return false;
    bool isLowest = std::isinf(*value) && *value < 0;
    return *value == 0.0 || (isLowest && isOnlyUsedByMaxima(op));
  }
  /// Other numbers than zeros may lie beyond the range.
  bool preservesRange(Operation *op) const { return isTransparentFor(op, 0); }
  FailureOr<SmallVector<int64_t>>
  mapDimsToResult(Operation *op, unsigned, ArrayRef<int64_t> dims) const {
    return mapDims(op, dims);
  }
  FailureOr<SmallVector<int64_t>>
  mapDimsToOperand(Operation *op, unsigned, ArrayRef<int64_t> dims) const {
    return mapDims(op, dims);
  }
  FailureOr<Value> createOnStorage(Operation *op, OpBuilder &builder,
                                   unsigned operand, Value storage,
                                   Value zeroPoint) const {
    auto pad = cast<tensor::PadOp>(op);
    std::optional<double> value = getPaddingValue(op);
    if (!isTransparentFor(op, operand))
      return failure();
    // No single code stands for 0 where zero points differ.
    if (*value == 0.0 && zeroPoint && isa<ShapedType>(zeroPoint.getType()))
      return failure();
    Location loc = op->getLoc();
    auto type = cast<IntegerType>(getElementTypeOrSelf(storage));
    Value code;
    if (*value == 0.0 && zeroPoint) {
      code = convertZeroPoint(builder, loc, zeroPoint, type);
    } else {
      int64_t constant =
          *value == 0.0 ? 0 : getCodeRange(type.getWidth(), false).min;
      code = arith::ConstantOp::create(builder, loc,
                                       builder.getIntegerAttr(type, constant));
    }
    return tensor::PadOp::create(builder, loc,
                                 withElementType(pad.getType(), type), storage,
                                 pad.getMixedLowPad(), pad.getMixedHighPad(),
                                 code, pad.getNofold())
        .getResult();
  }

private:
  static std::optional<double> getPaddingValue(Operation *op) {
    Value value = cast<tensor::PadOp>(op).getConstantPaddingValue();
    FloatAttr attr;
    if (!value || !matchPattern(value, m_Constant(&attr)))
      return std::nullopt;
    return attr.getValueAsDouble();
  }

  /// A padded dimension has other indices than before, which a per-channel
  /// scale along it would not follow.
  static FailureOr<SmallVector<int64_t>> mapDims(Operation *op,
                                                 ArrayRef<int64_t> dims) {
    auto pad = cast<tensor::PadOp>(op);
    for (int64_t dim : dims)
      if (!isConstantIntValue(pad.getMixedLowPad()[dim], 0) ||
          !isConstantIntValue(pad.getMixedHighPad()[dim], 0))
        return failure();
    return SmallVector<int64_t>(dims);
  }

  static Value convertZeroPoint(OpBuilder &builder, Location loc,
                                Value zeroPoint, IntegerType type) {
    auto from = cast<IntegerType>(zeroPoint.getType());
    if (from == type)
      return zeroPoint;
    IntegerAttr attr;
    if (matchPattern(zeroPoint, m_Constant(&attr)))
      return arith::ConstantOp::create(
          builder, loc,
          builder.getIntegerAttr(type, attr.getValue().getSExtValue()));
    if (from.getWidth() < type.getWidth())
      return arith::ExtSIOp::create(builder, loc, type, zeroPoint);
    return arith::TruncIOp::create(builder, loc, type, zeroPoint);
  }
};

//===----------------------------------------------------------------------===//
// Slices and casts
//===----------------------------------------------------------------------===//

struct ExtractSliceModel : QuantizationTransparentOpInterface::ExternalModel<
                               ExtractSliceModel, tensor::ExtractSliceOp> {
  bool isTransparentFor(Operation *, unsigned operand) const {
    return operand == 0;
  }
  /// A part of the elements may have a smaller range than all of them.
  bool preservesRange(Operation *) const { return false; }
  FailureOr<SmallVector<int64_t>>
  mapDimsToResult(Operation *op, unsigned, ArrayRef<int64_t> dims) const {
    return mapDims(op, dims, /*toResult=*/true);
  }
  FailureOr<SmallVector<int64_t>>
  mapDimsToOperand(Operation *op, unsigned, ArrayRef<int64_t> dims) const {
    return mapDims(op, dims, /*toResult=*/false);
  }
  FailureOr<Value> createOnStorage(Operation *op, OpBuilder &builder, unsigned,
                                   Value storage, Value) const {
    auto slice = cast<tensor::ExtractSliceOp>(op);
    return tensor::ExtractSliceOp::create(
               builder, op->getLoc(),
               withElementType(slice.getType(), getElementTypeOrSelf(storage)),
               storage, slice.getMixedOffsets(), slice.getMixedSizes(),
               slice.getMixedStrides())
        .getResult();
  }

private:
  /// A dimension survives if it is taken whole and in order.
  static FailureOr<SmallVector<int64_t>>
  mapDims(Operation *op, ArrayRef<int64_t> dims, bool toResult) {
    auto slice = cast<tensor::ExtractSliceOp>(op);
    llvm::SmallBitVector dropped = slice.getDroppedDims();
    SmallVector<int64_t> kept;
    for (int64_t dim = 0; dim < slice.getSourceType().getRank(); ++dim)
      if (!dropped.test(dim))
        kept.push_back(dim);
    SmallVector<int64_t> mapped;
    for (int64_t dim : dims) {
      int64_t source = toResult ? dim : kept[dim];
      int64_t size = slice.getSourceType().getDimSize(source);
      bool isWhole = !ShapedType::isDynamic(size) &&
                     isConstantIntValue(slice.getMixedOffsets()[source], 0) &&
                     isConstantIntValue(slice.getMixedSizes()[source], size) &&
                     isConstantIntValue(slice.getMixedStrides()[source], 1);
      if (!isWhole || dropped.test(source))
        return failure();
      mapped.push_back(toResult ? llvm::find(kept, dim) - kept.begin()
                                : source);
    }
    return mapped;
  }
};

struct CastModel
    : QuantizationTransparentOpInterface::ExternalModel<CastModel,
                                                        tensor::CastOp> {
  bool isTransparentFor(Operation *op, unsigned operand) const {
    return isa<RankedTensorType>(op->getOperand(0).getType()) &&
           isa<RankedTensorType>(op->getResult(0).getType());
  }
  bool preservesRange(Operation *) const { return true; }
  FailureOr<SmallVector<int64_t>>
  mapDimsToResult(Operation *, unsigned, ArrayRef<int64_t> dims) const {
    return SmallVector<int64_t>(dims);
  }
  FailureOr<SmallVector<int64_t>>
  mapDimsToOperand(Operation *, unsigned, ArrayRef<int64_t> dims) const {
    return SmallVector<int64_t>(dims);
  }
  FailureOr<Value> createOnStorage(Operation *op, OpBuilder &builder,
                                   unsigned operand, Value storage,
                                   Value) const {
    if (!isTransparentFor(op, operand))
      return failure();
    return tensor::CastOp::create(
               builder, op->getLoc(),
               withElementType(op->getResult(0).getType(),
                               getElementTypeOrSelf(storage)),
               storage)
        .getResult();
  }
};

} // namespace

void mlir::ptq::registerTensorQuantizationModels(DialectRegistry &registry) {
  registry.addExtension(
      +[](MLIRContext *context, tensor::TensorDialect *dialect) {
        tensor::CastOp::attachInterface<CastModel>(*context);
        tensor::CollapseShapeOp::attachInterface<CollapseShapeModel>(*context);
        tensor::ExpandShapeOp::attachInterface<ExpandShapeModel>(*context);
        tensor::ExtractSliceOp::attachInterface<ExtractSliceModel>(*context);
        tensor::PadOp::attachInterface<PadModel>(*context);
      });
}
