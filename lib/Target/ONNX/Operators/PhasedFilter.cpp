//===- PhasedFilter.cpp - Filters of transposed convolutions --------------===//
//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PhasedFilter.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::ptq::importer;

//===----------------------------------------------------------------------===//
// Dimensions
//===----------------------------------------------------------------------===//

std::optional<int64_t> PhasedDim::getTap(int64_t phase, int64_t tap) const {
  int64_t distance = (numTaps - 1 - tap) * tapDilation * stride;
  int64_t offset = phase + distance - shift;
  if (offset < 0 || offset % dilation != 0 || offset / dilation >= kernel)
    return std::nullopt;
  return offset / dilation;
}

PhasedDim mlir::ptq::importer::planPhasedDim(const Window &window, unsigned dim,
                                             int64_t input) {
  PhasedDim plan;
  plan.kernel = window.kernel[dim];
  plan.dilation = window.dilations[dim];
  plan.stride = window.strides[dim];
  plan.output = window.output[dim];
  // Several phases of a filter with gaps have different gaps, which become
  // zeros.
  bool keepsGaps = plan.stride == 1;
  int64_t extent = window.getExtent(dim);
  auto countTaps = [&](int64_t shift) {
    return keepsGaps ? plan.kernel
                     : llvm::divideCeil(extent + shift, plan.stride);
  };
  // Nothing has to be cut off where the first phase comes first. It is worth
  // the shift that this takes, but not another tap.
  int64_t padLow = window.padLow[dim];
  plan.shift = (plan.stride - padLow % plan.stride) % plan.stride;
  if (countTaps(plan.shift) != countTaps(0))
    plan.shift = 0;
  plan.numTaps = countTaps(plan.shift);
  plan.tapDilation = keepsGaps ? plan.dilation : 1;

  int64_t first = (padLow + plan.shift) / plan.stride;
  int64_t last = (padLow + plan.shift + plan.output - 1) / plan.stride;
  plan.begin = padLow + plan.shift - first * plan.stride;
  plan.count = last - first + 1;
  plan.low = (plan.numTaps - 1) * plan.tapDilation - first;
  plan.high = last - (input - 1);
  return plan;
}

//===----------------------------------------------------------------------===//
// Filters
//===----------------------------------------------------------------------===//

SmallVector<int64_t> PhasedFilter::getOutputsInGroup() const {
  SmallVector<int64_t> outputs;
  for (int64_t channel : llvm::seq(shape[0]))
    outputs.push_back(channel % numOutputs);
  return outputs;
}

SmallVector<int64_t> PhasedFilter::getOutputs() const {
  SmallVector<int64_t> outputs;
  for (int64_t channel : llvm::seq(shape[0]))
    outputs.push_back(channel / (numPhases * numOutputs) * numOutputs +
                      channel % numOutputs);
  return outputs;
}

/// The taps of all phases: for each phase, those of the original filter, row by
/// row, negative where there is none.
static SmallVector<SmallVector<int64_t>> listTaps(ArrayRef<PhasedDim> dims) {
  SmallVector<SmallVector<int64_t>> phases = {{0}};
  for (const PhasedDim &dim : dims) {
    SmallVector<SmallVector<int64_t>> extended;
    for (ArrayRef<int64_t> outer : phases)
      for (int64_t phase : llvm::seq(dim.stride)) {
        SmallVector<int64_t> taps;
        for (int64_t source : outer)
          for (int64_t tap : llvm::seq(dim.numTaps)) {
            std::optional<int64_t> inner = dim.getTap(phase, tap);
            taps.push_back(inner && source >= 0 ? source * dim.kernel + *inner
                                                : -1);
          }
        extended.push_back(std::move(taps));
      }
    phases = std::move(extended);
  }
  return phases;
}

PhasedFilter mlir::ptq::importer::planPhasedFilter(ArrayRef<int64_t> original,
                                                   int64_t groups,
                                                   ArrayRef<PhasedDim> dims) {
  PhasedFilter filter;
  filter.groups = groups;
  filter.numOutputs = original[1];
  int64_t numInputs = original[0] / groups;
  int64_t numTaps = llvm::product_of(original.drop_front(2));
  SmallVector<SmallVector<int64_t>> phases = listTaps(dims);
  filter.numPhases = phases.size();
  filter.shape = {groups * filter.numPhases * filter.numOutputs, numInputs};
  for (const PhasedDim &dim : dims)
    filter.shape.push_back(dim.numTaps);
  filter.sources.reserve(llvm::product_of(filter.shape));
  for (int64_t group : llvm::seq(groups))
    for (ArrayRef<int64_t> taps : phases)
      for (int64_t output : llvm::seq(filter.numOutputs))
        for (int64_t input : llvm::seq(numInputs)) {
          int64_t plane =
              (group * numInputs + input) * filter.numOutputs + output;
          for (int64_t tap : taps)
            filter.sources.push_back(tap < 0 ? -1 : plane * numTaps + tap);
        }
  return filter;
}

ConstantTensor mlir::ptq::importer::rearrange(const ConstantTensor &original,
                                              const PhasedFilter &filter) {
  SmallVector<double> values = *original.getDoubles(), result;
  result.reserve(filter.sources.size());
  for (int64_t source : filter.sources)
    result.push_back(source < 0 ? 0.0 : values[source]);
  return ConstantTensor::fromDoubles(
      original.getName(),
      RankedTensorType::get(filter.shape, original.getElementType()), result);
}

ConstantCodes mlir::ptq::importer::rearrange(const ConstantCodes &original,
                                             const PhasedFilter &filter) {
  ConstantCodes result = original;
  if (original.axis) {
    SmallVector<int64_t> outputs = filter.getOutputsInGroup();
    result.axis = IntegerAttr::get(original.axis.getType(), /*value=*/0);
    result.scales = original.scales.taken(0, outputs);
    if (original.zeroPoints)
      result.zeroPoints = original.zeroPoints->taken(0, outputs);
  }
  SmallVector<int64_t> zeros(result.scales.getType().getNumElements(), 0);
  if (result.zeroPoints)
    zeros = *result.zeroPoints->getIntegers();
  SmallVector<int64_t> values = *original.codes.getIntegers();
  SmallVector<int64_t> codes(filter.sources.size());
  result.forEachElement(filter.shape, [&](int64_t element, int64_t parameter) {
    int64_t source = filter.sources[element];
    codes[element] = source < 0 ? zeros[parameter] : values[source];
  });
  result.codes = ConstantTensor::fromIntegers(
      original.codes.getName(),
      RankedTensorType::get(filter.shape, original.codes.getElementType()),
      codes);
  return result;
}
