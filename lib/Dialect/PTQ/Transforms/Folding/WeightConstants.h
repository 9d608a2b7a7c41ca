//===- WeightConstants.h - Codes of observed constants ----------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_DIALECT_PTQ_TRANSFORMS_FOLDING_WEIGHTCONSTANTS_H
#define PTQ_LIB_DIALECT_PTQ_TRANSFORMS_FOLDING_WEIGHTCONSTANTS_H

#include "EdgeParameters.h"

namespace mlir::ptq {

/// The codes of the constant that `observer` observes, as a value of the
/// encoding's storage type. Codes of less than a byte are constants of packed
/// bytes under a `ptq.unpack`. Reports an error where the constant cannot be
/// read.
FailureOr<Value> createWeightCodes(OpBuilder &builder, ObserveOp observer,
                                   const EdgeParameters &parameters);

} // namespace mlir::ptq

#endif // PTQ_LIB_DIALECT_PTQ_TRANSFORMS_FOLDING_WEIGHTCONSTANTS_H
