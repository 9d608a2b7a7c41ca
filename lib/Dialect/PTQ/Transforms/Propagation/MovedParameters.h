//===- MovedParameters.h - Scales that follow moved elements ----*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One scale for the whole tensor fits wherever its elements go, and the scales
// along an axis follow that axis. Scales of samples and tokens stand in a
// tensor that has one element where the data has a run; it is reshaped and
// transposed like the data.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_DIALECT_PTQ_TRANSFORMS_PROPAGATION_MOVEDPARAMETERS_H
#define PTQ_LIB_DIALECT_PTQ_TRANSFORMS_PROPAGATION_MOVEDPARAMETERS_H

#include "mlir/IR/PatternMatch.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"

namespace mlir::ptq {

/// Scale, zero point and blocks of codes.
struct BlockParameters {
  Value scale;
  /// Null for symmetric quantization.
  Value zeroPoint;
  SmallVector<int64_t> blockSizes;
};

/// The parameters of `dequantize` for the result of `op`, a reshape, transpose
/// or broadcast of what it gives. Failure, with nothing built, if a dimension
/// has several blocks of more than one element, or none that are static.
FailureOr<BlockParameters> moveParameters(PatternRewriter &rewriter,
                                          Operation *op,
                                          DequantizeOp dequantize);

/// Patterns that sink a dequantize through the gather of rows from its result.
void populateSinkThroughGatherPatterns(RewritePatternSet &patterns);

/// Patterns that sink a dequantize with a zero point for each sample through
/// padding.
void populateSinkThroughPadPatterns(RewritePatternSet &patterns);

} // namespace mlir::ptq

#endif // PTQ_LIB_DIALECT_PTQ_TRANSFORMS_PROPAGATION_MOVEDPARAMETERS_H
