//===- ConstantCodes.cpp - Constants that are dequantized -----------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ConstantCodes.h"
#include "ptq/Quantization/ParameterLayout.h"
#include "ptq/Quantization/QuantizationParameters.h"
#include <cmath>

using namespace mlir;
using namespace mlir::ptq;
using namespace mlir::ptq::importer;

//===----------------------------------------------------------------------===//
// Parameters
//===----------------------------------------------------------------------===//

SmallVector<int64_t>
ConstantParameters::getSignedZeroPoints(CodeType type) const {
  if (zeroPoints)
    return *zeroPoints->shiftedToSigned().getIntegers();
  int64_t zero =
      type.isUnsigned ? -(int64_t(1) << (type.storage.getWidth() - 1)) : 0;
  return SmallVector<int64_t>(scales.getType().getNumElements(), zero);
}

void ConstantParameters::forEachElement(
    ArrayRef<int64_t> shape, function_ref<void(int64_t, int64_t)> visit) const {
  ParameterLayout layout = ParameterLayout::perTensor(shape);
  if (axis)
    layout = ParameterLayout::alongAxis(shape, axis.getInt());
  else if (blockSize)
    layout = ParameterLayout::inBlocks(shape, blockSize.asArrayRef());
  layout.forEachRun([&](const ElementRun &run) {
    for (int64_t i = 0; i < run.count; ++i)
      visit(run.begin + i, run.parameter + i * run.stride);
  });
}

std::optional<ConstantParameters>
mlir::ptq::importer::getConstantParameters(const Node &node, unsigned scale,
                                           unsigned zeroPoint) {
  const ConstantTensor *scales = node.getConstantInput(scale);
  const ConstantTensor *zeroPoints = node.getConstantInput(zeroPoint);
  if (!scales || (node.hasInput(zeroPoint) && !zeroPoints))
    return std::nullopt;
  ConstantParameters parameters{*scales, std::nullopt, {}, {}};
  if (zeroPoints)
    parameters.zeroPoints = *zeroPoints;
  return parameters;
}

ConstantTensor
mlir::ptq::importer::quantizeConstant(const ConstantTensor &values,
                                      const ConstantParameters &parameters,
                                      CodeType type) {
  unsigned width = type.storage.getWidth();
  SmallVector<double> elements = *values.getDoubles();
  SmallVector<double> scales = *parameters.scales.getDoubles();
  SmallVector<int64_t> zeros = parameters.getSignedZeroPoints(type);
  CodeRange range = getCodeRange(width, /*narrow=*/false);
  int64_t shift = type.isUnsigned ? int64_t(1) << (width - 1) : 0;
  SmallVector<int64_t> codes(elements.size());
  parameters.forEachElement(
      values.getShape(), [&](int64_t element, int64_t parameter) {
        codes[element] =
            shift + quantizeValue(static_cast<float>(elements[element]),
                                  static_cast<float>(scales[parameter]),
                                  zeros[parameter], range);
      });
  auto elementType = IntegerType::get(type.storage.getContext(), width,
                                      type.isUnsigned ? IntegerType::Unsigned
                                                      : IntegerType::Signless);
  return ConstantTensor::fromIntegers(
      values.getName(), values.getType().clone(elementType), codes);
}

//===----------------------------------------------------------------------===//
// Codes
//===----------------------------------------------------------------------===//

bool ConstantCodes::hasUnusualScales() const {
  return llvm::any_of(*scales.getDoubles(),
                      [](double scale) { return scale <= 0; });
}

ConstantTensor ConstantCodes::dequantize() const {
  SmallVector<int64_t> integers = *codes.getIntegers();
  SmallVector<double> factors = *scales.getDoubles();
  SmallVector<int64_t> zeros(factors.size(), 0);
  if (zeroPoints)
    zeros = *zeroPoints->getIntegers();
  SmallVector<double> values(integers.size());
  forEachElement(codes.getShape(), [&](int64_t element, int64_t parameter) {
    values[element] = dequantizeValue(integers[element],
                                      static_cast<float>(factors[parameter]),
                                      zeros[parameter]);
  });
  return ConstantTensor::fromDoubles(
      codes.getName(), codes.getType().clone(scales.getElementType()), values);
}

/// Makes `scales` positive by changing `codes` and `zeros` so that the values
/// stay the same.
static void makeScalesPositive(const ConstantCodes &constant,
                               SmallVectorImpl<int64_t> &codes,
                               SmallVectorImpl<int64_t> &zeros,
                               SmallVectorImpl<double> &scales) {
  constant.forEachElement(constant.codes.getShape(),
                          [&](int64_t element, int64_t parameter) {
                            if (scales[parameter] < 0)
                              codes[element] = ~codes[element];
                            else if (scales[parameter] == 0)
                              codes[element] = zeros[parameter];
                          });
  for (auto [scale, zero] : llvm::zip_equal(scales, zeros)) {
    if (scale < 0)
      zero = ~zero;
    scale = scale == 0 ? 1.0 : std::abs(scale);
  }
}

FailureOr<Value> ConstantCodes::createValues(Node &node) const {
  ConstantTensor signedCodes = codes.shiftedToSigned();
  unsigned width = signedCodes.getElementType().getIntOrFloatBitWidth();
  SmallVector<double> factors = *scales.getDoubles();
  SmallVector<int64_t> zeros =
      getSignedZeroPoints(getCodeType(codes.getElementType()));
  if (hasUnusualScales()) {
    SmallVector<int64_t> integers = *signedCodes.getIntegers();
    makeScalesPositive(*this, integers, zeros, factors);
    signedCodes = ConstantTensor::fromIntegers(codes.getName(),
                                               signedCodes.getType(), integers);
  }
  for (double scale : factors)
    if (!std::isnormal(static_cast<float>(scale)))
      return node.emitError()
             << "scale must be a normal f32 number or 0, got " << scale;

  TensorBuilder &builder = node.getBuilder();
  CodeParameters parameters;
  parameters.axis = axis;
  parameters.blockSize = blockSize;
  // i8 holds the zero points of all storage types up to 8 bits.
  Type zeroType = width <= 8 ? builder.getI8Type() : builder.getI32Type();
  bool isSymmetric =
      llvm::all_of(zeros, [](int64_t zero) { return zero == 0; });
  if (!axis && !blockSize) {
    parameters.scale =
        builder.createScalar(scales.getElementType(), factors.front());
    if (!isSymmetric)
      parameters.zeroPoint = builder.createScalar(zeroType, zeros.front());
  } else {
    parameters.scale = node.createConstant(ConstantTensor::fromDoubles(
        scales.getName(), scales.getType(), factors));
    if (!isSymmetric)
      parameters.zeroPoint = node.createConstant(ConstantTensor::fromIntegers(
          zeroPoints ? zeroPoints->getName() : "zero_point",
          scales.getType().clone(zeroType), zeros));
  }
  return createDequantize(builder, node.createConstant(signedCodes),
                          parameters);
}
