//===- CodeSums.cpp - Sums of constant codes ------------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Quantization/CodeSums.h"
#include <algorithm>
#include <cstdlib>
#include <limits>

using namespace mlir;
using namespace mlir::ptq;

SmallVector<CodeSum> mlir::ptq::sumCodes(ArrayRef<int8_t> codes,
                                         ArrayRef<int64_t> shape,
                                         ArrayRef<int64_t> keptDims) {
  // The step in the result for one step along each dimension of the codes.
  SmallVector<int64_t> strides(shape.size(), 0);
  int64_t count = 1;
  for (size_t i = keptDims.size(); i-- > 0;) {
    strides[keptDims[i]] = count;
    count *= shape[keptDims[i]];
  }
  SmallVector<CodeSum> sums(count);
  SmallVector<int64_t> index(shape.size(), 0);
  int64_t position = 0;
  for (int8_t code : codes) {
    sums[position].sum += code;
    sums[position].magnitude += std::abs(int64_t{code});
    for (size_t dim = shape.size(); dim-- > 0;) {
      position += strides[dim];
      if (++index[dim] < shape[dim])
        break;
      position -= strides[dim] * shape[dim];
      index[dim] = 0;
    }
  }
  return sums;
}

std::optional<int32_t>
mlir::ptq::computeAccumulatorInit(CodeSum weights, int64_t biasCode,
                                  int64_t zeroPoint,
                                  CodeRange activationCodes) {
  constexpr int64_t kMax = std::numeric_limits<int32_t>::max();
  auto getMagnitude = [&](int64_t offset) {
    return std::max(std::abs(activationCodes.min - offset),
                    std::abs(activationCodes.max - offset));
  };
  int64_t init = biasCode - zeroPoint * weights.sum;
  // What the accumulator stands for, and what it holds before all products have
  // been added.
  int64_t result =
      weights.magnitude * getMagnitude(zeroPoint) + std::abs(biasCode);
  int64_t partial = weights.magnitude * getMagnitude(0) + std::abs(init);
  if (result > kMax || partial > kMax)
    return std::nullopt;
  return static_cast<int32_t>(init);
}

bool mlir::ptq::fitsAccumulatorForAnyZeroPoint(const CodeSum &weights) {
  // Codes and zero points are at most 128 away from 0, differences of the two
  // 255. On the way the accumulator holds the start and a part of the products.
  int64_t start = 128 * std::abs(weights.sum);
  return start + 128 * weights.magnitude <= std::numeric_limits<int32_t>::max();
}
