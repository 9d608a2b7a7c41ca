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

using namespace mlir;
using namespace mlir::ptq;

template <typename T>
static SmallVector<CodeSum> sum(ArrayRef<T> codes, ArrayRef<int64_t> shape,
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
  for (T code : codes) {
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

SmallVector<CodeSum> mlir::ptq::sumCodes(ArrayRef<int8_t> codes,
                                         ArrayRef<int64_t> shape,
                                         ArrayRef<int64_t> keptDims) {
  return sum(codes, shape, keptDims);
}

SmallVector<CodeSum> mlir::ptq::sumCodes(ArrayRef<int16_t> codes,
                                         ArrayRef<int64_t> shape,
                                         ArrayRef<int64_t> keptDims) {
  return sum(codes, shape, keptDims);
}

AccumulatorStart mlir::ptq::computeAccumulatorStart(CodeSum weights,
                                                    int64_t biasCode,
                                                    int64_t zeroPoint,
                                                    CodeRange activationCodes) {
  auto getMagnitude = [&](int64_t offset) {
    return std::max(std::abs(activationCodes.min - offset),
                    std::abs(activationCodes.max - offset));
  };
  AccumulatorStart start;
  start.value = biasCode - zeroPoint * weights.sum;
  // What the accumulator stands for, and what it holds before all products have
  // been added.
  int64_t result =
      weights.magnitude * getMagnitude(zeroPoint) + std::abs(biasCode);
  int64_t partial = weights.magnitude * getMagnitude(0) + std::abs(start.value);
  start.bound = std::max(result, partial);
  return start;
}

int64_t mlir::ptq::computeAccumulatorBound(CodeSum weights,
                                           CodeRange activationCodes) {
  // A zero point is a code. On the way the accumulator holds the start and a
  // part of the products; that is no less than what it holds at the end.
  int64_t largest = std::max(-activationCodes.min, activationCodes.max);
  return largest * std::abs(weights.sum) + largest * weights.magnitude;
}
