//===- RunTimePacking.h - Packing a factor before its products -*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where both factors of a product change from call to call, as in attention,
// one of them is packed like constant weights before the kernel runs: its bytes
// are interleaved so that the neighbours which a dot product sums lie in one
// lane.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_CODEGEN_KERNELS_RUNTIMEPACKING_H
#define PTQ_LIB_CODEGEN_KERNELS_RUNTIMEPACKING_H

#include "DotPlan.h"

namespace mlir::ptq {

/// Emits loops that pack the weights of `plan`, which `access` reads, into a
/// buffer of bytes of the layout that PackedWeights.h describes. `ranges` are
/// the sizes of the loops of the contraction, whose run is one loop. Returns
/// the buffer and, for a dot product that reads activations as unsigned, the
/// buffer of what to add to each column's sum: -128 times its weights.
std::pair<Value, Value> packWeightsAtRunTime(OpBuilder &builder, Location loc,
                                             const DotPlan &plan,
                                             const FlatAccess &access,
                                             ArrayRef<OpFoldResult> ranges);

} // namespace mlir::ptq

#endif // PTQ_LIB_CODEGEN_KERNELS_RUNTIMEPACKING_H
