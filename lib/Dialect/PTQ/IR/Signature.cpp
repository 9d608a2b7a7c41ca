//===- Signature.cpp - Names and types of inputs and outputs --------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Dialect/PTQ/IR/Signature.h"
#include "mlir/IR/Builders.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"

using namespace mlir;
using namespace mlir::ptq;

//===----------------------------------------------------------------------===//
// To and from the attribute
//===----------------------------------------------------------------------===//

static DictionaryAttr toDictionary(Builder &builder,
                                   const SignatureEntry &entry) {
  NamedAttrList attrs;
  attrs.append("name", builder.getStringAttr(entry.name));
  attrs.append("type", TypeAttr::get(entry.type));
  if (entry.sampleAxis)
    attrs.append("sample_axis", builder.getI64IntegerAttr(*entry.sampleAxis));
  if (entry.isUnsigned)
    attrs.append("unsigned", builder.getUnitAttr());
  if (entry.quantization) {
    const auto &[parameters, codes] = *entry.quantization;
    attrs.append("scale", builder.getF32FloatAttr(parameters.scale));
    attrs.append("zero_point", builder.getI64IntegerAttr(parameters.zeroPoint));
    attrs.append("lowest", builder.getI64IntegerAttr(codes.min));
    attrs.append("highest", builder.getI64IntegerAttr(codes.max));
  }
  return attrs.getDictionary(builder.getContext());
}

static ArrayAttr toArray(Builder &builder, ArrayRef<SignatureEntry> entries) {
  return builder.getArrayAttr(llvm::map_to_vector(
      entries, [&](const SignatureEntry &entry) -> Attribute {
        return toDictionary(builder, entry);
      }));
}

DictionaryAttr Signature::toAttribute(MLIRContext *context) const {
  Builder builder(context);
  return builder.getDictionaryAttr(
      {builder.getNamedAttr("version", builder.getI64IntegerAttr(1)),
       builder.getNamedAttr("inputs", toArray(builder, inputs)),
       builder.getNamedAttr("outputs", toArray(builder, outputs))});
}

/// Whether samples lie along the first dimension although nobody says so.
static bool hasDynamicFirstDim(RankedTensorType type) {
  return type.getRank() > 0 && type.isDynamicDim(0);
}

/// Reads an entry that the dialect's attribute verifier has accepted.
static SignatureEntry fromDictionary(DictionaryAttr dict) {
  SignatureEntry entry;
  entry.name = dict.getAs<StringAttr>("name").str();
  entry.type = cast<RankedTensorType>(dict.getAs<TypeAttr>("type").getValue());
  if (auto axis = dict.getAs<IntegerAttr>("sample_axis"))
    entry.sampleAxis = axis.getInt();
  else if (hasDynamicFirstDim(entry.type))
    entry.sampleAxis = 0;
  if (Attribute flag = dict.get("unsigned")) {
    auto value = dyn_cast<BoolAttr>(flag);
    entry.isUnsigned = !value || value.getValue();
  }
  if (auto scale = dict.getAs<FloatAttr>("scale")) {
    auto getInteger = [&](StringRef key) {
      return dict.getAs<IntegerAttr>(key).getInt();
    };
    entry.quantization =
        InterfaceQuantization{{scale.getValue().convertToFloat(),
                               static_cast<int32_t>(getInteger("zero_point"))},
                              {getInteger("lowest"), getInteger("highest")}};
  }
  return entry;
}

//===----------------------------------------------------------------------===//
// From the function's type
//===----------------------------------------------------------------------===//

static LogicalResult verifyTensorTypes(FunctionOpInterface function,
                                       TypeRange types, StringRef what) {
  for (auto [index, type] : llvm::enumerate(types))
    if (!isa<RankedTensorType>(type))
      return function.emitError("entry function '")
             << function.getName() << "': " << what << " " << index << " is a "
             << type << "; inputs and outputs are ranked tensors";
  return success();
}

static SignatureEntry deriveEntry(Type type, std::string name) {
  auto tensorType = cast<RankedTensorType>(type);
  SignatureEntry entry;
  entry.name = std::move(name);
  entry.type = tensorType;
  if (hasDynamicFirstDim(tensorType))
    entry.sampleAxis = 0;
  return entry;
}

static FailureOr<Signature> deriveSignature(FunctionOpInterface function) {
  if (failed(verifyTensorTypes(function, function.getArgumentTypes(),
                               "argument")) ||
      failed(verifyTensorTypes(function, function.getResultTypes(), "result")))
    return failure();
  Signature signature;
  for (auto [index, type] : llvm::enumerate(function.getArgumentTypes())) {
    std::string name = "arg" + std::to_string(index);
    if (!function.isExternal())
      if (auto loc = dyn_cast<NameLoc>(function.getArgument(index).getLoc()))
        name = loc.getName().str();
    signature.inputs.push_back(deriveEntry(type, std::move(name)));
  }
  for (auto [index, type] : llvm::enumerate(function.getResultTypes()))
    signature.outputs.push_back(
        deriveEntry(type, "result" + std::to_string(index)));
  return signature;
}

/// Whether `types` fit the types of `entries`.
static bool fits(TypeRange types, ArrayRef<SignatureEntry> entries) {
  if (types.size() != entries.size())
    return false;
  for (auto [type, entry] : llvm::zip_equal(types, entries)) {
    auto tensorType = dyn_cast<RankedTensorType>(type);
    if (!tensorType ||
        tensorType.getElementType() != entry.type.getElementType() ||
        failed(verifyCompatibleShape(tensorType, entry.type)))
      return false;
  }
  return true;
}

static bool fits(FunctionOpInterface function, const Signature &signature) {
  return fits(function.getArgumentTypes(), signature.inputs) &&
         fits(function.getResultTypes(), signature.outputs);
}

FailureOr<Signature> mlir::ptq::getSignature(FunctionOpInterface function) {
  if (!function->hasAttr(kSignatureAttrName))
    return deriveSignature(function);
  if (failed(verifySignature(function, function->getAttr(kSignatureAttrName))))
    return failure();
  auto attr = function->getAttrOfType<DictionaryAttr>(kSignatureAttrName);
  Signature signature;
  for (auto dict : attr.getAs<ArrayAttr>("inputs").getAsRange<DictionaryAttr>())
    signature.inputs.push_back(fromDictionary(dict));
  for (auto dict :
       attr.getAs<ArrayAttr>("outputs").getAsRange<DictionaryAttr>())
    signature.outputs.push_back(fromDictionary(dict));
  auto isTensor = llvm::IsaPred<TensorType>;
  bool isOnTensors = llvm::any_of(function.getArgumentTypes(), isTensor) ||
                     llvm::any_of(function.getResultTypes(), isTensor);
  if (isOnTensors && !fits(function, signature))
    return function.emitError("'ptq.signature' does not fit the type of '")
           << function.getName() << "'";
  return signature;
}

FailureOr<Signature>
mlir::ptq::getTensorSignature(FunctionOpInterface function) {
  FailureOr<Signature> signature = getSignature(function);
  if (succeeded(signature) && !fits(function, *signature))
    return function.emitError("entry function '")
           << function.getName()
           << "' is not on the tensors that its 'ptq.signature' names";
  return signature;
}
