//===- Constants.cpp - Import of constants and copies ---------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../BatchMultiple.h"
#include "../OperatorRegistry.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include <cmath>

using namespace mlir;
using namespace mlir::ptq::importer;

//===----------------------------------------------------------------------===//
// Literals
//===----------------------------------------------------------------------===//

static LogicalResult importConstant(Node &node) {
  std::optional<ConstantTensor> tensor;
  if (node.hasAttribute("value")) {
    if (failed(node.readAttribute("value", tensor)))
      return failure();
    return node.setOutput(0, *tensor);
  }
  MLIRContext *context = node.getBuilder().getContext();
  StringRef name = node.getOutputName(0);
  // A scalar or a list of numbers.
  for (StringRef attribute : {"value_int", "value_ints"}) {
    if (!node.hasAttribute(attribute))
      continue;
    bool isScalar = attribute == "value_int";
    SmallVector<int64_t> values(isScalar ? 1 : 0);
    if (isScalar ? failed(node.readAttribute(attribute, values.front()))
                 : failed(node.readAttribute(attribute, values)))
      return failure();
    auto type = RankedTensorType::get({static_cast<int64_t>(values.size())},
                                      IntegerType::get(context, 64));
    ConstantTensor list = ConstantTensor::fromIntegers(name, type, values);
    return node.setOutput(0, isScalar ? list.reshaped({}) : list);
  }
  for (StringRef attribute : {"value_float", "value_floats"}) {
    if (!node.hasAttribute(attribute))
      continue;
    bool isScalar = attribute == "value_float";
    SmallVector<double> values(isScalar ? 1 : 0);
    if (isScalar ? failed(node.readAttribute(attribute, values.front()))
                 : failed(node.readAttribute(attribute, values)))
      return failure();
    auto type = RankedTensorType::get({static_cast<int64_t>(values.size())},
                                      Float32Type::get(context));
    ConstantTensor list = ConstantTensor::fromDoubles(name, type, values);
    return node.setOutput(0, isScalar ? list.reshaped({}) : list);
  }
  return node.emitError() << "has no value of a supported kind";
}

/// A tensor of one number, zero unless given.
static LogicalResult importConstantOfShape(Node &node) {
  TensorBuilder &builder = node.getBuilder();
  SmallVector<int64_t> shape;
  std::optional<ConstantTensor> value;
  if (failed(node.readSizes(0, shape)) ||
      failed(node.readAttribute("value", value)))
    return failure();
  if (!value)
    value = ConstantTensor::fromDoubles(
        "", RankedTensorType::get({1}, builder.getF32Type()), {0.0});
  if (value->getType().getNumElements() != 1)
    return node.emitError() << "attribute 'value' must have one element, got "
                            << value->getType();
  value = value->reshaped({1});
  if (ConstantTensor::mayFold(shape)) {
    int64_t numElements = llvm::product_of(shape);
    return node.setOutput(
        0,
        value->taken(0, SmallVector<int64_t>(numElements, 0)).reshaped(shape));
  }
  auto type = RankedTensorType::get(shape, value->getElementType());
  if (!hasPlausibleSize(type) || type.getNumDynamicDims() > 1 ||
      isa<IntegerType>(type.getElementType()))
    return node.emitError() << "cannot make a constant of " << type;
  SmallVector<OpFoldResult> sizes =
      getAsIndexOpFoldResult(builder.getContext(), shape);
  for (OpFoldResult &size : sizes)
    if (ShapedType::isDynamic(*getConstantIntValue(size)))
      size = builder.createBatch();
  return node.setOutput(0, builder.createFilled(sizes, type.getElementType(),
                                                value->getDoubles()->front()));
}

