//===- PhasedFilter.h - Filters of transposed convolutions ------*- C++ -*-===//
//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A transposed convolution as a convolution of stride 1 that computes all
// phases of the result: its dimensions, and its filter, which is one of
// constants.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_TARGET_ONNX_OPERATORS_PHASEDFILTER_H
#define PTQ_LIB_TARGET_ONNX_OPERATORS_PHASEDFILTER_H

#include "../ConstantTensor.h"
#include "ConstantCodes.h"
#include "Window.h"
#include <optional>
#include <vector>

namespace mlir::ptq::importer {

/// One spatial dimension of a transposed convolution as a convolution of
/// stride 1.
struct PhasedDim {
  /// Taps of the original filter and the distance between them.
  int64_t kernel, dilation;
  /// The number of phases.
  int64_t stride;
  /// Taps of the filter of one phase, and the distance between them.
  int64_t numTaps, tapDilation;
  /// Zeros in front of the original filter, which shift the phases.
  int64_t shift;
  /// Elements before and after the input; elements cut off where negative.
  int64_t low, high;
  /// Positions of the convolution, and where the result begins in the
  /// count x stride elements that they stand for.
  int64_t count, begin;
  /// The size of the result.
  int64_t output;

  /// The tap of the original filter that tap `tap` of `phase` is, if it is one.
  std::optional<int64_t> getTap(int64_t phase, int64_t tap) const;
};

/// Dimension `dim` of `window`, whose `output` is the result's, over `input`
/// elements.
PhasedDim planPhasedDim(const Window &window, unsigned dim, int64_t input);

/// How a filter C, M / groups, taps... becomes one of all phases: groups x
/// phases x M / groups, C / groups, taps... .
struct PhasedFilter {
  int64_t groups, numPhases, numOutputs;
  SmallVector<int64_t> shape;
  /// The element that each element is; negative for zeros.
  std::vector<int64_t> sources;

  /// The output channel in its group that each output channel is.
  SmallVector<int64_t> getOutputsInGroup() const;
  /// The output channel that each output channel is.
  SmallVector<int64_t> getOutputs() const;
};

/// The filter of all phases in place of one of the shape `original`, which is
/// C, M / groups, taps... .
PhasedFilter planPhasedFilter(ArrayRef<int64_t> original, int64_t groups,
                              ArrayRef<PhasedDim> dims);

/// The elements of `original` as `filter` has them.
ConstantTensor rearrange(const ConstantTensor &original,
                         const PhasedFilter &filter);

/// Codes that share their scales along output channels at most.
ConstantCodes rearrange(const ConstantCodes &original,
                        const PhasedFilter &filter);

} // namespace mlir::ptq::importer

#endif // PTQ_LIB_TARGET_ONNX_OPERATORS_PHASEDFILTER_H
