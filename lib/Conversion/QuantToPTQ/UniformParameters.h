//===- UniformParameters.h - What a quantized type says ---------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CONVERSION_QUANTTOPTQ_UNIFORMPARAMETERS_H
#define PTQ_LIB_CONVERSION_QUANTTOPTQ_UNIFORMPARAMETERS_H

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/Support/LLVM.h"
#include "ptq/Quantization/QuantizationParameters.h"
#include "ptq/Support/MatchExplanation.h"
#include <optional>

namespace mlir::ptq {

/// The integer that stores numbers of the quantized type `type`, if it is a
/// uniform type of which ptq can hold the codes; null otherwise.
IntegerType getImportableStorage(Type type);

/// What a tensor of a uniform quantized type has, in the terms of ptq ops.
/// Codes are signed: those of an unsigned type are 2^(bits - 1) less, and so
/// are its zero points and bounds.
struct UniformParameters {
  IntegerType storage;
  bool isUnsigned = false;
  /// The codes that quantization gives.
  CodeRange codes;
  /// One for each part, in row-major order. The types have scales in f64; here
  /// they are rounded to f32.
  SmallVector<float> scales;
  SmallVector<int64_t> zeroPoints;
  /// How many scales were not f32 numbers.
  int64_t numRounded = 0;
  /// The shape of the scales; empty for one scale, which is a scalar.
  SmallVector<int64_t> shape;
  /// The dimension that scales run along, or the blocks that share one.
  std::optional<int64_t> axis;
  SmallVector<int64_t> blockSizes;

  /// The codes of the storage type.
  CodeRange getStorageRange() const;
};

/// Reads the element type of `type`. Upstream verifies less than what is needed
/// here, and nothing in types of functions. Blocks that cover whole dimensions,
/// or that are single elements of one dimension, give a scalar or an axis.
FailureOr<UniformParameters> readUniformParameters(RankedTensorType type,
                                                   ExplainFn explain);

} // namespace mlir::ptq

#endif // PTQ_LIB_CONVERSION_QUANTTOPTQ_UNIFORMPARAMETERS_H