/// start, start + delta, ... before limit; all three are constant.
static LogicalResult importRange(Node &node) {
  // In which type halves are added up; ours are rounded once.
  node.ignoreAttribute("stash_type");
  const ConstantTensor *start = node.getConstantInput(0);
  Type elementType = start ? start->getElementType() : Type();
  SmallVector<double> bounds;
  for (unsigned index = 0; index < 3; ++index) {
    const ConstantTensor *bound = node.getConstantInput(index);
    if (!bound || bound->getElementType() != elementType ||
        bound->getType().getNumElements() != 1 || bound->holdsBatch())
      return node.emitError()
             << "needs scalar constants of one type that do not depend on the "
                "symbolic batch; fix it with --batch";
    if (FailureOr<SmallVector<double>> values = bound->getDoubles();
        succeeded(values))
      bounds.push_back(values->front());
    else
      bounds.push_back(bound->getIntegers()->front());
  }
  double count = std::ceil((bounds[1] - bounds[0]) / bounds[2]);
  if (std::isnan(count) || count > (1 << 24))
    return node.emitError() << "a range of " << count << " numbers is too long";
  SmallVector<double> values;
  for (int64_t index = 0; index < count; ++index)
    values.push_back(bounds[0] + index * bounds[2]);
  auto type =
      RankedTensorType::get({static_cast<int64_t>(values.size())}, elementType);
  if (isa<FloatType>(elementType))
    return node.setOutput(
        0, ConstantTensor::fromDoubles(node.getOutputName(0), type, values));
  SmallVector<int64_t> integers(values.begin(), values.end());
  return node.setOutput(
      0, ConstantTensor::fromIntegers(node.getOutputName(0), type, integers));
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

/// Sets output 0 to a constant of sizes, among which the symbolic batch may be.
static LogicalResult setSizes(Node &node, ArrayRef<int64_t> sizes) {
  auto type = RankedTensorType::get({static_cast<int64_t>(sizes.size())},
                                    node.getBuilder().getI64Type());
  return node.setOutput(
      0, ConstantTensor::fromIntegers(node.getOutputName(0), type, sizes)
             .withBatch());
}

static LogicalResult importShape(Node &node) {
  SmallVector<int64_t> shape;
  if (failed(node.readShape(0, shape)))
    return failure();
  int64_t rank = shape.size(), start = 0, end = rank;
  if (failed(node.readAttribute("start", start)) ||
      failed(node.readAttribute("end", end)))
    return failure();
  auto cut = [&](int64_t bound) {
    return std::clamp<int64_t>(bound < 0 ? bound + rank : bound, 0, rank);
  };
  start = cut(start);
  end = std::max(start, cut(end));
  // Only the batch has a name; a multiple of it would pass for the batch.
  if (!node.getConstantInput(0)) {
    Value input;
    if (failed(node.readInput(0, input)))
      return failure();
    if (llvm::is_contained(shape, ShapedType::kDynamic) &&
        getBatchMultiple(input) != BatchMultiple())
      return node.emitError() << "the symbolic size of " << input.getType()
                              << " is not that of the batch; fix it with "
                                 "--batch";
  }
  return setSizes(node, ArrayRef(shape).slice(start, end - start));
}

//===----------------------------------------------------------------------===//
// Copies
//===----------------------------------------------------------------------===//

static LogicalResult importIdentity(Node &node) {
  return node.forwardInput(0, 0);
}

/// At inference nothing is dropped.
static LogicalResult importDropout(Node &node) {
  node.ignoreAttribute("ratio");
  node.ignoreAttribute("seed");
  // The training flag, input 2, is a constant of one byte.
  if (node.hasInput(2)) {
    const ConstantTensor *training = node.getConstantInput(2);
    if (!training || training->getRawData().size() != 1 ||
        training->getRawData().front() != 0)
      return node.emitError() << "training is not supported; export the model "
                                 "for inference";
  }
  return node.forwardInput(0, 0);
}

void mlir::ptq::importer::populateConstantImporters(
    OperatorRegistry &registry) {
  registry.add("Constant", {kAllOpsets, {0, 0}, importConstant});
  registry.add("ConstantOfShape",
               {{9, kMaxOpset}, {1, 1}, importConstantOfShape});
  registry.add("Dropout", {{kMinOpset, 11}, {1, 1}, importDropout});
  registry.add("Dropout", {{12, kMaxOpset}, {1, 3}, importDropout});
  registry.add("Identity", {kAllOpsets, {1, 1}, importIdentity});
  registry.add("Range", {{11, kMaxOpset}, {3, 3}, importRange});
  registry.add("Shape", {kAllOpsets, {1, 1}, importShape});
}
