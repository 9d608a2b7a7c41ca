//===- EntryPoint.cpp - The entry of a module in LLVM form ----------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "EntryPoint.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Execution/HostProcessor.h"
#include "ptq/Interpreter/TensorValue.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/DynamicLibrary.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;
using namespace mlir::ptq;

static constexpr StringRef kInterfacePrefix = "_mlir_ciface_";
/// What the engine puts before the names of the wrappers that it makes.
static constexpr StringRef kPackedPrefix = "_mlir_";

//===----------------------------------------------------------------------===//
// Finding the entry
//===----------------------------------------------------------------------===//

static FailureOr<LLVM::LLVMFuncOp> findEntryFunction(ModuleOp module) {
  LLVM::LLVMFuncOp entry;
  for (auto function : module.getOps<LLVM::LLVMFuncOp>()) {
    // Lowering may copy a function's attributes to its C interface.
    if (!function->hasAttr(kEntryAttrName) ||
        function.getName().starts_with(kInterfacePrefix))
      continue;
    if (entry) {
      InFlightDiagnostic diagnostic =
          function.emitError("a second function is marked 'ptq.entry'");
      diagnostic.attachNote(entry.getLoc()) << "the first one is here";
      return failure();
    }
    entry = function;
  }
  if (!entry)
    return module.emitError("no function in LLVM form is marked 'ptq.entry'");
  if (entry.isExternal())
    return entry.emitError("the entry function '")
           << entry.getName() << "' has no body";
  if (!entry->hasAttr(kSignatureAttrName))
    return entry.emitError("the entry function '")
           << entry.getName() << "' has no 'ptq.signature'";
  return entry;
}

/// Whether an element takes a place of its own in memory. Codes of fewer bits
/// than a byte do not: what stands beside them in the byte is not defined.
static bool canPass(Type elementType) {
  if (!getElementByteSize(elementType))
    return false;
  return elementType.isIndex() || elementType.isInteger(1) ||
         elementType.getIntOrFloatBitWidth() % 8 == 0;
}

/// Only the sample axis may be dynamic: the caller knows its size and no other.
static LogicalResult verifyEntries(LLVM::LLVMFuncOp function,
                                   ArrayRef<SignatureEntry> entries,
                                   StringRef what) {
  for (const SignatureEntry &entry : entries) {
    if (!canPass(entry.type.getElementType()))
      return function.emitError()
             << what << " '" << entry.name << "' of type " << entry.type
             << " has elements that calls cannot pass";
    for (auto [dim, size] : llvm::enumerate(entry.type.getShape()))
      if (ShapedType::isDynamic(size) &&
          entry.sampleAxis != static_cast<int64_t>(dim))
        return function.emitError()
               << what << " '" << entry.name << "' of type " << entry.type
               << " has a dynamic dimension besides its sample axis";
  }
  return success();
}

/// The size of a dynamic output is the number of samples of the inputs.
static LogicalResult verifyOutputSizes(LLVM::LLVMFuncOp function,
                                       const Signature &signature) {
  auto hasSamples = [](const SignatureEntry &entry) {
    return entry.sampleAxis.has_value();
  };
  if (llvm::any_of(signature.inputs, hasSamples))
    return success();
  for (const SignatureEntry &output : signature.outputs)
    if (!output.type.hasStaticShape())
      return function.emitError("output '")
             << output.name << "' of type " << output.type
             << " depends on a number of samples, but no input has a sample "
                "axis";
  return success();
}

