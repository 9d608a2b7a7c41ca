//===- TargetMachine.cpp - From LLVM IR to machine code -------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/MachineCode/TargetMachine.h"
#include "ptq/MachineCode/EntryPoint.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ExecutionEngine/Orc/JITTargetMachineBuilder.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using namespace mlir::ptq;

//===----------------------------------------------------------------------===//
// This machine
//===----------------------------------------------------------------------===//

llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
mlir::ptq::createHostTargetMachine() {
  // Registers this machine's code generator with LLVM; cheap when repeated.
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  llvm::InitializeNativeTargetAsmParser();
  auto builder = llvm::orc::JITTargetMachineBuilder::detectHost();
  if (!builder)
    return builder.takeError();
  builder->setCodeGenOptLevel(kCodeGenOptLevel);
  return builder->createTargetMachine();
}

//===----------------------------------------------------------------------===//
// Any machine
//===----------------------------------------------------------------------===//

/// Features without which the code generator of an architecture gives up: the
/// convention passes and computes floats in vector registers.
static StringRef getBasicFeatures(const llvm::Triple &triple) {
  switch (triple.getArch()) {
  case llvm::Triple::x86_64:
    return "+64bit,+sse2";
  case llvm::Triple::aarch64:
    return "+fp-armv8,+neon";
  default:
    return "";
  }
}

static const llvm::Target *findTarget(LLVM::LLVMFuncOp entry,
                                      const llvm::Triple &triple) {
  llvm::InitializeAllTargetInfos();
  llvm::InitializeAllTargets();
  llvm::InitializeAllTargetMCs();
  llvm::InitializeAllAsmPrinters();
  std::string error;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target || !target->hasTargetMachine()) {
    entry.emitError("is for '")
        << triple.str() << "', which LLVM does not know";
    return nullptr;
  }
  // Sizes and strides are 64 bits wide by now.
  if (!triple.isArch64Bit()) {
    entry.emitError("is for '")
        << triple.str() << "', where pointers have fewer than 64 bits";
    return nullptr;
  }
  return target;
}

/// Checks that LLVM knows `cpu` and `features`, and that these have all of
/// `needed`.
static LogicalResult verifyProcessor(LLVM::LLVMFuncOp function,
                                     const llvm::Target &target,
                                     const llvm::Triple &triple, StringRef cpu,
                                     StringRef features, StringRef needed) {
  // Unknown names would be reported on stderr, and worse be ignored.
  std::unique_ptr<llvm::MCSubtargetInfo> generic(
      target.createMCSubtargetInfo(triple, /*CPU=*/"", /*Features=*/""));
  if (!generic || (!cpu.empty() && !generic->isCPUStringValid(cpu)))
    return function.emitError("is for the unknown processor '")
           << cpu << "' of " << triple.getArchName();
  for (StringRef list : {features, needed})
    for (StringRef feature : llvm::split(list, ',')) {
      if (feature.empty())
        continue;
      bool isKnown = llvm::any_of(
          generic->getAllProcessorFeatures(),
          [&](const auto &known) { return feature.drop_front() == known.Key; });
      if (!isKnown || !StringRef("+-").contains(feature.front()))
        return function.emitError("is for the unknown feature '")
               << feature << "' of " << triple.getArchName()
               << ": expected a comma-separated list of +name and -name";
    }
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget(
      target.createMCSubtargetInfo(triple, cpu, features));
  for (StringRef list : {getBasicFeatures(triple), needed})
    for (StringRef feature : llvm::split(list, ','))
      if (feature.starts_with("+") && !subtarget->checkFeatures(feature.str()))
        return function.emitError("is for processor '")
               << cpu << "' without " << feature.drop_front()
               << ", which the code needs";
  return success();
}

static LogicalResult verifyProcessors(const EntryPoint &entry,
                                      const llvm::Target &target,
                                      const llvm::Triple &triple) {
  if (failed(verifyProcessor(entry.function, target, triple, entry.cpu,
                             entry.features, entry.features)))
    return failure();
  LLVM::LLVMFuncOp function = entry.function;
  auto module = function->getParentOfType<ModuleOp>();
  for (auto callee : module.getOps<LLVM::LLVMFuncOp>()) {
    if (callee.isExternal())
      continue;
    std::string features;
    if (auto attr = callee.getTargetFeaturesAttr())
      features = attr.getFeaturesString();
    StringRef cpu = callee.getTargetCpu().value_or("");
    if (cpu.empty() && features.empty())
      continue;
    if (failed(verifyProcessor(callee, target, triple, cpu, features,
                               entry.features)))
      return failure();
  }
  return success();
}

FailureOr<std::unique_ptr<llvm::TargetMachine>>
mlir::ptq::createTargetMachine(const EntryPoint &entry) {
  LLVM::LLVMFuncOp function = entry.function;
  llvm::Triple triple = entry.getTriple();
  const llvm::Target *target = findTarget(function, triple);
  if (!target || failed(verifyProcessors(entry, *target, triple)))
    return failure();
  // How fast a short loop is fetched may depend on where it lies: products of
  // bytes took 8 % longer in a loop that began in the middle of a cache line.
  llvm::TargetOptions options;
  options.LoopAlignment = 64;
  std::unique_ptr<llvm::TargetMachine> machine(target->createTargetMachine(
      triple, entry.cpu, entry.features, options, llvm::Reloc::PIC_,
      /*CM=*/std::nullopt, kCodeGenOptLevel));
  if (!machine) {
    function.emitError("no code can be generated for '") << triple.str() << "'";
    return failure();
  }
  return machine;
}

/// Whether the pass with this class name is worth its time. A network is one
/// function of many loops, about each of which loop load elimination asks
/// scalar evolution for all that it knows: 40 % of the time that passes took on
/// the IR of a network of 125 layers. What it is for, values that a loop
/// carries from one iteration to the next through memory, is in registers
/// already.
static bool isWorthwhile(StringRef pass, const llvm::Any &) {
  return pass != "LoopLoadEliminationPass";
}

/// As upstream's `makeOptimizingTransformer`, with passes left out.
static void optimize(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  llvm::PassInstrumentationCallbacks callbacks;
  callbacks.registerShouldRunOptionalPassCallback(isWorthwhile);
  llvm::PipelineTuningOptions tuning;
  tuning.LoopUnrolling = tuning.LoopInterleaving = tuning.LoopVectorization =
      tuning.SLPVectorization = true;
  llvm::PassBuilder builder(&machine, tuning, std::nullopt, &callbacks);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3)
      .run(module, modules);
}

std::function<llvm::Error(llvm::Module *)>
mlir::ptq::makeOptimizer(llvm::TargetMachine &machine) {
  return [&machine](llvm::Module *module) {
    optimize(*module, machine);
    return llvm::Error::success();
  };
}
