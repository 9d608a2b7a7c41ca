//===- UniformTypes.cpp - Scales and zero points as a type ----------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "UniformTypes.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/IR/Matchers.h"
#include "ptq/Dialect/PTQ/Transforms/StaticParameters.h"
#include "ptq/Dialect/PTQ/Transforms/TensorConstants.h"
#include <cmath>

using namespace mlir;
using namespace mlir::ptq;

using quant::QuantizedType;
using quant::UniformQuantizedPerAxisType;
using quant::UniformQuantizedSubChannelType;
using quant::UniformQuantizedType;

//===----------------------------------------------------------------------===//
// Values of parameters
//===----------------------------------------------------------------------===//

/// The numbers of a constant scalar or tensor of floats.
static FailureOr<SmallVector<double>> readFloats(Value value) {
  FailureOr<TensorValue> tensor = evaluateConstant(value);
  if (failed(tensor))
    return failure();
  SmallVector<double> numbers;
  if (tensor->getElementType().isF32()) {
    llvm::append_range(numbers, tensor->getData<float>());
    return numbers;
  }
  auto type = dyn_cast<FloatType>(tensor->getElementType());
  if (!type || type.getWidth() != 16)
    return failure();
  for (uint16_t bits : tensor->getData<uint16_t>())
    numbers.push_back(FloatAttr::getValueAsDouble(
        APFloat(type.getFloatSemantics(), APInt(16, bits))));
  return numbers;
}

