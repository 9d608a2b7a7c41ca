//===- OutputCollector.cpp - The results of many calls as one array -------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OutputCollector.h"
#include "ptq/Interpreter/SampleBatches.h"
#include "llvm/ADT/STLExtras.h"
#include <cstring>

using namespace mlir;
using namespace mlir::ptq;

/// The element type of arrays for results of `type`. Integers of odd widths lie
/// in the next larger ones, bf16 is widened.
static std::optional<ElementKind> getOutputKind(Type type, bool isUnsigned) {
  if (type.isBF16())
    return ElementKind::Float32;
  if (auto integer = dyn_cast<IntegerType>(type))
    if (integer.getWidth() > 1 && integer.getWidth() < 8)
      return isUnsigned ? ElementKind::UInt8 : ElementKind::Int8;
  return getElementKind(type, isUnsigned);
}

/// The elements of `value` as a file has them.
static std::vector<char> getFileElements(const TensorValue &value) {
  ArrayRef<char> raw = value.getRawData();
  if (!value.getElementType().isBF16())
    return {raw.begin(), raw.end()};
  std::vector<char> widened(raw.size() * 2);
  for (auto [index, bits] : llvm::enumerate(value.getData<uint16_t>())) {
    uint32_t single = uint32_t{bits} << 16;
    std::memcpy(&widened[4 * index], &single, sizeof(single));
  }
  return widened;
}

LogicalResult OutputCollector::add(Location loc, const TensorValue &output,
                                   int64_t numUsed) {
  std::optional<ElementKind> elementKind =
      getOutputKind(output.getElementType(), entry.isUnsigned);
  if (!elementKind)
    return emitError(loc, "output '")
           << entry.name << "' has element type " << output.getElementType()
           << ", which .npy arrays do not have";
  kind = *elementKind;

  SmallVector<int64_t> shape(output.getShape());
  int64_t batch = 1;
  if (entry.sampleAxis) {
    batch = shape[*entry.sampleAxis];
    shape.erase(shape.begin() + *entry.sampleAxis);
    if (batch < numUsed)
      return emitError(loc, "output '")
             << entry.name << "' has " << batch << " samples for " << numUsed
             << " of the input";
  }
  numUsed = std::min(numUsed, batch);
  numSamples += numUsed;
  if (!sampleShape)
    sampleShape = shape;
  if (*sampleShape != shape)
    return emitError(loc, "output '")
           << entry.name << "' has another shape for other samples";

  std::vector<char> elements = getFileElements(output);
  int64_t axis = entry.sampleAxis.value_or(0);
  int64_t outer =
      ShapedType::getNumElements(ArrayRef<int64_t>(shape).take_front(axis));
  if (elements.empty() || outer == 0 || batch == 0)
    return success();
  int64_t run = elements.size() / (outer * batch);
  for (int64_t index = 0; index < numUsed; ++index)
    for (int64_t i = 0; i < outer; ++i) {
      auto from = elements.begin() + (i * batch + index) * run;
      samples.insert(samples.end(), from, from + run);
    }
  return success();
}

NumpyArray OutputCollector::finish() {
  NumpyArray array;
  array.kind = kind;
  if (sampleShape)
    array.shape.assign(sampleShape->begin(), sampleShape->end());
  int64_t axis = entry.sampleAxis.value_or(0);
  if (!entry.sampleAxis && numSamples == 1) {
    array.data = std::move(samples);
    return array;
  }
  array.shape.insert(array.shape.begin() + axis, numSamples);
  if (axis == 0) {
    array.data = std::move(samples);
    return array;
  }

  // Back from sample by sample to the order of the output.
  int64_t outer = ShapedType::getNumElements(
      ArrayRef<int64_t>(array.shape).take_front(axis));
  array.data.resize(samples.size());
  int64_t run = samples.size() / std::max<int64_t>(1, outer * numSamples);
  for (int64_t sample = 0; sample < numSamples && run > 0; ++sample)
    for (int64_t i = 0; i < outer; ++i)
      std::memcpy(&array.data[(i * numSamples + sample) * run],
                  &samples[(sample * outer + i) * run], run);
  return array;
}
