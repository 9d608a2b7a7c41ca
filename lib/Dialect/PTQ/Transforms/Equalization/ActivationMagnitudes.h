//===- ActivationMagnitudes.h - How large channels become -------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_DIALECT_PTQ_TRANSFORMS_EQUALIZATION_ACTIVATIONMAGNITUDES_H
#define PTQ_LIB_DIALECT_PTQ_TRANSFORMS_EQUALIZATION_ACTIVATIONMAGNITUDES_H

#include "../Calibration/SampleRunner.h"
#include "ChannelSeam.h"

namespace mlir::ptq {

/// The largest finite magnitude over the samples that `options` describe, for
/// each channel of each of `seams`, as the consumers read it. 0 where nothing
/// finite was seen. Reports errors of samples and network; the module is as it
/// was afterwards.
FailureOr<std::vector<SmallVector<double>>>
measureActivations(ModuleOp module, ArrayRef<const ChannelSeam *> seams,
                   const SampleRunner::Options &options);

} // namespace mlir::ptq

#endif // PTQ_LIB_DIALECT_PTQ_TRANSFORMS_EQUALIZATION_ACTIVATIONMAGNITUDES_H
