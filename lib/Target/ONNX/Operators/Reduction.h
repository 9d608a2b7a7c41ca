//===- Reduction.h - What reductions share ----------------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_TARGET_ONNX_OPERATORS_REDUCTION_H
#define PTQ_LIB_TARGET_ONNX_OPERATORS_REDUCTION_H

#include "../Node.h"

namespace mlir::ptq::importer {

/// Fails if a dimension that is to be reduced is symbolic.
LogicalResult verifyReducible(Node &node, Value tensor,
                              ArrayRef<int64_t> dimensions);

/// The sum of `tensor` over `dimensions`, which it lacks.
Value createSum(TensorBuilder &builder, Value tensor,
                ArrayRef<int64_t> dimensions);

/// The mean of floats over `dimensions`, which are static.
Value createMean(TensorBuilder &builder, Value tensor,
                 ArrayRef<int64_t> dimensions);

/// `tensor` with `dimensions`, in order, of size 1 put back.
Value restoreDimensions(TensorBuilder &builder, Value tensor,
                        ArrayRef<int64_t> dimensions);

} // namespace mlir::ptq::importer

#endif // PTQ_LIB_TARGET_ONNX_OPERATORS_REDUCTION_H
