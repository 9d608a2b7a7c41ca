//===- ArrayQuantization.cpp - Many values at once ------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Quantization/ArrayQuantization.h"
#include <cmath>
#include <cstdlib>

using namespace mlir::ptq;

/// The loops below convert through i32 and need no clamp afterwards if codes
/// and zero points are small, which they are for codes of up to 16 bits.
static bool isSmall(int64_t value) { return value > -65536 && value < 65536; }

static bool isSmall(CodeRange range) {
  return isSmall(range.min) && isSmall(range.max);
}

/// To nearest, ties to even: where the unit in the last place of the sum is 1,
/// adding rounds. A call of nearbyintf would keep the loop from being
/// vectorized.
static inline float roundEven(float value) {
  constexpr float kUnit = 0x1p23f;
  float magnitude = std::fabs(value);
  float rounded = std::copysign((magnitude + kUnit) - kUnit, value);
  return magnitude < kUnit ? rounded : value;
}

/// A number that is not yet rounded to a code. NaN becomes the zero point.
static inline int32_t toSmallCode(float number, int32_t zeroPoint, float min,
                                  float max) {
  number = number != number ? 0.0f : number;
  float rounded = roundEven(number);
  float low = min - static_cast<float>(zeroPoint);
  float high = max - static_cast<float>(zeroPoint);
  rounded = rounded < low ? low : rounded;
  rounded = rounded > high ? high : rounded;
  return static_cast<int32_t>(rounded) + zeroPoint;
}

/// Whether all zero points of a run are small.
static bool hasSmallZeroPoints(ParameterRun parameters, int64_t count) {
  if (!parameters.zeroPoints)
    return true;
  int64_t distinct = parameters.stride == 0 ? 1 : count;
  for (int64_t i = 0; i < distinct; ++i)
    if (!isSmall(parameters.getZeroPoint(i)))
      return false;
  return true;
}

/// Calls `body(index, scale, zero point)` for a run, with what does not change
/// taken out of the loop.
template <typename Body>
static inline void forEachInRun(ParameterRun parameters, int64_t count,
                                Body body) {
  if (parameters.stride == 0) {
    float scale = parameters.getScale(0);
    int32_t zeroPoint = parameters.getZeroPoint(0);
    for (int64_t i = 0; i < count; ++i)
      body(i, scale, zeroPoint);
  } else if (!parameters.zeroPoints) {
    for (int64_t i = 0; i < count; ++i)
      body(i, parameters.scales[i], 0);
  } else {
    for (int64_t i = 0; i < count; ++i)
      body(i, parameters.scales[i], parameters.zeroPoints[i]);
  }
}

template <typename T>
void mlir::ptq::quantizeArray(llvm::ArrayRef<float> values,
                              ParameterRun parameters, CodeRange range,
                              llvm::MutableArrayRef<T> codes) {
  const float *source = values.data();
  T *target = codes.data();
  auto count = static_cast<int64_t>(values.size());
  if (count == 0)
    return;
  if (!isSmall(range) || !hasSmallZeroPoints(parameters, count)) {
    forEachInRun(parameters, count, [&](int64_t i, float scale, int32_t zero) {
      target[i] = static_cast<T>(quantizeValue(source[i], scale, zero, range));
    });
    return;
  }
  auto min = static_cast<float>(range.min);
  auto max = static_cast<float>(range.max);
  forEachInRun(parameters, count, [=](int64_t i, float scale, int32_t zero) {
    target[i] = static_cast<T>(toSmallCode(source[i] / scale, zero, min, max));
  });
}

template <typename T>
void mlir::ptq::dequantizeArray(llvm::ArrayRef<T> codes,
                                ParameterRun parameters,
                                llvm::MutableArrayRef<float> values) {
  const T *source = codes.data();
  float *target = values.data();
  auto count = static_cast<int64_t>(codes.size());
  if (count == 0)
    return;
  if constexpr (sizeof(T) <= 2) {
    // The difference of small numbers is exact in i32.
    if (hasSmallZeroPoints(parameters, count)) {
      forEachInRun(parameters, count,
                   [=](int64_t i, float scale, int32_t zero) {
                     target[i] = static_cast<float>(source[i] - zero) * scale;
                   });
      return;
    }
  }
  forEachInRun(parameters, count, [=](int64_t i, float scale, int32_t zero) {
    target[i] = dequantizeValue(source[i], scale, zero);
  });
}

template <typename AccT, typename T>
void mlir::ptq::requantizeArray(llvm::ArrayRef<AccT> accumulators,
                                ParameterRun parameters, CodeRange range,
                                llvm::MutableArrayRef<T> codes) {
  const AccT *source = accumulators.data();
  T *target = codes.data();
  auto count = static_cast<int64_t>(accumulators.size());
  if (count == 0)
    return;
  if (!isSmall(range) || !hasSmallZeroPoints(parameters, count)) {
    forEachInRun(parameters, count, [&](int64_t i, float scale, int32_t zero) {
      target[i] =
          static_cast<T>(requantizeValue(source[i], scale, zero, range));
    });
    return;
  }
  auto min = static_cast<float>(range.min);
  auto max = static_cast<float>(range.max);
  forEachInRun(parameters, count, [=](int64_t i, float scale, int32_t zero) {
    float product = static_cast<float>(source[i]) * scale;
    target[i] = static_cast<T>(toSmallCode(product, zero, min, max));
  });
}

namespace mlir::ptq {
#define PTQ_INSTANTIATE_QUANTIZE(T)                                            \
  template void quantizeArray(llvm::ArrayRef<float>, ParameterRun, CodeRange,  \
                              llvm::MutableArrayRef<T>);                       \
  template void requantizeArray(llvm::ArrayRef<int32_t>, ParameterRun,         \
                                CodeRange, llvm::MutableArrayRef<T>);          \
  template void requantizeArray(llvm::ArrayRef<int64_t>, ParameterRun,         \
                                CodeRange, llvm::MutableArrayRef<T>);
PTQ_INSTANTIATE_QUANTIZE(int8_t)
PTQ_INSTANTIATE_QUANTIZE(int16_t)
PTQ_INSTANTIATE_QUANTIZE(int32_t)
#undef PTQ_INSTANTIATE_QUANTIZE

#define PTQ_INSTANTIATE_DEQUANTIZE(T)                                          \
  template void dequantizeArray(llvm::ArrayRef<T>, ParameterRun,               \
                                llvm::MutableArrayRef<float>);
PTQ_INSTANTIATE_DEQUANTIZE(int8_t)
PTQ_INSTANTIATE_DEQUANTIZE(int16_t)
PTQ_INSTANTIATE_DEQUANTIZE(int32_t)
PTQ_INSTANTIATE_DEQUANTIZE(int64_t)
#undef PTQ_INSTANTIATE_DEQUANTIZE
} // namespace mlir::ptq