static LogicalResult verifyConvention(const EntryPoint &entry) {
  LLVM::LLVMFuncOp function = entry.function, wrapper = entry.wrapper;
  auto emitMismatch = [&](const Twine &what) {
    return function.emitError("the entry function '")
           << function.getName()
           << "' does not follow the calling convention: " << what;
  };
  if (!wrapper || wrapper.isExternal())
    return emitMismatch("it has no C interface ('llvm.emit_c_interface')");

  // A memref of rank r is two pointers, an offset, r sizes and r strides.
  size_t numMemRefs = 0, numWords = 0;
  auto count = [&](int64_t rank) {
    ++numMemRefs;
    numWords += 3 + 2 * rank;
  };
  for (const SignatureEntry &input : entry.signature.inputs)
    count(input.type.getRank());
  for (const SignatureEntry &output : entry.signature.outputs)
    count(output.type.getRank());
  if (entry.workspaceBytes > 0)
    count(/*rank=*/1);

  if (!isa<LLVM::LLVMVoidType>(function.getFunctionType().getReturnType()))
    return emitMismatch("it returns a value");
  if (function.getNumArguments() != numWords ||
      wrapper.getNumArguments() != numMemRefs)
    return emitMismatch("its arguments are not the memrefs of its signature");
  if (!llvm::all_of(wrapper.getArgumentTypes(),
                    llvm::IsaPred<LLVM::LLVMPointerType>) ||
      !isa<LLVM::LLVMVoidType>(wrapper.getFunctionType().getReturnType()))
    return emitMismatch("its C interface takes more than pointers");
  return success();
}

FailureOr<EntryPoint> EntryPoint::find(ModuleOp module) {
  FailureOr<LLVM::LLVMFuncOp> function = findEntryFunction(module);
  if (failed(function))
    return failure();
  FailureOr<Signature> signature = ptq::getSignature(*function);
  if (failed(signature) ||
      failed(verifyEntries(*function, signature->inputs, "input")) ||
      failed(verifyEntries(*function, signature->outputs, "output")) ||
      failed(verifyOutputSizes(*function, *signature)))
    return failure();

  EntryPoint entry;
  entry.function = *function;
  entry.wrapper = module.lookupSymbol<LLVM::LLVMFuncOp>(
      (kInterfacePrefix + function->getName()).str());
  entry.signature = std::move(*signature);
  auto attrs = (*function)->getAttrOfType<DictionaryAttr>(kSignatureAttrName);
  if (auto bytes = attrs.getAs<IntegerAttr>("workspace_bytes"))
    if (bytes.getType().isSignlessInteger(64))
      entry.workspaceBytes = bytes.getInt();
  if (failed(verifyConvention(entry)))
    return failure();
  return entry;
}

//===----------------------------------------------------------------------===//
// What the code needs
//===----------------------------------------------------------------------===//

LogicalResult EntryPoint::verifyHostSupports() const {
  LLVM::LLVMFuncOp entry = function;
  llvm::Triple host(llvm::sys::getProcessTriple());
  if (auto triple = entry->getParentOp()->getAttrOfType<StringAttr>(
          LLVM::LLVMDialect::getTargetTripleAttrName())) {
    llvm::Triple target(triple.getValue());
    if (target.getArch() != host.getArch())
      return entry.emitError("was compiled for ")
             << target.getArchName() << "; this machine is "
             << host.getArchName();
  }

  auto attrs = entry->getAttrOfType<DictionaryAttr>(kSignatureAttrName);
  auto getString = [&](StringRef key) {
    auto value = attrs.getAs<StringAttr>(key);
    return value ? value.getValue() : StringRef();
  };
  StringRef cpu = getString("cpu");
  auto missing = getMissingHostFeatures(cpu, getString("features"));
  if (!missing)
    return entry.emitError(llvm::toString(missing.takeError()));
  if (missing->empty())
    return success();
  InFlightDiagnostic diagnostic = entry.emitError("was compiled for ");
  if (cpu.empty())
    diagnostic << "another processor";
  else
    diagnostic << "processor '" << cpu << "'";
  return diagnostic << "; this machine lacks " << llvm::join(*missing, ", ");
}

LogicalResult mlir::ptq::verifyCallees(ModuleOp module) {
  llvm::sys::DynamicLibrary::LoadLibraryPermanently(nullptr);
  for (auto function : module.getOps<LLVM::LLVMFuncOp>()) {
    StringRef name = function.getName();
    if (!function.isExternal()) {
      if (name.starts_with(kPackedPrefix) &&
          !name.starts_with(kInterfacePrefix))
        return function.emitError("function names that start with '")
               << kPackedPrefix << "' are reserved for running compiled code";
      continue;
    }
    if (name.starts_with("llvm.") ||
        SymbolTable::symbolKnownUseEmpty(function, module))
      continue;
    if (!llvm::sys::DynamicLibrary::SearchForAddressOfSymbol(name.str()))
      return function.emitError("calls '")
             << name << "', which is not available";
  }
  return success();
}
