//===- DynamicObservers.cpp - Observers to run-time parameters ------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DynamicObservers.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Remarks.h"
#include "ptq/Dialect/PTQ/Models/SampleAxis.h"

using namespace mlir;
using namespace mlir::ptq;

/// The encoding that `observer` measures: per sample where it asks for a range
/// per tensor. Failure if one range would hold several samples.
static FailureOr<EncodingAttr>
getEncodingPerSample(ObserveOp observer, SampleAxisAnalysis &sampleAxes) {
  EncodingAttr encoding = observer.getEncoding();
  auto type = cast<RankedTensorType>(observer.getInput().getType());
  FailureOr<std::optional<SampleAxis>> axis =
      sampleAxes.getSampleAxis(observer.getInput());
  if (failed(axis))
    return failure();
  if (!*axis)
    return encoding;
  switch (encoding.getGranularity()) {
  case Granularity::Tensor:
    return encoding.withAxis((*axis)->dim);
  case Granularity::Axis:
    if (encoding.getAxis() != (*axis)->dim)
      return failure();
    return encoding;
  case Granularity::Token:
    if ((*axis)->dim == type.getRank() - 1)
      return failure();
    return encoding;
  case Granularity::Block:
    if (encoding.getAxis() == (*axis)->dim)
      return failure();
    return encoding;
  }
  return failure();
}

int64_t mlir::ptq::separateSamples(ModuleOp module) {
  SmallVector<std::pair<ObserveOp, FailureOr<EncodingAttr>>> encodings;
  SampleAxisAnalysis sampleAxes;
  module.walk([&](ObserveOp observer) {
    if (observer.getEncoding().isDynamic())
      encodings.push_back(
          {observer, getEncodingPerSample(observer, sampleAxes)});
  });
  int64_t numRemoved = 0;
  for (auto &[observer, encoding] : encodings) {
    if (succeeded(encoding)) {
      observer.setEncodingAttr(*encoding);
      continue;
    }
    remark::missed(observer.getLoc(), remark::RemarkOpts::name("MixedSamples")
                                          .category("ptq-fold-parameters"))
        << remark::reason("edge '{0}' stays in float: one range would hold "
                          "several samples of a batch",
                          observer.getEdge());
    observer.replaceAllUsesWith(observer.getInput());
    observer.erase();
    ++numRemoved;
  }
  return numRemoved;
}

Value mlir::ptq::createDynamicQuantization(OpBuilder &builder, Location loc,
                                           Value input, EncodingAttr encoding) {
  auto type = cast<RankedTensorType>(input.getType());
  Type scaleType = builder.getF32Type();
  // i8 holds the zero points of all storage types up to 8 bits.
  Type zeroPointType = encoding.getStorage().getWidth() <= 8
                           ? builder.getI8Type()
                           : builder.getI32Type();
  IntegerAttr axis;
  DenseI64ArrayAttr blockSize;
  SmallVector<int64_t> shape;
  if (encoding.getGranularity() == Granularity::Axis) {
    axis = builder.getI64IntegerAttr(*encoding.getAxis());
    shape.push_back(type.getDimSize(*encoding.getAxis()));
  } else if (!encoding.isPerTensor()) {
    shape = encoding.getBlockCounts(type.getShape());
    blockSize =
        builder.getDenseI64ArrayAttr(encoding.getBlockSizes(type.getShape()));
  }
  if (!encoding.isPerTensor()) {
    scaleType = RankedTensorType::get(shape, scaleType);
    zeroPointType = RankedTensorType::get(shape, zeroPointType);
  }
  auto chosen = ChooseParametersOp::create(
      builder, loc, scaleType, encoding.isSymmetric() ? Type() : zeroPointType,
      input, encoding);
  Value codes = QuantizeOp::create(
      builder, loc, type.clone(encoding.getStorage()), input, chosen.getScale(),
      chosen.getZeroPoint(), axis, blockSize, encoding.getLowBound(),
      encoding.getHighBound());
  return DequantizeOp::create(builder, loc, type, codes, chosen.getScale(),
                              chosen.getZeroPoint(), axis, blockSize);
}

void mlir::ptq::replaceDynamicObserver(ObserveOp observer) {
  OpBuilder builder(observer);
  observer.replaceAllUsesWith(createDynamicQuantization(
      builder, observer.getLoc(), observer.getInput(), observer.getEncoding()));
  observer.erase();
}
