//===- RunTimeParameters.h - Scales and zero points as values ---*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_TRANSFORMS_RUNTIMEPARAMETERS_H
#define PTQ_DIALECT_PTQ_TRANSFORMS_RUNTIMEPARAMETERS_H

#include "mlir/IR/AffineMap.h"
#include "mlir/IR/Value.h"
#include "mlir/Support/LLVM.h"
#include <optional>

namespace mlir::ptq {

/// Codes that stand for a float value, with parameters that may be measured
/// when the network runs: one pair, or one for each index of some dimensions
/// (of each sample, of each token).
struct RunTimeQuantizedValue {
  Value codes;
  /// A float scalar or tensor.
  Value scale;
  /// Shaped like the scale; null where it is known to be 0.
  Value zeroPoint;
  /// From the dimensions of `codes` to the element of scale and zero point. The
  /// results are dimensions and zeros; there are none for scalars.
  AffineMap map;
};

/// `value` as the dequantization of i8 or i16 codes. Nothing if it is none, or
/// if its scale is that of a part of a dimension.
std::optional<RunTimeQuantizedValue> matchRunTimeQuantizedValue(Value value);

/// Codes with parameters for blocks along one dimension.
struct QuantizedBlocks {
  /// In the map, this dimension stands for the number of the block.
  RunTimeQuantizedValue value;
  /// The elements of a block; all of the dimension's where it is not cut.
  int64_t blockSize = 0;
};

/// `value` as the dequantization of i8 or i16 codes, which dimension `dim`, of
/// static size, may be cut into blocks. Nothing if it is none, or if another
/// dimension is cut.
std::optional<QuantizedBlocks> matchQuantizedBlocks(Value value, int64_t dim);

} // namespace mlir::ptq

#endif // PTQ_DIALECT_PTQ_TRANSFORMS_RUNTIMEPARAMETERS_H
