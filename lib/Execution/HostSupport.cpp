//===- HostSupport.cpp - Whether this process can run code ----------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "HostSupport.h"
#include "ptq/Execution/HostProcessor.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/DynamicLibrary.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;
using namespace mlir::ptq;

/// What the engine puts before the names of the wrappers that it makes.
static constexpr StringRef kPackedPrefix = "_mlir_";

LogicalResult mlir::ptq::verifyHostSupports(const EntryPoint &entry) {
  LLVM::LLVMFuncOp function = entry.function;
  llvm::Triple host(llvm::sys::getProcessTriple());
  llvm::Triple target = entry.getTriple();
  if (target.getArch() != host.getArch())
    return function.emitError("was compiled for ")
           << target.getArchName() << "; this machine is "
           << host.getArchName();
  auto missing = getMissingHostFeatures(entry.cpu, entry.features);
  if (!missing)
    return function.emitError(llvm::toString(missing.takeError()));
  if (missing->empty())
    return success();
  InFlightDiagnostic diagnostic = function.emitError("was compiled for ");
  if (entry.cpu.empty())
    diagnostic << "another processor";
  else
    diagnostic << "processor '" << entry.cpu << "'";
  return diagnostic << "; this machine lacks " << llvm::join(*missing, ", ");
}

LogicalResult mlir::ptq::loadOpenMPRuntime(const EntryPoint &entry) {
  std::string error;
  // That of LLVM; its interface is the same in all versions.
  for (const char *name : {PTQ_OPENMP_RUNTIME, "libomp.so.5", "libomp.so"})
    if (!llvm::sys::DynamicLibrary::LoadLibraryPermanently(name, &error))
      return success();
  LLVM::LLVMFuncOp function = entry.function;
  return function.emitError("uses threads and so needs LLVM's OpenMP runtime, "
                            "which cannot be loaded: ")
         << error << " (install libomp, or lower with threads=1)";
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
