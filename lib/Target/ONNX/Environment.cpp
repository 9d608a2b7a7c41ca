//===- Environment.cpp - What the names of a graph mean -------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Environment.h"
#include "TensorBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Quantization/CodePacking.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::ptq;
using namespace mlir::ptq::importer;

LogicalResult Environment::insert(StringRef name, Entry entry,
                                  EmitErrorFn emitError) {
  if (!entries.try_emplace(name, std::move(entry)).second)
    return emitError() << "tensor '" << name << "' is defined twice";
  return success();
}

LogicalResult Environment::define(StringRef name, Value value,
                                  EmitErrorFn emitError, ValueFacts facts) {
  return insert(name, {value, std::nullopt, "", std::move(facts)}, emitError);
}

LogicalResult Environment::define(StringRef name, ConstantTensor constant,
                                  EmitErrorFn emitError) {
  return insert(name, {Value(), std::move(constant), "", {}}, emitError);
}

LogicalResult Environment::defineUnsupported(StringRef name, std::string reason,
                                             EmitErrorFn emitError) {
  return insert(name, {Value(), std::nullopt, std::move(reason), {}},
                emitError);
}

LogicalResult Environment::defineAlias(StringRef name, StringRef other,
                                       EmitErrorFn emitError) {
  Entry entry = entries.lookup(other);
  return insert(name, std::move(entry), emitError);
}

const ConstantTensor *Environment::getConstant(StringRef name) const {
  auto it = entries.find(name);
  if (it == entries.end() || !it->second.constant)
    return nullptr;
  return &*it->second.constant;
}

FailureOr<Value> Environment::getValue(StringRef name, OpBuilder &builder,
                                       EmitErrorFn emitError) {
  auto it = entries.find(name);
  if (it == entries.end())
    return emitError() << "tensor '" << name
                       << "' is not defined before its use";
  Entry &entry = it->second;
  if (!entry.reasonUnsupported.empty())
    return emitError() << entry.reasonUnsupported;
  if (entry.value)
    return entry.value;

  RankedTensorType type = entry.constant->getType();
  Type elementType = type.getElementType();
  if (!isa<FloatType>(elementType) && !elementType.isSignlessInteger())
    return emitError() << "constant '" << name << "' has the unsupported type "
                       << type;
  if (type.getNumElements() == 0)
    return emitError() << "constant '" << name << "' is empty";
  if (entry.constant->holdsBatch())
    return emitError() << "constant '" << name
                       << "' depends on the symbolic batch; fix it with "
                          "--batch";
  entry.value = createConstant(*entry.constant, builder);
  return entry.value;
}

/// Packs the elements of `constant` along its innermost dimension of an even
/// size, or, if it has none, as one row of all elements. The result is of
/// bytes; `unpackedShape` is the shape that they unpack to along `axis`.
static ConstantTensor packElements(const ConstantTensor &constant,
                                   SmallVectorImpl<int64_t> &unpackedShape,
                                   int64_t &axis) {
  RankedTensorType type = constant.getType();
  unsigned width = type.getElementTypeBitWidth();
  int64_t perByte = getCodesPerByte(width);
  unpackedShape.assign(type.getShape().begin(), type.getShape().end());
  axis = type.getRank() - 1;
  while (axis >= 0 && unpackedShape[axis] % perByte != 0)
    --axis;
  if (axis < 0) {
    unpackedShape.assign(1, type.getNumElements());
    axis = 0;
  }
  SmallVector<int8_t> codes(
      llvm::map_range(constant.getRawData(), [](char c) { return int8_t(c); }));
  SmallVector<int64_t> shape(unpackedShape.begin(), unpackedShape.end());
  shape[axis] = llvm::divideCeil(shape[axis], perByte);
  SmallVector<int8_t> packed(llvm::product_of(shape));
  packCodes(codes, PackedDimension::get(unpackedShape, axis), width, packed);
  SmallVector<int64_t> bytes(packed.begin(), packed.end());
  return ConstantTensor::fromIntegers(
      constant.getName(),
      RankedTensorType::get(shape, IntegerType::get(type.getContext(), 8)),
      bytes);
}

Value Environment::createConstant(const ConstantTensor &constant,
                                  OpBuilder &builder) {
  RankedTensorType type = constant.getType();
  unsigned width = type.getElementTypeBitWidth();
  if (width == 2 || width == 4) {
    SmallVector<int64_t> shape;
    int64_t axis;
    Value bytes = createConstant(packElements(constant, shape, axis), builder);
    TensorBuilder tensors(bytes.getLoc(), builder);
    Value unpacked = UnpackOp::create(tensors, type.clone(shape), bytes, axis);
    return tensors.createReshape(unpacked, type.getShape());
  }
  auto loc = NameLoc::get(builder.getStringAttr(constant.getName()));
  return arith::ConstantOp::create(builder, loc,
                                   weights.getAttribute(constant));
}
