//===- TensorRegions.h - Parts of tensors -----------------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the models of tensor and scf share: copying slices, addressing elements,
// and filling a tensor from a region.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_INTERPRETER_MODELS_TENSORREGIONS_H
#define PTQ_LIB_INTERPRETER_MODELS_TENSORREGIONS_H

#include "ptq/Interpreter/EvaluationFrame.h"

namespace mlir::ptq {

/// A slice: in every dimension `sizes` elements from `offsets`, `strides`
/// apart.
struct TensorRegion {
  SmallVector<int64_t> offsets, sizes, strides;
};

/// All of a tensor of `shape`.
TensorRegion getWholeRegion(ArrayRef<int64_t> shape);

/// Reports an error at `op` if `region` does not lie in a tensor of `shape`.
LogicalResult verifyRegion(Operation *op, const TensorRegion &region,
                           ArrayRef<int64_t> shape);

/// Copies a slice of `source` to all of `target`, or all of `source` to a slice
/// of `target`. The whole tensor has as many elements as the slice.
void copyFromRegion(const TensorValue &source, const TensorRegion &region,
                    TensorValue &target);
void copyToRegion(const TensorValue &source, const TensorRegion &region,
                  TensorValue &target);

/// As copyToRegion, after checking that the source has the sizes of the slice
/// and making `target` writable.
LogicalResult insertRegion(Operation *op, const TensorValue &source,
                           const TensorRegion &region, TensorValue &target);

/// Writes the only element of `scalar` to all of `target`.
void fillTensor(TensorValue &target, const TensorValue &scalar);

/// Where the element at `indices` lies, or an error at `op` if it does not
/// exist.
FailureOr<int64_t> getElementOffset(Operation *op, const EvaluationFrame &frame,
                                    const TensorValue &tensor,
                                    ValueRange indices);

/// Evaluates a region whose arguments are indices.
FailureOr<SmallVector<TensorValue>>
evaluateWithIndices(EvaluationFrame &frame, Region &region,
                    ArrayRef<int64_t> indices);

/// Fills `target` with what `region` gives for the indices of each element.
LogicalResult fillByRegion(EvaluationFrame &frame, Region &region,
                           TensorValue &target);

} // namespace mlir::ptq

#endif // PTQ_LIB_INTERPRETER_MODELS_TENSORREGIONS_H
