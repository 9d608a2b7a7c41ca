//===- QuantizationParameters.cpp - Ranges to scales and codes ------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Quantization/QuantizationParameters.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <cfloat>
#include <cmath>

using namespace mlir::ptq;

CodeRange mlir::ptq::getCodeRange(unsigned bits, bool narrow) {
  int64_t max = llvm::maxIntN(bits);
  return {narrow ? -max : -max - 1, max};
}

/// `numerator / steps` as an f32 scale that is normal and positive. A scale
/// that overflows f32 cannot occur for f32 data of two or more steps.
static float makeScale(double numerator, double steps) {
  if (numerator == 0.0)
    return 1.0f;
  double scale = numerator / steps;
  return static_cast<float>(
      std::clamp(scale, double{FLT_MIN}, double{FLT_MAX}));
}

int32_t mlir::ptq::chooseZeroPoint(double min, float scale, CodeRange codes) {
  double zeroPoint =
      std::nearbyint(static_cast<double>(codes.min) - min / double{scale});
  return static_cast<int32_t>(std::clamp(zeroPoint,
                                         static_cast<double>(codes.min),
                                         static_cast<double>(codes.max)));
}

/// `scale` as an f16.
static llvm::APFloat convertToHalf(float scale) {
  llvm::APFloat value(scale);
  bool losesInfo = false;
  value.convert(llvm::APFloat::IEEEhalf(), llvm::APFloat::rmNearestTiesToEven,
                &losesInfo);
  return value;
}

float mlir::ptq::roundToHalf(float scale) {
  return convertToHalf(scale).convertToFloat();
}

uint16_t mlir::ptq::getHalfBits(float scale) {
  return static_cast<uint16_t>(
      convertToHalf(scale).bitcastToAPInt().getZExtValue());
}

QuantizationParameters
mlir::ptq::chooseQuantizationParameters(double min, double max,
                                        Symmetry symmetry, CodeRange codes) {
  min = std::min(min, 0.0);
  max = std::max(max, 0.0);
  if (symmetry == Symmetry::Symmetric) {
    double threshold = std::max(-min, max);
    return {makeScale(threshold, static_cast<double>(codes.max)), 0};
  }
  if (min == 0.0 && max == 0.0)
    return {1.0f, 0};
  float scale =
      makeScale(max - min, static_cast<double>(codes.max - codes.min));
  return {scale, chooseZeroPoint(min, scale, codes)};
}

/// Saturates a rounded float so that adding `zeroPoint` stays within `codes`.
/// The bounds are compared in f32, as the lowered code does.
static int32_t saturateToCode(float rounded, int32_t zeroPoint,
                              CodeRange codes) {
  float low = static_cast<float>(codes.min - zeroPoint);
  float high = static_cast<float>(codes.max - zeroPoint);
  rounded = rounded < low ? low : rounded;
  rounded = rounded > high ? high : rounded;
  int64_t code = static_cast<int64_t>(rounded) + zeroPoint;
  return static_cast<int32_t>(std::clamp(code, codes.min, codes.max));
}

int32_t mlir::ptq::quantizeValue(float value, float scale, int32_t zeroPoint,
                                 CodeRange codes) {
  float quotient = value / scale;
  if (std::isnan(quotient))
    quotient = 0.0f;
  return saturateToCode(std::nearbyintf(quotient), zeroPoint, codes);
}

float mlir::ptq::dequantizeValue(int64_t code, float scale, int64_t zeroPoint) {
  return static_cast<float>(code - zeroPoint) * scale;
}

float mlir::ptq::computeRequantizationMultiplier(float inputScale,
                                                 float weightScale,
                                                 float outputScale) {
  return static_cast<float>(double{inputScale} * double{weightScale} /
                            double{outputScale});
}

float mlir::ptq::computeAverageMultiplier(float inputScale, double count,
                                          float outputScale) {
  return static_cast<float>(double{inputScale} / (count * double{outputScale}));
}

int32_t mlir::ptq::requantizeValue(int64_t accumulator, float multiplier,
                                   int32_t zeroPoint, CodeRange codes) {
  float product = static_cast<float>(accumulator) * multiplier;
  if (std::isnan(product)) // 0 times an infinite multiplier.
    product = 0.0f;
  return saturateToCode(std::nearbyintf(product), zeroPoint, codes);
}
