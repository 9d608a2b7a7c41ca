//===- UniformParameters.cpp - What a quantized type says -----------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "UniformParameters.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace mlir::ptq;

using quant::QuantizedType;
using quant::UniformQuantizedPerAxisType;
using quant::UniformQuantizedSubChannelType;
using quant::UniformQuantizedType;

static bool isUniform(Type type) {
  return isa<UniformQuantizedType, UniformQuantizedPerAxisType,
             UniformQuantizedSubChannelType>(type);
}

IntegerType mlir::ptq::getImportableStorage(Type type) {
  if (!isUniform(type))
    return {};
  auto storage =
      dyn_cast<IntegerType>(cast<QuantizedType>(type).getStorageType());
  if (!storage || !storage.isSignless() ||
      !llvm::is_contained({2u, 4u, 8u, 16u, 32u}, storage.getWidth()))
    return {};
  return storage;
}

CodeRange UniformParameters::getStorageRange() const {
  return getCodeRange(storage.getWidth(), /*narrow=*/false);
}

/// `value` as text, for messages.
template <typename T>
static std::string print(T value) {
  std::string text;
  llvm::raw_string_ostream(text) << value;
  return text;
}

/// Adds a scale and a zero point as the type has it, after checking them.
static LogicalResult addPair(UniformParameters &parameters, double scale,
                             int64_t zeroPoint, ExplainFn explain) {
  auto rounded = static_cast<float>(scale);
  if (!std::isnormal(rounded) || rounded < 0)
    return explain("scale " + print(scale) +
                   " is not a positive normal f32 number");
  parameters.numRounded += static_cast<double>(rounded) != scale;
  CodeRange codes = parameters.getStorageRange();
  // Not subtracted before it is known to be small.
  int64_t offset = parameters.isUnsigned ? -codes.min : 0;
  if (zeroPoint < codes.min + offset || zeroPoint > codes.max + offset)
    return explain("zero point " + Twine(zeroPoint) +
                   " is outside the range of the storage type");
  parameters.scales.push_back(rounded);
  parameters.zeroPoints.push_back(zeroPoint - offset);
  return success();
}

/// The scales of a type that has one for each index of a dimension.
static LogicalResult readPerAxis(UniformParameters &parameters,
                                 RankedTensorType type,
                                 UniformQuantizedPerAxisType element,
                                 ExplainFn explain) {
  int64_t axis = element.getQuantizedDimension();
  if (axis < 0 || axis >= type.getRank())
    return explain("axis " + Twine(axis) + " is not one of the tensor's");
  auto count = static_cast<int64_t>(element.getScales().size());
  if (!type.isDynamicDim(axis) && type.getDimSize(axis) != count)
    return explain("there are " + Twine(count) + " scales for the " +
                   Twine(type.getDimSize(axis)) + " elements along axis " +
                   Twine(axis));
  if (element.getZeroPoints().size() != element.getScales().size())
    return explain("scales and zero points differ in number");
  for (auto [scale, zeroPoint] :
       llvm::zip_equal(element.getScales(), element.getZeroPoints()))
    if (failed(addPair(parameters, scale, zeroPoint, explain)))
      return failure();
  parameters.axis = axis;
  parameters.shape = {count};
  return success();
}

/// The block in each dimension of `type`, which is the whole dimension where
/// the type names none.
static FailureOr<SmallVector<int64_t>>
readBlockSizes(RankedTensorType type, UniformQuantizedSubChannelType element,
               ExplainFn explain) {
  constexpr int64_t kUnnamed = 0;
  SmallVector<int64_t> blocks(type.getRank(), kUnnamed);
  for (auto [axis, block] : element.getBlockSizeInfo()) {
    if (axis < 0 || axis >= type.getRank())
      return explain("axis " + Twine(axis) + " is not one of the tensor's");
    if (blocks[axis] != kUnnamed)
      return explain("axis " + Twine(axis) + " has two block sizes");
    if (block < 1)
      return explain("block size " + Twine(block) + " is less than 1");
    blocks[axis] = block;
  }
  for (auto [axis, block] : llvm::enumerate(blocks)) {
    if (block != kUnnamed)
      continue;
    if (type.isDynamicDim(axis))
      return explain("dimension " + Twine(axis) +
                     " is dynamic and has no block size");
    block = std::max<int64_t>(type.getDimSize(axis), 1);
  }
  return blocks;
}

