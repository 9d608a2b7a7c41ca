//===- AdversarialInputs.cpp - Inputs where forms may part ----------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Execution/AdversarialInputs.h"
#include "mlir/IR/Matchers.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Interpreter/IntegerElements.h"
#include "ptq/Quantization/QuantizationParameters.h"
#include <array>
#include <cfloat>
#include <cmath>
#include <cstring>

using namespace mlir;
using namespace mlir::ptq;

StringRef mlir::ptq::stringifyInputPattern(InputPattern pattern) {
  switch (pattern) {
  case InputPattern::Zeros:
    return "zeros";
  case InputPattern::OneValue:
    return "one value";
  case InputPattern::Ties:
    return "ties";
  case InputPattern::BesideTies:
    return "beside ties";
  case InputPattern::ExtremeCodes:
    return "extreme codes";
  case InputPattern::Saturation:
    return "saturation";
  case InputPattern::NonFinite:
    return "NaN and infinities";
  case InputPattern::Mixture:
    return "mixture";
  }
  return "";
}

//===----------------------------------------------------------------------===//
// Parameters
//===----------------------------------------------------------------------===//

/// The elements of a constant, scalar or tensor; empty for other values.
static TensorValue getConstantValue(Value value) {
  TypedAttr attr;
  if (!value || !matchPattern(value, m_Constant(&attr)))
    return {};
  FailureOr<TensorValue> tensor = TensorValue::fromAttribute(
      attr, [&] { return emitError(value.getLoc()); });
  return succeeded(tensor) ? *tensor : TensorValue();
}

SmallVector<AdversarialInputs::Parameters>
AdversarialInputs::findParameters(Value argument) {
  SmallVector<Parameters> found;
  // A value may be moved on its way to where it is quantized.
  SmallVector<Value> worklist{argument};
  llvm::DenseSet<Value> visited;
  while (!worklist.empty()) {
    Value value = worklist.pop_back_val();
    if (!visited.insert(value).second)
      continue;
    for (Operation *user : value.getUsers()) {
      auto quantize = dyn_cast<QuantizeOp>(user);
      if (!quantize) {
        for (Value result : user->getResults())
          if (isa<FloatType>(getElementTypeOrSelf(result)))
            worklist.push_back(result);
        continue;
      }
      TensorValue scales = getConstantValue(quantize.getScale());
      TensorValue zeroPoints = getConstantValue(quantize.getZeroPoint());
      if (!scales || !scales.getElementType().isF32() ||
          (quantize.getZeroPoint() && !zeroPoints))
        continue;
      bool isPerTensor = scales.getNumElements() == 1;
      for (auto [index, scale] : llvm::enumerate(scales.getData<float>())) {
        int64_t zeroPoint = 0;
        if (zeroPoints)
          zeroPoint = readInteger(zeroPoints, isPerTensor ? 0 : index);
        found.push_back(Parameters{scale, zeroPoint, quantize.getLowCode(),
                                   quantize.getHighCode()});
      }
    }
  }
  if (found.empty())
    found.push_back(Parameters{1.0f, 0, -127, 127});
  return found;
}

