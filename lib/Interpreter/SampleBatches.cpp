//===- SampleBatches.cpp - From samples to the arguments of a call --------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Interpreter/SampleBatches.h"

using namespace mlir;
using namespace mlir::ptq;

std::optional<ElementKind> mlir::ptq::getElementKind(Type type,
                                                     bool isUnsigned) {
  if (type.isF16())
    return ElementKind::Float16;
  if (type.isBF16())
    return ElementKind::BFloat16;
  if (type.isF32())
    return ElementKind::Float32;
  if (type.isF64())
    return ElementKind::Float64;
  if (type.isInteger(1))
    return ElementKind::Bool;
  if (type.isInteger(8))
    return isUnsigned ? ElementKind::UInt8 : ElementKind::Int8;
  if (type.isInteger(16))
    return isUnsigned ? ElementKind::UInt16 : ElementKind::Int16;
  if (type.isInteger(32))
    return isUnsigned ? ElementKind::UInt32 : ElementKind::Int32;
  if (type.isInteger(64) || type.isIndex())
    return isUnsigned ? ElementKind::UInt64 : ElementKind::Int64;
  return std::nullopt;
}

FailureOr<SampleBatches>
SampleBatches::open(Location loc, const Signature &signature, StringRef spec,
                    const SampleOptions &options, int64_t callSize) {
  SampleBatches result(loc);
  SmallVector<SampleInput> samples;
  for (auto [index, entry] : llvm::enumerate(signature.inputs)) {
    SmallVector<int64_t> shape(entry.type.getShape());
    int64_t batch = 1;
    if (entry.sampleAxis) {
      int64_t &size = shape[*entry.sampleAxis];
      if (ShapedType::isDynamic(size))
        size = callSize;
      batch = size;
    }
    if (ShapedType::isDynamicShape(shape)) {
      emitError(loc, "input '")
          << entry.name << "' of type " << entry.type
          << " has a dynamic dimension besides its sample axis";
      return failure();
    }
    std::optional<ElementKind> kind =
        getElementKind(entry.type.getElementType(), entry.isUnsigned);
    if (!kind) {
      emitError(loc, "input '")
          << entry.name << "' has element type " << entry.type.getElementType()
          << ", which .npy arrays do not have";
      return failure();
    }
    if (index > 0 && batch != result.batch) {
      emitError(loc, "inputs '") << signature.inputs.front().name << "' and '"
                                 << entry.name << "' take " << result.batch
                                 << " and " << batch << " samples in one call";
      return failure();
    }
    result.batch = batch;
    Input input;
    input.callType = RankedTensorType::get(shape, entry.type.getElementType());
    if (entry.sampleAxis)
      shape.erase(shape.begin() + *entry.sampleAxis);
    input.sample = {entry.name, *kind, shape, entry.sampleAxis.value_or(0)};
    samples.push_back(input.sample);
    result.inputs.push_back(std::move(input));
  }
  if (result.batch < 1) {
    emitError(loc, "takes ") << result.batch << " samples in one call";
    return failure();
  }
  llvm::Expected<std::unique_ptr<SampleSource>> source =
      openSamples(spec, samples, options);
  if (!source) {
    InFlightDiagnostic diagnostic =
        emitError(loc, llvm::toString(source.takeError()));
    for (const SignatureEntry &entry : signature.inputs)
      if (entry.quantization)
        diagnostic.attachNote()
            << "input '" << entry.name << "' takes codes of scale "
            << entry.quantization->parameters.scale << " and zero point "
            << entry.quantization->parameters.zeroPoint;
    return failure();
  }
  result.source = std::move(*source);
  return result;
}

FailureOr<SmallVector<TensorValue>> SampleBatches::read(int64_t first) const {
  SmallVector<TensorValue> arguments;
  for (size_t index = 0; index < inputs.size(); ++index) {
    FailureOr<TensorValue> argument = readInput(index, first);
    if (failed(argument))
      return failure();
    arguments.push_back(std::move(*argument));
  }
  return arguments;
}

FailureOr<TensorValue> SampleBatches::readInput(size_t index,
                                                int64_t first) const {
  const Input &input = inputs[index];
  TensorValue argument = TensorValue::allocateUninitialized(input.callType);
  if (!argument) {
    emitError(loc) << "input '" << input.sample.name
                   << "' is too large for the memory";
    return failure();
  }
  MutableArrayRef<char> data = argument.getMutableRawData();
  int64_t last = getNumSamples() - 1;
  if (batch == 1) {
    source->read(std::min(first, last), index, data);
    return argument;
  }
  // Samples lie interleaved by the dimensions before the sample axis.
  int64_t outer = ShapedType::getNumElements(
      input.callType.getShape().take_front(input.sample.sampleAxis));
  std::vector<char> sample(input.sample.getSampleBytes());
  int64_t run = outer == 0 ? 0 : static_cast<int64_t>(sample.size()) / outer;
  for (int64_t slot = 0; slot < batch; ++slot) {
    source->read(std::min(first + slot, last), index, sample);
    for (int64_t i = 0; i < outer; ++i)
      std::copy_n(sample.data() + i * run, run,
                  data.data() + (i * batch + slot) * run);
  }
  return argument;
}
