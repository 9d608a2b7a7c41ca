//===- PTQDialect.cpp - Registration and discardable attributes -----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Interfaces/FunctionInterfaces.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/IR/Signature.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace mlir::ptq;

#include "ptq/Dialect/PTQ/IR/PTQDialect.cpp.inc"

void PTQDialect::initialize() {
  registerAttributes();
  addOperations<
#define GET_OP_LIST
#include "ptq/Dialect/PTQ/IR/PTQOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Discardable attributes
//===----------------------------------------------------------------------===//

/// The value of an i64 attribute; nothing where `attr` is absent or not one.
static std::optional<int64_t> getI64(Attribute attr) {
  auto integer = dyn_cast_or_null<IntegerAttr>(attr);
  if (!integer || !integer.getType().isSignlessInteger(64))
    return std::nullopt;
  return integer.getInt();
}

/// Checks what the codes of `entry`, an entry of the signature of type `type`,
/// stand for: a scale, and a zero point between the lowest and the highest
/// code.
static LogicalResult verifyQuantization(Operation *op, DictionaryAttr entry,
                                        RankedTensorType type) {
  if (llvm::none_of(ArrayRef{"scale", "zero_point", "lowest", "highest"},
                    [&](StringRef key) { return entry.contains(key); }))
    return success();
  auto emitError = [&] {
    return op->emitOpError("'ptq.signature' gives '")
           << entry.getAs<StringAttr>("name").getValue() << "' ";
  };
  auto storage = dyn_cast<IntegerType>(type.getElementType());
  if (!storage || storage.getWidth() > 16)
    return emitError() << "a scale, but its type " << type
                       << " holds no codes of up to 16 bits";
  auto scale = entry.getAs<FloatAttr>("scale");
  if (!scale || !scale.getType().isF32() || !scale.getValue().isNormal() ||
      scale.getValue().isNegative())
    return emitError() << "codes that need an f32 'scale' above 0";
  std::optional<int64_t> zeroPoint = getI64(entry.get("zero_point"));
  std::optional<int64_t> lowest = getI64(entry.get("lowest"));
  std::optional<int64_t> highest = getI64(entry.get("highest"));
  CodeRange range = getCodeRange(storage.getWidth(), /*narrow=*/false);
  if (!zeroPoint || !lowest || !highest || *lowest < range.min ||
      *lowest > *highest || *highest > range.max || *zeroPoint < range.min ||
      *zeroPoint > range.max)
    return emitError() << "codes that need i64 'zero_point', 'lowest' and "
                          "'highest' which "
                       << storage << " can hold";
  return success();
}

/// Checks one list of the signature ("inputs" or "outputs"): dictionaries with
/// a name that is unique in the list, a tensor type, a sample axis in range,
/// and what codes stand for.
static LogicalResult verifySignatureEntries(Operation *op,
                                            DictionaryAttr signature,
                                            StringRef listName) {
  auto list = signature.getAs<ArrayAttr>(listName);
  if (!list)
    return op->emitOpError("'ptq.signature' needs a list '") << listName << "'";
  llvm::StringSet<> names;
  for (Attribute attr : list) {
    auto entry = dyn_cast<DictionaryAttr>(attr);
    if (!entry)
      return op->emitOpError("'ptq.signature' ")
             << listName << " must be dictionaries, got " << attr;
    auto name = entry.getAs<StringAttr>("name");
    auto type = entry.getAs<TypeAttr>("type");
    auto tensorType =
        type ? dyn_cast<RankedTensorType>(type.getValue()) : RankedTensorType();
    if (!name || !tensorType)
      return op->emitOpError("'ptq.signature' ")
             << listName << " need a 'name' and a ranked tensor 'type', got "
             << entry;
    if (!names.insert(name.getValue()).second)
      return op->emitOpError("'ptq.signature' ")
             << listName << " have the name '" << name.getValue() << "' twice";
    if (Attribute axis = entry.get("sample_axis")) {
      std::optional<int64_t> dim = getI64(axis);
      if (!dim || *dim < 0 || *dim >= tensorType.getRank())
        return op->emitOpError("'ptq.signature' sample axis ")
               << axis << " is out of range for " << tensorType;
    }
    if (entry.contains("unsigned") &&
        !isa<UnitAttr, BoolAttr>(entry.get("unsigned")))
      return op->emitOpError("'ptq.signature' flag 'unsigned' must be a unit "
                             "or a bool");
    if (failed(verifyQuantization(op, entry, tensorType)))
      return failure();
  }
  return success();
}

LogicalResult mlir::ptq::verifySignature(Operation *op, Attribute attr) {
  auto signature = dyn_cast<DictionaryAttr>(attr);
  if (!signature)
    return op->emitOpError("'ptq.signature' must be a dictionary, got ")
           << attr;
  if (getI64(signature.get("version")) != 1)
    return op->emitOpError("'ptq.signature' needs 'version = 1'");
  if (failed(verifySignatureEntries(op, signature, "inputs")) ||
      failed(verifySignatureEntries(op, signature, "outputs")))
    return failure();
  return success();
}

LogicalResult PTQDialect::verifyOperationAttribute(Operation *op,
                                                   NamedAttribute attribute) {
  StringRef name = attribute.getName();
  if (name == kSchemeAttrName) {
    if (!isa<SchemeAttr>(attribute.getValue()))
      return op->emitOpError("'ptq.scheme' must be a #ptq.scheme, got ")
             << attribute.getValue();
    return success();
  }
  if (name == kEntryAttrName || name == kSignatureAttrName) {
    if (!isa<FunctionOpInterface>(op))
      return op->emitOpError("'") << name << "' belongs on a function";
    if (name == kSignatureAttrName)
      return verifySignature(op, attribute.getValue());
    if (!isa<UnitAttr>(attribute.getValue()))
      return op->emitOpError("'ptq.entry' is a unit attribute");
    return success();
  }
  return op->emitOpError("unknown attribute '") << name << "'";
}
