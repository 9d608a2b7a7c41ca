//===- PTQAttributes.cpp - Encodings, schemes and ranges ------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Quantization/ParameterLayout.h"
#include "ptq/Quantization/QuantizationParameters.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace mlir::ptq;

#define GET_ATTRDEF_CLASSES
#include "ptq/Dialect/PTQ/IR/PTQAttributes.cpp.inc"

//===----------------------------------------------------------------------===//
// EncodingAttr
//===----------------------------------------------------------------------===//

LogicalResult
EncodingAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                     IntegerType storage, Symmetry symmetry,
                     Granularity granularity, std::optional<int64_t> axis,
                     std::optional<int64_t> blockSize, bool narrowRange,
                     std::optional<int64_t> bits, ParameterSource source) {
  if (!storage.isSignless())
    return emitError() << "storage must be a signless integer, got " << storage;
  if (!llvm::is_contained({2u, 4u, 8u, 16u}, storage.getWidth()))
    return emitError() << "storage must be i2, i4, i8 or i16, got " << storage;
  int64_t width = storage.getWidth();
  if (bits && (*bits < 2 || *bits > width))
    return emitError() << "codes of " << storage << " have 2 to " << width
                       << " bits, got " << *bits;
  bool usesAxis =
      granularity == Granularity::Axis || granularity == Granularity::Block;
  if (axis && !usesAxis)
    return emitError() << "granularity '" << stringifyGranularity(granularity)
                       << "' has no axis";
  if (axis && *axis < 0)
    return emitError() << "axis must not be negative, got " << *axis;
  if (blockSize && granularity != Granularity::Block)
    return emitError() << "granularity '" << stringifyGranularity(granularity)
                       << "' has no block size";
  if (granularity == Granularity::Block && !blockSize)
    return emitError() << "granularity 'block' needs a block size";
  if (blockSize && *blockSize < 1)
    return emitError() << "block size must be at least 1, got " << *blockSize;
  if (granularity == Granularity::Token && source == ParameterSource::Static)
    return emitError() << "granularity 'token' needs dynamic parameters";
  return success();
}

static CodeRange getCodes(EncodingAttr encoding) {
  int64_t width = encoding.getStorage().getWidth();
  return getCodeRange(encoding.getBits().value_or(width),
                      encoding.getNarrowRange());
}

int64_t EncodingAttr::getMinCode() const { return getCodes(*this).min; }

int64_t EncodingAttr::getMaxCode() const { return getCodes(*this).max; }

/// `code` as a bound; null if it is `end`, beyond which there is none.
static IntegerAttr getBound(MLIRContext *context, int64_t code, int64_t end) {
  if (code == end)
    return {};
  return IntegerAttr::get(IntegerType::get(context, 64), code);
}

IntegerAttr EncodingAttr::getLowBound() const {
  return getBound(getContext(), getMinCode(),
                  getCodeRange(getStorage().getWidth(), /*narrow=*/false).min);
}

IntegerAttr EncodingAttr::getHighBound() const {
  return getBound(getContext(), getMaxCode(),
                  getCodeRange(getStorage().getWidth(), /*narrow=*/false).max);
}

SmallVector<int64_t>
EncodingAttr::getBlockSizes(ArrayRef<int64_t> shape) const {
  SmallVector<int64_t> blocks(shape.size(), 1);
  if (getGranularity() == Granularity::Token)
    blocks.back() = shape.back();
  else
    blocks[*getAxis()] = *getBlockSize();
  return blocks;
}

SmallVector<int64_t>
EncodingAttr::getBlockCounts(ArrayRef<int64_t> shape) const {
  SmallVector<int64_t> counts(shape);
  if (getGranularity() == Granularity::Token) {
    counts.back() = 1;
    return counts;
  }
  int64_t &count = counts[*getAxis()];
  if (ShapedType::isStatic(count))
    count = llvm::divideCeil(count, *getBlockSize());
  return counts;
}

ParameterLayout
EncodingAttr::getParameterLayout(ArrayRef<int64_t> shape) const {
  switch (getGranularity()) {
  case Granularity::Tensor:
    return ParameterLayout::perTensor(shape);
  case Granularity::Axis:
    return ParameterLayout::alongAxis(shape, *getAxis());
  case Granularity::Block:
  case Granularity::Token:
    return ParameterLayout::inBlocks(shape, getBlockSizes(shape));
  }
  llvm_unreachable("unknown granularity");
}

EncodingAttr EncodingAttr::withAxis(int64_t axis) const {
  return get(getContext(), getStorage(), getSymmetry(), Granularity::Axis, axis,
             std::nullopt, getNarrowRange(), getBits(), getSource());
}

EncodingAttr EncodingAttr::withBlocks(int64_t axis, int64_t blockSize) const {
  return get(getContext(), getStorage(), getSymmetry(), Granularity::Block,
             axis, blockSize, getNarrowRange(), getBits(), getSource());
}

EncodingAttr EncodingAttr::perTensor() const {
  return get(getContext(), getStorage(), getSymmetry(), Granularity::Tensor,
             std::nullopt, std::nullopt, getNarrowRange(), getBits(),
             getSource());
}

