//===- Environment.cpp - What the names of a graph mean -------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Environment.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::ptq::importer;

LogicalResult Environment::insert(StringRef name, Entry entry,
                                  EmitErrorFn emitError) {
  if (!entries.try_emplace(name, std::move(entry)).second)
    return emitError() << "tensor '" << name << "' is defined twice";
  return success();
}

LogicalResult Environment::define(StringRef name, Value value,
                                  EmitErrorFn emitError) {
  return insert(name, {value, std::nullopt, ""}, emitError);
}

LogicalResult Environment::define(StringRef name, ConstantTensor constant,
                                  EmitErrorFn emitError) {
  return insert(name, {Value(), std::move(constant), ""}, emitError);
}

LogicalResult Environment::defineUnsupported(StringRef name, std::string reason,
                                             EmitErrorFn emitError) {
  return insert(name, {Value(), std::nullopt, std::move(reason)}, emitError);
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

Value Environment::createConstant(const ConstantTensor &constant,
                                  OpBuilder &builder) {
  auto loc = NameLoc::get(builder.getStringAttr(constant.getName()));
  return arith::ConstantOp::create(builder, loc,
                                   weights.getAttribute(constant));
}