/// The numbers of a constant scalar or tensor of i8 or i32; `count` zeros for
/// no value.
static FailureOr<SmallVector<int64_t>> readIntegers(Value value, size_t count) {
  if (!value)
    return SmallVector<int64_t>(count, 0);
  FailureOr<TensorValue> tensor = evaluateConstant(value);
  if (failed(tensor))
    return failure();
  if (tensor->getElementType().isInteger(8))
    return llvm::to_vector_of<int64_t>(tensor->getData<int8_t>());
  return llvm::to_vector_of<int64_t>(tensor->getData<int32_t>());
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

namespace {

/// What a uniform type is made of.
struct TypeBuilder {
  IntegerType storage;
  FloatType expressed;
  CodeRange codes;
  SmallVector<double> scales;
  SmallVector<int64_t> zeroPoints;
  ExplainFn explain;

  FailureOr<QuantizedType> buildPerTensor() const {
    return get<UniformQuantizedType>(scales.front(), zeroPoints.front());
  }

  FailureOr<QuantizedType> buildPerAxis(int64_t axis) const {
    return get<UniformQuantizedPerAxisType>(
        ArrayRef(scales), ArrayRef(zeroPoints), static_cast<int32_t>(axis));
  }

  /// One scale for each block; `shape` is that of all scales.
  FailureOr<QuantizedType> buildInBlocks(RankedTensorType data,
                                         ArrayRef<int64_t> blocks,
                                         ArrayRef<int64_t> shape) const;

private:
  /// The type, or the reason for which upstream does not allow it.
  template <typename TypeT, typename... Args>
  FailureOr<QuantizedType> get(Args &&...args) const {
    MLIRContext *context = storage.getContext();
    std::string reason = "no uniform type has these parameters";
    ScopedDiagnosticHandler listen(context, [&](Diagnostic &diagnostic) {
      reason = diagnostic.str();
      return success();
    });
    auto type =
        TypeT::getChecked([&] { return emitError(UnknownLoc::get(context)); },
                          quant::QuantizationFlags::Signed, storage, expressed,
                          std::forward<Args>(args)..., codes.min, codes.max);
    if (!type)
      return explain(reason);
    return QuantizedType(type);
  }
};

} // namespace

FailureOr<QuantizedType>
TypeBuilder::buildInBlocks(RankedTensorType data, ArrayRef<int64_t> blocks,
                           ArrayRef<int64_t> shape) const {
  SmallVector<int32_t> axes;
  SmallVector<int64_t> sizes;
  for (auto [axis, size, block] : llvm::enumerate(data.getShape(), blocks)) {
    if (ShapedType::isDynamic(size) ? block != 1
                                    : size % block != 0 && size > block)
      return explain("dimension " + Twine(axis) + " of size " +
                     (ShapedType::isDynamic(size) ? "?" : Twine(size)) +
                     " may end with a short block, which no type has");
    // A dimension that is one block needs no mention.
    if (!ShapedType::isDynamic(size) && size <= block)
      continue;
    axes.push_back(static_cast<int32_t>(axis));
    sizes.push_back(block);
  }
  if (axes.empty())
    return buildPerTensor();
  if (axes.size() == 1 && sizes.front() == 1)
    return buildPerAxis(axes.front());

  // The type keeps scales of blocks as numbers of the expressed type.
  SmallVector<APFloat> scaleValues;
  SmallVector<APInt> zeroPointValues;
  for (auto [scale, zeroPoint] : llvm::zip_equal(scales, zeroPoints)) {
    APFloat value(scale);
    bool isInexact = false;
    value.convert(expressed.getFloatSemantics(), APFloat::rmNearestTiesToEven,
                  &isInexact);
    if (isInexact)
      return explain("block-wise types have scales of the expressed type, and "
                     "not all of these are");
    scaleValues.push_back(value);
    zeroPointValues.emplace_back(storage.getWidth(), zeroPoint,
                                 /*isSigned=*/true);
  }
  return get<UniformQuantizedSubChannelType>(
      DenseElementsAttr::get(RankedTensorType::get(shape, expressed),
                             scaleValues),
      DenseElementsAttr::get(RankedTensorType::get(shape, storage),
                             zeroPointValues),
      ArrayRef(axes), ArrayRef(sizes));
}

/// The type for the parameters of `op`, which quantizes `data` to `storage` or
/// back.
template <typename OpTy>
static FailureOr<QuantizedType> buildType(OpTy op, RankedTensorType data,
                                          IntegerType storage, CodeRange codes,
                                          ExplainFn explain) {
  if (storage.getWidth() > QuantizedType::MaxStorageBits)
    return explain("no type has codes of " + Twine(storage.getWidth()) +
                   " bits");
  if (op.getInput().getType().getShape() != op.getResult().getType().getShape())
    return explain("a cast keeps the sizes that its type tells");
  FailureOr<SmallVector<double>> scales = readFloats(op.getScale());
  if (failed(scales))
    return explain("a type has constant scales, and these are not known");
  FailureOr<SmallVector<int64_t>> zeroPoints =
      readIntegers(op.getZeroPoint(), scales->size());
  if (failed(zeroPoints))
    return explain("a type has constant zero points, and these are not known");
  if (scales->empty() || zeroPoints->size() != scales->size())
    return explain("a type has as many zero points as scales, at least one");
  TypeBuilder builder{storage,
                      cast<FloatType>(data.getElementType()),
                      codes,
                      std::move(*scales),
                      std::move(*zeroPoints),
                      explain};
  if (op.getAxis())
    return builder.buildPerAxis(*op.getAxis());
  if (op.getBlockSize())
    return builder.buildInBlocks(
        data, *op.getBlockSize(),
        cast<RankedTensorType>(op.getScale().getType()).getShape());
  return builder.buildPerTensor();
}

FailureOr<QuantizedType> mlir::ptq::getUniformType(QuantizeOp op,
                                                   ExplainFn explain) {
  auto storage = cast<IntegerType>(op.getResult().getType().getElementType());
  return buildType(op, op.getInput().getType(), storage,
                   {op.getLowCode(), op.getHighCode()}, explain);
}

/// The codes that `codes` can be. Bounds are those of whoever quantizes; read
/// with them, quantize and dequantize have the same type.
static CodeRange getReadCodeRange(Value codes) {
  if (auto exported = codes.getDefiningOp<quant::StorageCastOp>()) {
    auto type = cast<QuantizedType>(
        getElementTypeOrSelf(exported.getInput().getType()));
    // Codes are signed, and so are the numbers of types that were not exported
    // only if they say so.
    if (type.isSigned())
      return {type.getStorageTypeMin(), type.getStorageTypeMax()};
  }
  return getProducedCodeRange(codes);
}

FailureOr<QuantizedType> mlir::ptq::getUniformType(DequantizeOp op,
                                                   ExplainFn explain) {
  auto storage = cast<IntegerType>(op.getInput().getType().getElementType());
  return buildType(op, op.getResult().getType(), storage,
                   getReadCodeRange(op.getInput()), explain);
}
