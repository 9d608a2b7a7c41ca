//===- HostProcessor.cpp - What this machine can run ----------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Execution/HostProcessor.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;
using namespace mlir::ptq;

/// What LLVM knows of `cpu` on this machine's architecture.
static llvm::Expected<std::unique_ptr<llvm::MCSubtargetInfo>>
createSubtarget(StringRef cpu) {
  llvm::InitializeNativeTarget();
  llvm::Triple triple(llvm::sys::getProcessTriple());
  std::string error;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return llvm::createStringError(error);
  // The generic processor is always known; an unknown name would be reported
  // on stderr.
  std::unique_ptr<llvm::MCSubtargetInfo> generic(
      target->createMCSubtargetInfo(triple, /*CPU=*/"", /*Features=*/""));
  if (!generic || !generic->isCPUStringValid(cpu))
    return llvm::createStringError(
        "unknown processor '" + cpu + "' for " +
        llvm::Triple::getArchTypeName(triple.getArch()));
  return std::unique_ptr<llvm::MCSubtargetInfo>(
      target->createMCSubtargetInfo(triple, cpu, /*Features=*/""));
}

llvm::Expected<SmallVector<std::string>>
mlir::ptq::getMissingHostFeatures(StringRef cpu, StringRef features) {
  llvm::StringMap<bool> host = llvm::sys::getHostCPUFeatures();
  SmallVector<std::string> missing;
  for (StringRef feature : llvm::split(features, ','))
    if (feature.consume_front("+") && !host.lookup(feature))
      missing.push_back(feature.str());
  if (features.empty() && !cpu.empty() && cpu != llvm::sys::getHostCPUName()) {
    auto subtarget = createSubtarget(cpu);
    if (!subtarget)
      return subtarget.takeError();
    // Besides instruction sets, LLVM's features say what is fast; those that a
    // machine reports are the former.
    for (const auto &[name, isPresent] : host)
      if (!isPresent && (*subtarget)->checkFeatures(("+" + name).str()))
        missing.push_back(name.str());
  }
  llvm::sort(missing);
  return missing;
}
