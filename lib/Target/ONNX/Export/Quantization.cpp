//===- Quantization.cpp - Export of quantize and dequantize ---------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GraphExporter.h"
#include "ptq/Dialect/PTQ/Models/EdgeTracing.h"
#include "ptq/Quantization/QuantizationParameters.h"

using namespace mlir;
using namespace mlir::ptq;
using namespace mlir::ptq::exporter;

namespace {
/// The inputs and attributes that quantize and dequantize share.
struct Parameters {
  std::string scale, zeroPoint;
  SmallVector<NodeAttribute, 2> attributes;
};
} // namespace

/// The one dimension that blocks of more than one element lie along.
template <typename OpTy>
static FailureOr<NodeAttribute> findBlockedAxis(OpTy op,
                                                ArrayRef<int64_t> blocks) {
  std::optional<int64_t> axis;
  for (auto [dim, block] : llvm::enumerate(blocks)) {
    if (block == 1)
      continue;
    if (axis)
      return emitUnsupported(op, "blocks extend over several dimensions");
    axis = dim;
  }
  return NodeAttribute::number("axis", axis.value_or(0));
}

/// Adds scale and zero point of `op`, with scales of type `scaleType`.
template <typename OpTy>
static FailureOr<Parameters> addParameters(GraphExporter &graph, OpTy op,
                                           Type scaleType,
                                           IntegerType storage) {
  FailureOr<ConstantElements> scale = readConstant(op.getScale());
  if (failed(scale))
    return emitUnsupported(op, "the scale is measured at run time");
  // Blocks came with codes of other sizes.
  bool isSmallOrLarge = storage.getWidth() == 4 || storage.getWidth() == 16;
  if (isSmallOrLarge || op.getBlockSize())
    graph.requireOpset(21);
  else if (!scaleType.isF32())
    graph.requireOpset(19);
  Parameters parameters;
  std::string name = getEdgeName(op.getResult());
  parameters.scale =
      graph.addConstant(convertElements(*scale, scaleType), name + "_scale");
  // Without a zero point ONNX would take the codes for unsigned ones.
  ConstantElements zeroPoint{
      scale->type.clone(storage),
      std::string(scale->type.getNumElements() * ((storage.getWidth() + 7) / 8),
                  '\0')};
  if (op.getZeroPoint()) {
    FailureOr<ConstantElements> given = readConstant(op.getZeroPoint());
    if (failed(given))
      return emitUnsupported(op, "the zero point is measured at run time");
    zeroPoint = convertElements(*given, storage);
  }
  parameters.zeroPoint = graph.addConstant(zeroPoint, name + "_zero_point");
  if (std::optional<int64_t> axis = op.getAxis())
    parameters.attributes.push_back(NodeAttribute::number("axis", *axis));
  if (std::optional<ArrayRef<int64_t>> blocks = op.getBlockSize()) {
    FailureOr<NodeAttribute> axis = findBlockedAxis(op, *blocks);
    if (failed(axis))
      return failure();
    parameters.attributes.push_back(*axis);
    parameters.attributes.push_back(
        NodeAttribute::number("block_size", (*blocks)[axis->integers.front()]));
  }
  return parameters;
}

/// ONNX has codes of 4, 8 and 16 bits.
static LogicalResult verifyStorage(Operation *op, IntegerType storage) {
  unsigned width = storage.getWidth();
  if (width == 4 || width == 8 || width == 16)
    return success();
  return emitUnsupported(op, "ONNX has no codes of " + Twine(width) + " bits");
}

LogicalResult mlir::ptq::exporter::exportQuantize(GraphExporter &graph,
                                                  QuantizeOp op) {
  auto storage = cast<IntegerType>(op.getResult().getType().getElementType());
  Type type = op.getInput().getType().getElementType();
  FailureOr<std::string> input = graph.getTensor(op.getInput(), op);
  if (failed(input) || failed(verifyStorage(op, storage)))
    return failure();
  FailureOr<Parameters> parameters = addParameters(graph, op, type, storage);
  if (failed(parameters))
    return failure();
  CodeRange all = getCodeRange(storage.getWidth(), /*narrow=*/false);
  if (op.getLowCode() != all.min || op.getHighCode() != all.max) {
    // The values of the bounds become the bounds, and rounding is monotonic.
    FailureOr<ConstantElements> scale = readConstant(op.getScale());
    FailureOr<ConstantElements> zeroPoint = failure();
    if (op.getZeroPoint())
      zeroPoint = readConstant(op.getZeroPoint());
    if (scale->type.getNumElements() != 1)
      return emitUnsupported(op, "it has bounds, and a scale for each channel");
    float factor;
    std::string bits =
        convertElements(*scale, Float32Type::get(op.getContext())).data;
    std::memcpy(&factor, bits.data(), sizeof(factor));
    int64_t zero = 0;
    if (succeeded(zeroPoint))
      std::memcpy(
          &zero,
          convertElements(*zeroPoint, IntegerType::get(op.getContext(), 64))
              .data.data(),
          sizeof(zero));
    std::string name = getEdgeName(op.getInput());
    input = graph.addNode(
        "Clip",
        {*input,
         graph.addFloat(type, dequantizeValue(op.getLowCode(), factor, zero),
                        name + "_low"),
         graph.addFloat(type, dequantizeValue(op.getHighCode(), factor, zero),
                        name + "_high")},
        {}, name + "_clip");
  }
  graph.setNode(op.getResult(), "QuantizeLinear",
                {*input, parameters->scale, parameters->zeroPoint},
                parameters->attributes);
  return success();
}

FailureOr<std::string>
mlir::ptq::exporter::addDequantize(GraphExporter &graph, DequantizeOp op,
                                   const std::string &codes, StringRef name) {
  FailureOr<Parameters> parameters = addParameters(
      graph, op, op.getResult().getType().getElementType(),
      cast<IntegerType>(op.getInput().getType().getElementType()));
  if (failed(parameters))
    return failure();
  return graph.addNode("DequantizeLinear",
                       {codes, parameters->scale, parameters->zeroPoint},
                       parameters->attributes, name);
}

LogicalResult mlir::ptq::exporter::exportDequantize(GraphExporter &graph,
                                                    DequantizeOp op) {
  auto storage = cast<IntegerType>(op.getInput().getType().getElementType());
  FailureOr<std::string> input = graph.getTensor(op.getInput(), op);
  if (failed(input) ||
      (!storage.isInteger(32) && failed(verifyStorage(op, storage))))
    return failure();
  FailureOr<Parameters> parameters = addParameters(
      graph, op, op.getResult().getType().getElementType(), storage);
  if (failed(parameters))
    return failure();
  graph.setNode(op.getResult(), "DequantizeLinear",
                {*input, parameters->scale, parameters->zeroPoint},
                parameters->attributes);
  return success();
}