FailureOr<AdversarialInputs>
AdversarialInputs::create(func::FuncOp function, const Signature &signature,
                          uint64_t seed) {
  AdversarialInputs result(seed);
  for (auto [entry, argument] :
       llvm::zip_equal(signature.inputs, function.getArguments())) {
    for (auto [dim, size] : llvm::enumerate(entry.type.getShape()))
      if (ShapedType::isDynamic(size) &&
          entry.sampleAxis != static_cast<int64_t>(dim))
        return function.emitError("input '")
               << entry.name << "' of type " << entry.type
               << " has a dynamic dimension besides its sample axis";
    result.inputs.push_back(
        Input{entry.type, entry.sampleAxis, findParameters(argument)});
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

double AdversarialInputs::drawFloat(InputPattern pattern,
                                    const Parameters &parameters) {
  auto pick = [&](int64_t count) {
    return static_cast<int64_t>(random() % static_cast<uint64_t>(count));
  };
  float scale = parameters.scale;
  float low = (parameters.low - parameters.zeroPoint) * scale;
  float high = (parameters.high - parameters.zeroPoint) * scale;
  // In f32, as the network sees it.
  float code = parameters.low + pick(parameters.high - parameters.low) -
               parameters.zeroPoint;
  float tie = (code + 0.5f) * scale;
  switch (pattern) {
  case InputPattern::Zeros:
    return 0.0;
  case InputPattern::OneValue:
  case InputPattern::Ties:
    return tie;
  case InputPattern::BesideTies:
    return std::nextafter(tie, pick(2) ? FLT_MAX : -FLT_MAX);
  case InputPattern::ExtremeCodes:
    return pick(2) ? low : high;
  case InputPattern::Saturation: {
    // Just beyond, where rounding leads back, and far out.
    float beyond = scale * std::array{0.5f, 0.75f, 1.0f, 1e4f, 1e9f}[pick(5)];
    return pick(2) ? low - beyond : high + beyond;
  }
  case InputPattern::NonFinite: {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const std::array values{std::nan(""),
                            infinity,
                            -infinity,
                            double{FLT_MAX},
                            -double{FLT_MAX},
                            double{FLT_TRUE_MIN},
                            -0.0,
                            double{tie}};
    return values[pick(values.size())];
  }
  case InputPattern::Mixture:
    return drawFloat(static_cast<InputPattern>(pick(kNumInputPatterns - 1)),
                     parameters);
  }
  return 0.0;
}

int64_t AdversarialInputs::drawInteger(InputPattern pattern, unsigned width) {
  if (pattern == InputPattern::Zeros)
    return 0;
  if (width == 1)
    return random() % 2;
  if (width > 16)
    return random() % 16;
  CodeRange range = getCodeRange(width, /*narrow=*/false);
  bool isExtreme = pattern == InputPattern::ExtremeCodes ||
                   pattern == InputPattern::Saturation || random() % 8 == 0;
  if (isExtreme)
    return random() % 2 ? range.min : range.max;
  return range.min + static_cast<int64_t>(random() % (uint64_t{1} << width));
}

/// The bits of `value` as an element of `type`.
static uint64_t getBits(FloatType type, double value) {
  bool losesInfo;
  APFloat number(value);
  number.convert(type.getFloatSemantics(), APFloat::rmNearestTiesToEven,
                 &losesInfo);
  return number.bitcastToAPInt().getZExtValue();
}

TensorValue AdversarialInputs::makeInput(const Input &input,
                                         InputPattern pattern,
                                         int64_t numSamples) {
  SmallVector<int64_t> shape(input.type.getShape());
  if (input.sampleAxis && ShapedType::isDynamic(shape[*input.sampleAxis]))
    shape[*input.sampleAxis] = numSamples;
  Type type = input.type.getElementType();
  TensorValue tensor =
      TensorValue::allocate(RankedTensorType::get(shape, type));
  if (!tensor)
    return tensor;

  auto floatType = dyn_cast<FloatType>(type);
  auto draw = [&](int64_t index) -> uint64_t {
    if (!floatType) {
      unsigned width = type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
      return static_cast<uint64_t>(drawInteger(pattern, width));
    }
    // Extremes among ties, for the scale of dynamic parameters to be known.
    bool setsScale = pattern == InputPattern::Ties && index < 2;
    // Elements take turns at the parameters that the input has.
    const Parameters &p = input.parameters[index % input.parameters.size()];
    double value = setsScale
                       ? ((index == 0 ? p.low : p.high) - p.zeroPoint) * p.scale
                       : drawFloat(pattern, p);
    return getBits(floatType, value);
  };
  unsigned bytes = tensor.getElementByteSize();
  char *data = tensor.getMutableRawData().data();
  uint64_t element = 0;
  for (int64_t i = 0, e = tensor.getNumElements(); i < e; ++i) {
    if (i == 0 || pattern != InputPattern::OneValue)
      element = draw(i);
    std::memcpy(data + i * bytes, &element, bytes);
  }
  return tensor;
}

SmallVector<TensorValue> AdversarialInputs::make(InputPattern pattern,
                                                 int64_t numSamples) {
  SmallVector<TensorValue> arguments;
  for (const Input &input : inputs)
    arguments.push_back(makeInput(input, pattern, numSamples));
  return arguments;
}
