//===- WorkCount.h - How much there is to multiply --------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_DIALECT_PTQ_TRANSFORMS_SENSITIVITY_WORKCOUNT_H
#define PTQ_LIB_DIALECT_PTQ_TRANSFORMS_SENSITIVITY_WORKCOUNT_H

#include "../Calibration/SampleRunner.h"
#include "llvm/ADT/StringMap.h"

namespace mlir::ptq {

/// The multiply-accumulates that one sample takes in the quantizable ops of
/// `network`, by the names of their results; elements, where nothing is summed.
/// Sizes that are not static are those of the first sample of `runner`.
FailureOr<llvm::StringMap<int64_t>> countWork(ModuleOp network,
                                              const SampleRunner &runner);

} // namespace mlir::ptq

#endif // PTQ_LIB_DIALECT_PTQ_TRANSFORMS_SENSITIVITY_WORKCOUNT_H
