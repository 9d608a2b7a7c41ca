//===- CompiledModule.cpp - Machine code in memory ------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Execution/CompiledModule.h"
#include "GuardedCall.h"
#include "HostSupport.h"
#include "mlir/ExecutionEngine/ExecutionEngine.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "ptq/Dialect/PTQ/Utils/Recursion.h"
#include "ptq/MachineCode/TargetMachine.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using namespace mlir::ptq;

void mlir::ptq::registerExecutionDialects(DialectRegistry &registry) {
  registerAllToLLVMIRTranslations(registry);
}

//===----------------------------------------------------------------------===//
// Compiling
//===----------------------------------------------------------------------===//

CompiledModule::CompiledModule(Location loc, Signature signature)
    : loc(loc), signature(std::move(signature)) {}

CompiledModule::~CompiledModule() = default;

FailureOr<std::unique_ptr<CompiledModule>>
CompiledModule::create(ModuleOp module) {
  FailureOr<EntryPoint> entry = EntryPoint::find(module);
  if (failed(entry) || failed(verifyHostSupports(*entry)) ||
      failed(verifyCallees(module)) || failed(verifyNoRecursion(module)) ||
      (entry->usesOpenMP && failed(loadOpenMPRuntime(*entry))))
    return failure();

  LLVM::LLVMFuncOp function = entry->function;
  auto reportError = [&](llvm::Error error) {
    function.emitError("cannot be compiled: ")
        << llvm::toString(std::move(error));
    return failure();
  };
  auto targetMachine = createHostTargetMachine();
  if (!targetMachine)
    return reportError(targetMachine.takeError());
  auto optimize = makeOptimizer(**targetMachine);
  ExecutionEngineOptions options;
  options.transformer = optimize;
  options.jitCodeGenOptLevel = kCodeGenOptLevel;
  options.enableGDBNotificationListener = false;
  options.enablePerfNotificationListener = false;
  auto engine =
      ExecutionEngine::create(module, options, std::move(*targetMachine));
  if (!engine)
    return reportError(engine.takeError());
  (*engine)->registerSymbols(getGuardedSymbols);
  auto compiled = (*engine)->lookupPacked(entry->wrapper.getName());
  if (!compiled)
    return reportError(compiled.takeError());

  std::unique_ptr<CompiledModule> result(
      new CompiledModule(function.getLoc(), std::move(entry->signature)));
  result->workspaceBytes = entry->workspaceBytes;
  result->engine = std::move(*engine);
  result->function = *compiled;
  return result;
}

//===----------------------------------------------------------------------===//
// Calling
//===----------------------------------------------------------------------===//

LogicalResult CompiledCall::invoke() {
  std::optional<std::string> reason =
      callGuarded([&] { function(packed.data()); });
  if (reason)
    return emitError(loc, "gives up: ") << *reason;
  return success();
}

void CompiledCall::addArgument(ArrayRef<int64_t> shape, const void *data) {
  // struct { T *allocated, *aligned; intptr_t offset, sizes[], strides[]; }
  auto address = static_cast<int64_t>(reinterpret_cast<intptr_t>(data));
  std::vector<int64_t> descriptor{address, address, /*offset=*/0};
  descriptor.insert(descriptor.end(), shape.begin(), shape.end());
  size_t firstStride = descriptor.size();
  descriptor.resize(firstStride + shape.size());
  int64_t stride = 1;
  for (size_t dim = shape.size(); dim-- > 0; stride *= shape[dim])
    descriptor[firstStride + dim] = stride;
  descriptors.push_back(std::move(descriptor));
}

/// `type` with `numSamples` for its dynamic dimension.
static RankedTensorType fixSamples(const SignatureEntry &entry,
                                   int64_t numSamples) {
  SmallVector<int64_t> shape(entry.type.getShape());
  for (int64_t &size : shape)
    if (ShapedType::isDynamic(size))
      size = numSamples;
  return RankedTensorType::get(shape, entry.type.getElementType());
}

FailureOr<int64_t>
CompiledModule::getNumSamples(ArrayRef<TensorValue> inputs) const {
  if (inputs.size() != signature.inputs.size()) {
    emitError(loc, "called with ")
        << inputs.size() << " inputs instead of " << signature.inputs.size();
    return failure();
  }
  std::optional<int64_t> numSamples;
  for (auto [entry, input] : llvm::zip_equal(signature.inputs, inputs)) {
    RankedTensorType type = entry.type;
    if (input.getElementType() != type.getElementType() ||
        failed(verifyCompatibleShape(input.getType(), type))) {
      emitError(loc, "input '")
          << entry.name << "' is " << input.getType() << " instead of " << type;
      return failure();
    }
    if (!entry.sampleAxis)
      continue;
    int64_t count = input.getShape()[*entry.sampleAxis];
    if (numSamples && *numSamples != count) {
      emitError(loc, "input '") << entry.name << "' has " << count
                                << " samples, another one " << *numSamples;
      return failure();
    }
    numSamples = count;
  }
  return numSamples.value_or(1);
}

FailureOr<std::unique_ptr<CompiledCall>>
CompiledModule::prepareCall(ArrayRef<TensorValue> inputs) const {
  FailureOr<int64_t> numSamples = getNumSamples(inputs);
  if (failed(numSamples))
    return failure();

  std::unique_ptr<CompiledCall> call(new CompiledCall(loc, function));
  bool hasMemory = true;
  auto allocate = [&](RankedTensorType type) {
    TensorValue value = TensorValue::allocate(type);
    if (!value)
      hasMemory = false;
    return value;
  };
  for (const TensorValue &input : inputs) {
    // Constants borrowed from the IR need not be aligned as the code expects.
    TensorValue aligned = input;
    if (!llvm::isAddrAligned(llvm::Align(kArgumentAlignment),
                             input.getRawData().data())) {
      aligned = allocate(input.getType());
      if (aligned)
        llvm::copy(input.getRawData(), aligned.getMutableRawData().begin());
    }
    call->inputs.push_back(std::move(aligned));
  }
  for (const SignatureEntry &entry : signature.outputs)
    call->outputs.push_back(allocate(fixSamples(entry, *numSamples)));
  if (workspaceBytes > 0)
    call->workspace = allocate(RankedTensorType::get(
        workspaceBytes, IntegerType::get(loc.getContext(), 8)));
  if (!hasMemory) {
    emitError(loc, "not enough memory for a call with ")
        << *numSamples << " samples";
    return failure();
  }

  for (const TensorValue &input : call->inputs)
    call->addArgument(input.getShape(), input.getRawData().data());
  for (TensorValue &output : call->outputs)
    call->addArgument(output.getShape(), output.getMutableRawData().data());
  if (call->workspace)
    call->addArgument(call->workspace.getShape(),
                      call->workspace.getMutableRawData().data());
  for (std::vector<int64_t> &descriptor : call->descriptors)
    call->descriptorPointers.push_back(descriptor.data());
  for (void *&pointer : call->descriptorPointers)
    call->packed.push_back(&pointer);
  return call;
}

FailureOr<SmallVector<TensorValue>>
CompiledModule::run(ArrayRef<TensorValue> inputs) const {
  FailureOr<std::unique_ptr<CompiledCall>> call = prepareCall(inputs);
  if (failed(call) || failed((*call)->invoke()))
    return failure();
  return SmallVector<TensorValue>((*call)->getOutputs());
}
