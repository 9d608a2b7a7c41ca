//===- CompiledModule.cpp - Machine code of a network ---------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Execution/CompiledModule.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/ExecutionEngine/ExecutionEngine.h"
#include "mlir/ExecutionEngine/OptUtils.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "llvm/ExecutionEngine/Orc/JITTargetMachineBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;
using namespace mlir::ptq;

//===----------------------------------------------------------------------===//
// Compilation
//===----------------------------------------------------------------------===//

/// The function of `module` that is marked as entry.
static FailureOr<LLVM::LLVMFuncOp> findEntry(ModuleOp module) {
  LLVM::LLVMFuncOp entry;
  for (auto function : module.getOps<LLVM::LLVMFuncOp>()) {
    if (!function->hasAttr(kEntryAttrName))
      continue;
    if (entry) {
      function.emitError("is a second function marked 'ptq.entry'");
      return failure();
    }
    entry = function;
  }
  if (!entry) {
    module.emitError("has no llvm.func marked 'ptq.entry'; the LLVM form is "
                     "made by ptq-lower");
    return failure();
  }
  if (!entry->hasAttr(kSignatureAttrName)) {
    entry.emitError("has no 'ptq.signature', which says how to call it");
    return failure();
  }
  return entry;
}

/// Refuses code for features that this machine lacks, which would end in an
/// illegal instruction.
static LogicalResult verifyFeatures(LLVM::LLVMFuncOp entry) {
  auto signature = entry->getAttrOfType<DictionaryAttr>(kSignatureAttrName);
  auto features = signature.getAs<StringAttr>("features");
  if (!features)
    return success();
  llvm::StringMap<bool> host = llvm::sys::getHostCPUFeatures();
  SmallVector<StringRef> missing, parts;
  features.getValue().split(parts, ',', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  for (StringRef feature : parts) {
    auto it = host.find(feature.drop_front());
    if (feature.starts_with("+") && it != host.end() && !it->second)
      missing.push_back(feature.drop_front());
  }
  if (missing.empty())
    return success();
  return entry.emitError("is compiled for processor features that this machine "
                         "lacks: ")
         << llvm::join(missing, ", ");
}

static LogicalResult verifyElementTypes(LLVM::LLVMFuncOp entry,
                                        ArrayRef<SignatureEntry> entries) {
  for (const SignatureEntry &tensor : entries) {
    Type type = tensor.type.getElementType();
    if (getElementByteSize(type) && !type.isInteger(4) && !type.isInteger(2))
      continue;
    return entry.emitError("input or output '")
           << tensor.name << "' has element type " << type
           << ", which has no layout in memory";
  }
  return success();
}

static llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createHostTargetMachine() {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  llvm::InitializeNativeTargetAsmParser();
  llvm::Expected<llvm::orc::JITTargetMachineBuilder> builder =
      llvm::orc::JITTargetMachineBuilder::detectHost();
  if (!builder)
    return builder.takeError();
  builder->setCodeGenOptLevel(llvm::CodeGenOptLevel::Aggressive);
  return builder->createTargetMachine();
}

CompiledModule::CompiledModule(Location loc) : loc(loc) {}

CompiledModule::~CompiledModule() = default;

FailureOr<std::unique_ptr<CompiledModule>>
CompiledModule::compile(ModuleOp llvmForm) {
  FailureOr<LLVM::LLVMFuncOp> entry = findEntry(llvmForm);
  if (failed(entry) || failed(verifyFeatures(*entry)))
    return failure();
  std::unique_ptr<CompiledModule> result(new CompiledModule(entry->getLoc()));
  FailureOr<Signature> signature = ptq::getSignature(*entry);
  if (failed(signature) ||
      failed(verifyElementTypes(*entry, signature->inputs)) ||
      failed(verifyElementTypes(*entry, signature->outputs)))
    return failure();
  result->signature = std::move(*signature);

  DialectRegistry registry;
  registerAllToLLVMIRTranslations(registry);
  llvmForm.getContext()->appendDialectRegistry(registry);
  auto report = [&](llvm::Error error) {
    entry->emitError("cannot be compiled: ")
        << llvm::toString(std::move(error));
    return failure();
  };
  llvm::Expected<std::unique_ptr<llvm::TargetMachine>> machine =
      createHostTargetMachine();
  if (!machine)
    return report(machine.takeError());
  ExecutionEngineOptions options;
  auto optimize = makeOptimizingTransformer(/*optLevel=*/3, /*sizeLevel=*/0,
                                            machine->get());
  options.transformer = optimize;
  options.jitCodeGenOptLevel = llvm::CodeGenOptLevel::Aggressive;
  options.enableGDBNotificationListener = false;
  options.enablePerfNotificationListener = false;
  std::string name = ("_mlir_ciface_" + entry->getName()).str();
  // The optimizer needs the machine while the engine is created; the engine
  // makes another one for itself.
  llvm::Expected<std::unique_ptr<ExecutionEngine>> engine =
      ExecutionEngine::create(llvmForm, options);
  if (!engine)
    return report(engine.takeError());
  llvm::Expected<void (*)(void **)> function = (*engine)->lookupPacked(name);
  if (!function)
    return report(function.takeError());
  result->engine = std::move(*engine);
  result->function = *function;
  return result;
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

void CompiledModule::Call::addMemRef(RankedTensorType type, char *data) {
  auto pointer = static_cast<int64_t>(reinterpret_cast<intptr_t>(data));
  // Allocated pointer, aligned pointer, offset, sizes, strides.
  std::vector<int64_t> words{pointer, pointer, 0};
  llvm::append_range(words, type.getShape());
  SmallVector<int64_t> strides(type.getRank(), 1);
  for (int64_t dim = type.getRank() - 2; dim >= 0; --dim)
    strides[dim] = strides[dim + 1] * type.getDimSize(dim + 1);
  llvm::append_range(words, strides);
  descriptors.push_back(std::move(words));
}

void CompiledModule::Call::invoke() { function(packed.data()); }

/// The static type of an input or output with `samples` samples.
static RankedTensorType getCallType(const SignatureEntry &entry,
                                    int64_t samples) {
  SmallVector<int64_t> shape(entry.type.getShape());
  for (int64_t &size : shape)
    if (ShapedType::isDynamic(size))
      size = samples;
  return RankedTensorType::get(shape, entry.type.getElementType());
}

FailureOr<CompiledModule::Call>
CompiledModule::prepare(ArrayRef<TensorValue> inputs) const {
  if (inputs.size() != signature.inputs.size()) {
    emitError(loc) << "takes " << signature.inputs.size() << " inputs, got "
                   << inputs.size();
    return failure();
  }
  Call call;
  call.function = function;
  int64_t samples = 1;
  for (auto [entry, input] : llvm::zip_equal(signature.inputs, inputs)) {
    if (entry.sampleAxis && entry.type.isDynamicDim(*entry.sampleAxis) &&
        *entry.sampleAxis < input.getRank())
      samples = input.getShape()[*entry.sampleAxis];
    if (input.getType() != getCallType(entry, samples)) {
      emitError(loc) << "input '" << entry.name << "' is " << entry.type
                     << ", got " << input.getType();
      return failure();
    }
    call.inputs.push_back(input);
    // Inputs are only read, so shared elements may be passed.
    ArrayRef<char> data = call.inputs.back().getRawData();
    call.addMemRef(input.getType(), const_cast<char *>(data.data()));
  }
  for (const SignatureEntry &entry : signature.outputs) {
    TensorValue output = TensorValue::allocate(getCallType(entry, samples));
    if (!output) {
      emitError(loc) << "output '" << entry.name
                     << "' is too large for the memory";
      return failure();
    }
    call.addMemRef(output.getType(), output.getMutableRawData().data());
    call.outputs.push_back(std::move(output));
  }
  for (std::vector<int64_t> &descriptor : call.descriptors)
    call.pointers.push_back(descriptor.data());
  for (void *&pointer : call.pointers)
    call.packed.push_back(&pointer);
  return call;
}

FailureOr<SmallVector<TensorValue>>
CompiledModule::call(ArrayRef<TensorValue> inputs) const {
  FailureOr<Call> prepared = prepare(inputs);
  if (failed(prepared))
    return failure();
  prepared->invoke();
  return SmallVector<TensorValue>(prepared->getOutputs());
}
