//===- Passes.td - From float to integers ------------------*- tablegen -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_TRANSFORMS_PASSES_TD
#define PTQ_DIALECT_PTQ_TRANSFORMS_PASSES_TD

include "ptq/Dialect/PTQ/Transforms/PreparationPasses.td"
include "ptq/Dialect/PTQ/Transforms/CalibrationPasses.td"
include "ptq/Dialect/PTQ/Transforms/TuningPasses.td"
include "ptq/Dialect/PTQ/Transforms/LoweringPasses.td"

#endif // PTQ_DIALECT_PTQ_TRANSFORMS_PASSES_TD