/// The scales of a type that has one for each block.
static LogicalResult readSubChannel(UniformParameters &parameters,
                                    RankedTensorType type,
                                    UniformQuantizedSubChannelType element,
                                    ExplainFn explain) {
  FailureOr<SmallVector<int64_t>> blocks =
      readBlockSizes(type, element, explain);
  if (failed(blocks))
    return failure();
  DenseElementsAttr scales = element.getScales();
  DenseElementsAttr zeroPoints = element.getZeroPoints();
  ArrayRef<int64_t> shape = scales.getType().getShape();
  if (static_cast<int64_t>(shape.size()) != type.getRank() ||
      zeroPoints.getType().getShape() != shape)
    return explain("the scales do not have the rank of the tensor");
  for (auto [axis, size] : llvm::enumerate(type.getShape())) {
    int64_t block = (*blocks)[axis];
    if (ShapedType::isDynamic(size))
      continue;
    if (size % block != 0 || size / block != shape[axis])
      return explain("there are " + Twine(shape[axis]) + " scales for the " +
                     Twine(size) + " elements along axis " + Twine(axis) +
                     " in blocks of " + Twine(block));
  }
  for (auto [scale, zeroPoint] : llvm::zip_equal(
           scales.getValues<APFloat>(), zeroPoints.getValues<APInt>())) {
    int64_t code = parameters.isUnsigned
                       ? static_cast<int64_t>(zeroPoint.getZExtValue())
                       : zeroPoint.getSExtValue();
    if (failed(addPair(parameters, FloatAttr::getValueAsDouble(scale), code,
                       explain)))
      return failure();
  }

  // The simpler layouts, where more is known to be done with them.
  SmallVector<int64_t> divided;
  for (auto [axis, count] : llvm::enumerate(shape))
    if (count != 1)
      divided.push_back(axis);
  if (divided.empty())
    return success();
  if (divided.size() == 1 && (*blocks)[divided.front()] == 1) {
    parameters.axis = divided.front();
    parameters.shape = {shape[divided.front()]};
    return success();
  }
  parameters.blockSizes = std::move(*blocks);
  parameters.shape.assign(shape.begin(), shape.end());
  return success();
}

FailureOr<UniformParameters>
mlir::ptq::readUniformParameters(RankedTensorType type, ExplainFn explain) {
  Type elementType = type.getElementType();
  if (!isUniform(elementType))
    return explain("only !quant.uniform says how codes are read");
  auto element = cast<QuantizedType>(elementType);
  UniformParameters parameters;
  parameters.storage = getImportableStorage(element);
  if (!parameters.storage)
    return explain("codes have 2, 4, 8, 16 or 32 bits, not those of " +
                   print(element.getStorageType()));
  if (!isa<Float32Type, Float16Type, BFloat16Type>(element.getExpressedType()))
    return explain("quantized numbers are f32, f16 or bf16, not " +
                   print(element.getExpressedType()));
  parameters.isUnsigned = !element.isSigned();
  int64_t offset =
      parameters.isUnsigned ? -parameters.getStorageRange().min : 0;
  parameters.codes = {element.getStorageTypeMin() - offset,
                      element.getStorageTypeMax() - offset};

  LogicalResult result = success();
  if (auto perAxis = dyn_cast<UniformQuantizedPerAxisType>(element)) {
    result = readPerAxis(parameters, type, perAxis, explain);
  } else if (auto blocks = dyn_cast<UniformQuantizedSubChannelType>(element)) {
    result = readSubChannel(parameters, type, blocks, explain);
  } else {
    auto perTensor = cast<UniformQuantizedType>(element);
    result = addPair(parameters, perTensor.getScale(), perTensor.getZeroPoint(),
                     explain);
  }
  if (failed(result))
    return failure();
  return parameters;
}