//===----------------------------------------------------------------------===//
// OperandSchemeAttr
//===----------------------------------------------------------------------===//

/// Values that stay in float may be rounded to `floatType`; those with an
/// encoding are not.
static LogicalResult
verifyFloatType(function_ref<InFlightDiagnostic()> emitError,
                EncodingAttr encoding, FloatType floatType) {
  if (!floatType)
    return success();
  if (!isa<Float16Type, BFloat16Type, Float32Type>(floatType))
    return emitError() << "float type must be f16, bf16 or f32, got "
                       << floatType;
  if (encoding)
    return emitError() << "activations are quantized or " << floatType
                       << ", not both";
  return success();
}

LogicalResult
OperandSchemeAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                          unsigned number, EncodingAttr encoding,
                          FloatType floatType, RangeEstimatorKind estimator,
                          Rounding rounding) {
  return verifyFloatType(emitError, encoding, floatType);
}

//===----------------------------------------------------------------------===//
// SchemeAttr
//===----------------------------------------------------------------------===//

OperandSchemeAttr SchemeAttr::getOperand(unsigned number,
                                         OperandRole role) const {
  if (ArrayAttr operands = getOperands())
    for (auto operand : operands.getAsRange<OperandSchemeAttr>())
      if (operand.getNumber() == number)
        return operand;
  bool isActivation = role == OperandRole::Activation;
  bool isWeight = role == OperandRole::Weight;
  return OperandSchemeAttr::get(getContext(), number,
                                isActivation ? getActivations()
                                : isWeight   ? getWeights()
                                             : EncodingAttr(),
                                isActivation ? getFloatType() : FloatType(),
                                getEstimator(),
                                isWeight ? getRounding() : Rounding::Nearest);
}

LogicalResult SchemeAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                 EncodingAttr activations, EncodingAttr weights,
                                 EncodingAttr outputs, FloatType floatType,
                                 RangeEstimatorKind estimator,
                                 Rounding rounding, Equalization equalization,
                                 ArrayAttr operands) {
  if (failed(verifyFloatType(emitError, activations, floatType)))
    return failure();
  llvm::SmallDenseSet<unsigned> numbers;
  for (Attribute element :
       operands ? operands.getValue() : ArrayRef<Attribute>())
    if (auto operand = dyn_cast<OperandSchemeAttr>(element); !operand)
      return emitError() << "operands are #ptq.operand attributes, got "
                         << element;
    else if (!numbers.insert(operand.getNumber()).second)
      return emitError() << "operand " << operand.getNumber()
                         << " is listed twice";
  return success();
}

//===----------------------------------------------------------------------===//
// RangeAttr
//===----------------------------------------------------------------------===//

RangeAttr RangeAttr::get(MLIRContext *context, ArrayRef<double> min,
                         ArrayRef<double> max, RangeEstimatorKind estimator,
                         int64_t samples, FloatAttr clipped) {
  Builder builder(context);
  return get(context, builder.getF64ArrayAttr(min),
             builder.getF64ArrayAttr(max), estimator, samples, clipped,
             /*by_definition=*/false);
}

RangeAttr RangeAttr::getByDefinition(MLIRContext *context, double min,
                                     double max) {
  Builder builder(context);
  return get(context, builder.getF64ArrayAttr(min),
             builder.getF64ArrayAttr(max), RangeEstimatorKind::MinMax,
             /*samples=*/0, /*clipped=*/FloatAttr(), /*by_definition=*/true);
}

static SmallVector<double> getValues(ArrayAttr attr) {
  return llvm::map_to_vector(attr.getAsRange<FloatAttr>(), [](FloatAttr value) {
    return value.getValueAsDouble();
  });
}

SmallVector<double> RangeAttr::getMinValues() const {
  return getValues(getMin());
}

SmallVector<double> RangeAttr::getMaxValues() const {
  return getValues(getMax());
}

LogicalResult RangeAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                ArrayAttr min, ArrayAttr max,
                                RangeEstimatorKind estimator, int64_t samples,
                                FloatAttr clipped, bool byDefinition) {
  if (min.empty() || min.size() != max.size())
    return emitError() << "min and max need the same number of values, at "
                          "least one; got "
                       << min.size() << " and " << max.size();
  for (Attribute bound : llvm::concat<const Attribute>(min, max)) {
    auto number = dyn_cast<FloatAttr>(bound);
    if (!number || !number.getType().isF64())
      return emitError() << "range bounds must be f64 numbers, got " << bound;
  }
  for (auto [low, high] : llvm::zip_equal(getValues(min), getValues(max)))
    if (!std::isfinite(low) || !std::isfinite(high) || low > high)
      return emitError() << "range [" << low << ", " << high
                         << "] is not a finite interval";
  if (samples < 0)
    return emitError() << "number of samples must not be negative, got "
                       << samples;
  if (clipped &&
      !(clipped.getValueAsDouble() >= 0 && clipped.getValueAsDouble() <= 1))
    return emitError() << "clipped share must lie in [0, 1], got " << clipped;
  return success();
}

//===----------------------------------------------------------------------===//
// Registration
//===----------------------------------------------------------------------===//

void PTQDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "ptq/Dialect/PTQ/IR/PTQAttributes.cpp.inc"
      >();
}
