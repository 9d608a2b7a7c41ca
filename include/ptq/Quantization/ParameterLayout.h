//===- ParameterLayout.h - What shares a scale and zero point ---*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The one place that says which element of a tensor has which parameters: for
// statistics, for choosing and folding parameters, and for running code.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_QUANTIZATION_PARAMETERLAYOUT_H
#define PTQ_QUANTIZATION_PARAMETERLAYOUT_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>

namespace mlir::ptq {

/// Neighbouring elements in row-major order: all of them have parameter
/// `parameter` (`stride` 0), or one after the other from there on (`stride` 1).
struct ElementRun {
  int64_t begin;
  int64_t count;
  int64_t parameter;
  int64_t stride;
};

/// How a tensor of some shape is divided into parts with one scale and zero
/// point each. Parameters are counted in row-major order of their own shape.
class ParameterLayout {
public:
  /// One parameter for everything; it has no dimensions.
  static ParameterLayout perTensor(ArrayRef<int64_t> shape);
  /// One parameter for each index along `axis`.
  static ParameterLayout alongAxis(ArrayRef<int64_t> shape, int64_t axis);
  /// One parameter for each block of `blocks` elements, which are at least 1.
  /// The last block of a dimension may be short.
  static ParameterLayout inBlocks(ArrayRef<int64_t> shape,
                                  ArrayRef<int64_t> blocks);

  /// The shape of a tensor of all parameters.
  ArrayRef<int64_t> getParameterShape() const { return parameterShape; }
  int64_t getNumParameters() const;

  /// Calls `visit` on runs that cover the elements in order. All dimensions
  /// must be known.
  void forEachRun(function_ref<void(const ElementRun &)> visit) const;

private:
  /// Sizes and blocks of the dimensions, neighbours that one parameter covers
  /// or that have one each taken together.
  SmallVector<int64_t> sizes;
  SmallVector<int64_t> blocks;
  SmallVector<int64_t> parameterShape;

  ParameterLayout(ArrayRef<int64_t> shape, ArrayRef<int64_t> blocks,
                  ArrayRef<int64_t> parameterShape);
};

} // namespace mlir::ptq

#endif // PTQ_QUANTIZATION_PARAMETERLAYOUT_H
