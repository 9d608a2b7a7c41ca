//===- FloatElements.h - Tensors of f32, f16 and bf16 as f32 ----*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Calibration measures, and quantizes weights, in f32, which holds every number
// of the narrower types that models come in.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_INTERPRETER_FLOATELEMENTS_H
#define PTQ_INTERPRETER_FLOATELEMENTS_H

#include "ptq/Interpreter/TensorValue.h"
#include <vector>

namespace mlir::ptq {

/// Whether f32 holds every number of `type`: f32, f16 or bf16.
bool isAtMostF32(Type type);

/// The elements of a tensor as f32: those of a tensor of f32 themselves, copies
/// of others.
class FloatElements {
public:
  /// `tensor` has elements of f32, f16 or bf16, and outlives this.
  explicit FloatElements(const TensorValue &tensor);

  ArrayRef<float> get() const { return elements; }

private:
  std::vector<float> widened;
  ArrayRef<float> elements;
};

/// A tensor of f32, f16 or bf16 with `values`, each rounded to the nearest
/// number of the type. Null if the memory for it is not there.
TensorValue createFromFloats(RankedTensorType type, ArrayRef<float> values);

} // namespace mlir::ptq

#endif // PTQ_INTERPRETER_FLOATELEMENTS_H
