//===- EdgePlacement.h - Where an edge is observed, and how -----*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A scheme speaks of output channels, of blocks of what is summed and of
// tokens. What these are follows from the op; where they lie in the value that
// is to be observed follows from the data movement between the two.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_DIALECT_PTQ_TRANSFORMS_EDGEPLACEMENT_H
#define PTQ_LIB_DIALECT_PTQ_TRANSFORMS_EDGEPLACEMENT_H

#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Models/EdgeTracing.h"
#include "ptq/Dialect/PTQ/Models/SampleAxis.h"

namespace mlir::ptq {

/// An operand that is to be quantized: the path from the value that is to be
/// observed, and the encoding of that value.
struct EdgePlacement {
  EdgePath path;
  EncodingAttr encoding;
};

/// Is told when `granularity` cannot be had and a coarser one takes its place.
using FallbackFn =
    function_ref<void(Granularity granularity, StringRef reason)>;

/// Places a weight: gives per-channel encodings and blocks the axis that they
/// run along. May put a reshape after the constant. A block that holds all of a
/// channel's weights is a channel, whose scale integer products can use, unless
/// the op's activations stay float (`isWeightOnly`): a block's scale is
/// smaller.
EdgePlacement placeWeight(QuantizableOpInterface op, OpOperand &operand,
                          EncodingAttr encoding, bool isWeightOnly,
                          FallbackFn fallback);

/// Places an activation: at the root; for tokens at the first value from there
/// on whose rows are what the op sums over; for blocks at the operand; for one
/// range per sample at the first value that tells samples apart by the indices
/// of a dimension.
EdgePlacement placeActivation(QuantizableOpInterface op, OpOperand &operand,
                              EncodingAttr encoding,
                              SampleAxisAnalysis &sampleAxes,
                              FallbackFn fallback);

/// Gives `path` data movement of its own where others use it as well, so that a
/// change at the root reaches nobody else.
void makePathPrivate(EdgePath &path);

} // namespace mlir::ptq

#endif // PTQ_LIB_DIALECT_PTQ_TRANSFORMS_EDGEPLACEMENT_H
