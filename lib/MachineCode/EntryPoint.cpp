//===- EntryPoint.cpp - The entry of a module in LLVM form ----------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/MachineCode/EntryPoint.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/OpenMP/OpenMPDialect.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Interpreter/TensorValue.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;
using namespace mlir::ptq;

//===----------------------------------------------------------------------===//
// Finding the entry
//===----------------------------------------------------------------------===//

static LogicalResult reportMissingEntry(ModuleOp module) {
  InFlightDiagnostic diagnostic =
      module.emitError("no function in LLVM form is marked 'ptq.entry'");
  for (auto function : module.getOps<func::FuncOp>()) {
    diagnostic.attachNote(function.getLoc())
        << "'" << function.getName()
        << "' has not been lowered: 'ptq-opt --ptq-lower' does that";
    break;
  }
  return diagnostic;
}

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
    return reportMissingEntry(module);
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
  Builder builder(function.getContext());
  auto pointer = LLVM::LLVMPointerType::get(builder.getContext());
  SmallVector<Type> expected;
  size_t numMemRefs = 0;
  auto expect = [&](int64_t rank) {
    ++numMemRefs;
    expected.append(2, pointer);
    expected.append(1 + 2 * rank, builder.getI64Type());
  };
  for (const SignatureEntry &input : entry.signature.inputs)
    expect(input.type.getRank());
  for (const SignatureEntry &output : entry.signature.outputs)
    expect(output.type.getRank());
  if (entry.workspaceBytes > 0)
    expect(/*rank=*/1);

  if (!isa<LLVM::LLVMVoidType>(function.getFunctionType().getReturnType()))
    return emitMismatch("it returns a value");
  if (function.getArgumentTypes() != ArrayRef<Type>(expected) ||
      function.isVarArg() || wrapper.getNumArguments() != numMemRefs)
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
  auto getString = [&](StringRef key) {
    auto value = attrs.getAs<StringAttr>(key);
    return value ? value.getValue().str() : std::string();
  };
  entry.cpu = getString("cpu");
  entry.features = getString("features");
  entry.usesOpenMP =
      module.walk([](omp::ParallelOp) { return WalkResult::interrupt(); })
          .wasInterrupted();
  if (failed(verifyConvention(entry)))
    return failure();
  return entry;
}

llvm::Triple EntryPoint::getTriple() const {
  LLVM::LLVMFuncOp entry = function;
  if (auto triple = entry->getParentOp()->getAttrOfType<StringAttr>(
          LLVM::LLVMDialect::getTargetTripleAttrName()))
    return llvm::Triple(triple.getValue());
  return llvm::Triple(llvm::sys::getProcessTriple());
}
