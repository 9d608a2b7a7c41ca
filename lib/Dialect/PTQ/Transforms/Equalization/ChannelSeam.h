//===- ChannelSeam.h - Where channels pass between ops ----------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A seam is a stretch of a network in which every channel could be expressed in
// another unit and nobody outside would notice: from the constants with which
// its channels are computed, through ops that scale with their operands, to the
// weights that consume it.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_DIALECT_PTQ_TRANSFORMS_EQUALIZATION_CHANNELSEAM_H
#define PTQ_LIB_DIALECT_PTQ_TRANSFORMS_EQUALIZATION_CHANNELSEAM_H

#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Transforms/WeightedOp.h"

namespace mlir::ptq {

/// A constant, and the dimension of it that indexes channels.
struct ChannelConstant {
  Value constant;
  int64_t dim;
};

/// A value, and the dimension of it that indexes channels.
struct ChannelValue {
  Value value;
  int64_t dim;
};

/// An op with constant weights that consumes the channels of a seam.
struct SeamConsumer {
  WeightedOp weighted;
  /// Its activation operand.
  ChannelValue activation;
  ChannelConstant weights;
};

struct ChannelSeam {
  int64_t numChannels = 0;
  /// Ops whose output channels are those of the seam.
  SmallVector<WeightedOp> producers;
  /// Other constants that are in the unit of the channels: what is added to
  /// them, and the factors that first make them.
  SmallVector<ChannelConstant> constants;
  /// A value that comes from outside of the seam, if there is one: its unit is
  /// given.
  std::optional<ChannelValue> source;
  SmallVector<SeamConsumer> consumers;
};

/// The seam of the channels that `consumer` reads; failure, with the reason in
/// `problem`, if there is none.
FailureOr<ChannelSeam> findChannelSeam(QuantizableOpInterface consumer,
                                       std::string &problem);

} // namespace mlir::ptq

#endif // PTQ_LIB_DIALECT_PTQ_TRANSFORMS_EQUALIZATION_CHANNELSEAM_H
