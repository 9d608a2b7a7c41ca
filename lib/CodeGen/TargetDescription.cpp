//===- TargetDescription.cpp - What generated code may use ------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/CodeGen/TargetDescription.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"
#include <memory>

using namespace mlir;
using namespace mlir::ptq;

namespace {

/// An entry of a table of instructions: where one exists and what it is.
template <typename InstructionT>
struct TableEntry {
  llvm::Triple::ArchType arch;
  StringRef neededFeatures;
  InstructionT instruction;
};

/// In the order of preference.
const TableEntry<DotInstruction> kDotTable[] = {
    {llvm::Triple::x86_64,
     "+avx512vnni,+avx512bw",
     {4, 8, true, 16, "llvm.x86.avx512.vpdpbusd.512", true}},
    {llvm::Triple::x86_64,
     "+avx512vnni,+avx512vl",
     {4, 8, true, 8, "llvm.x86.avx512.vpdpbusd.256", true}},
    {llvm::Triple::x86_64,
     "+avxvnniint8",
     {4, 8, false, 8, "llvm.x86.avx2.vpdpbssd.256", true}},
    {llvm::Triple::x86_64,
     "+avxvnni",
     {4, 8, true, 8, "llvm.x86.avx512.vpdpbusd.256", true}},
    {llvm::Triple::x86_64,
     "+avx512vnni,+avx512bw",
     {2, 16, false, 16, "llvm.x86.avx512.vpdpwssd.512", true}},
    {llvm::Triple::x86_64,
     "+avx512vnni,+avx512vl",
     {2, 16, false, 8, "llvm.x86.avx512.vpdpwssd.256", true}},
    {llvm::Triple::x86_64,
     "+avxvnni",
     {2, 16, false, 8, "llvm.x86.avx512.vpdpwssd.256", true}},
    {llvm::Triple::x86_64,
     "+avx512bw",
     {2, 16, false, 16, "llvm.x86.avx512.pmaddw.d.512", false}},
    {llvm::Triple::x86_64,
     "+avx2",
     {2, 16, false, 8, "llvm.x86.avx2.pmadd.wd", false}},
    {llvm::Triple::x86_64,
     "+sse2",
     {2, 16, false, 4, "llvm.x86.sse2.pmadd.wd", false}},
    {llvm::Triple::x86_64,
     "+avx512bw",
     {2, 8, true, 32, "llvm.x86.avx512.pmaddubs.w.512", false, 16}},
    {llvm::Triple::x86_64,
     "+avx2",
     {2, 8, true, 16, "llvm.x86.avx2.pmadd.ub.sw", false, 16}},
    {llvm::Triple::x86_64,
     "+ssse3",
     {2, 8, true, 8, "llvm.x86.ssse3.pmadd.ub.sw.128", false, 16}},
    // 2 * 255 * 64 fits 16 bits.
    {llvm::Triple::x86_64, "+avx512bw", {4, 8, true, 16, "", true, 32, 1, 64}},
    {llvm::Triple::x86_64, "+avx2", {4, 8, true, 8, "", true, 32, 1, 64}},
    {llvm::Triple::x86_64, "+ssse3", {4, 8, true, 4, "", true, 32, 1, 64}},
    {llvm::Triple::aarch64,
     "+dotprod,+neon",
     {4, 8, false, 4, "llvm.aarch64.neon.sdot.v4i32.v16i8", true}},
    {llvm::Triple::aarch64,
     "+i8mm,+neon",
     {8, 8, false, 4, "llvm.aarch64.neon.smmla.v4i32.v16i8", true, 32, 2}},
    {llvm::Triple::aarch64,
     "+dotprod,+neon",
     {4, 8, true, 4, "llvm.aarch64.neon.udot.v4i32.v16i8", true, 32, 1, 0,
      true}},
    {llvm::Triple::aarch64,
     "+i8mm,+neon",
     {8, 8, true, 4, "llvm.aarch64.neon.ummla.v4i32.v16i8", true, 32, 2, 0,
      true}},
};

/// LLVM makes two instructions of vpdpwssd where only one of these can be added
/// to an accumulator in a cycle. Kernels have more accumulators than that.
constexpr StringLiteral kKeepPairDot = "+fast-dpwssd";

using Beyond = LookupInstruction::Beyond;

/// In the order of preference.
const TableEntry<LookupInstruction> kLookupTable[] = {
    {llvm::Triple::x86_64,
     "+avx512vbmi",
     {128, 64, Beyond::Wraps, "llvm.x86.avx512.vpermi2var.qi.512"}},
    {llvm::Triple::x86_64,
     "+avx512bw",
     {16, 64, Beyond::HighBitClears, "llvm.x86.avx512.pshuf.b.512"}},
    {llvm::Triple::x86_64,
     "+avx2",
     {16, 32, Beyond::HighBitClears, "llvm.x86.avx2.pshuf.b"}},
    {llvm::Triple::x86_64,
     "+ssse3",
     {16, 16, Beyond::HighBitClears, "llvm.x86.ssse3.pshuf.b.128"}},
    {llvm::Triple::aarch64,
     "+neon",
     {64, 16, Beyond::Keeps, "llvm.aarch64.neon.tbx4.v16i8",
      "llvm.aarch64.neon.tbl4.v16i8"}},
};

const TableEntry<FloatLookupInstruction> kFloatLookupTable[] = {
    {llvm::Triple::x86_64,
     "+avx512f",
     {16, "llvm.x86.avx512.permvar.sf.512"}},
};

/// The widest ones first.
const TableEntry<NarrowingInstructions> kNarrowingTable[] = {
    {llvm::Triple::x86_64,
     "+avx512bw",
     {64, 16, "llvm.x86.avx512.packssdw.512", "llvm.x86.avx512.packsswb.512",
      "llvm.x86.avx512.packuswb.512"}},
    {llvm::Triple::x86_64,
     "+avx2",
     {32, 16, "llvm.x86.avx2.packssdw", "llvm.x86.avx2.packsswb",
      "llvm.x86.avx2.packuswb"}},
    {llvm::Triple::x86_64,
     "+sse2",
     {16, 16, "llvm.x86.sse2.packssdw.128", "llvm.x86.sse2.packsswb.128",
      "llvm.x86.sse2.packuswb.128"}},
};

using SubtargetPtr = std::unique_ptr<llvm::MCSubtargetInfo>;

/// The subtarget for `cpu` on `triple`; null if LLVM does not know the name.
SubtargetPtr createSubtarget(const llvm::Triple &triple, StringRef cpu,
                             StringRef features) {
  std::string error;
  const llvm::Target *target =
      llvm::TargetRegistry::lookupTarget(triple, error);
  if (!target)
    return nullptr;
  SubtargetPtr plain(target->createMCSubtargetInfo(triple, "", ""));
  if (!plain || !plain->isCPUStringValid(cpu))
    return nullptr;
  return SubtargetPtr(target->createMCSubtargetInfo(triple, cpu, features));
}

/// The features of this machine, all of them named with their sign.
std::string getHostFeatures() {
  SmallVector<std::string> features;
  for (const auto &[name, enabled] : llvm::sys::getHostCPUFeatures())
    features.push_back((Twine(enabled ? "+" : "-") + name).str());
  llvm::sort(features);
  return llvm::join(features, ",");
}

/// Reports the first feature of the list that `subtarget` does not know.
LogicalResult checkFeatureNames(Location loc,
                                const llvm::MCSubtargetInfo &subtarget,
                                StringRef features) {
  for (StringRef feature : llvm::split(features, ',')) {
    if (feature.empty())
      continue;
    StringRef name = feature.drop_front();
    bool isKnown = llvm::any_of(
        subtarget.getAllProcessorFeatures(),
        [&](const llvm::SubtargetFeatureKV &kv) { return name == kv.Key; });
    if (!isKnown || !(feature.starts_with("+") || feature.starts_with("-")))
      return emitError(loc)
             << "unknown feature '" << feature << "' of processor '"
             << subtarget.getCPU()
             << "': expected a comma-separated list of +name and -name";
  }
  return success();
}

/// The instruction sets that `subtarget` has. Its features also say what is
/// fast; on the architecture of this machine the two are told apart by the
/// features that a processor can report.
SmallVector<std::string>
getInstructionSets(const llvm::MCSubtargetInfo &subtarget) {
  llvm::StringMap<bool> reported;
  llvm::Triple host(llvm::sys::getProcessTriple());
  if (subtarget.getTargetTriple().getArch() == host.getArch())
    reported = llvm::sys::getHostCPUFeatures();
  SmallVector<std::string> names;
  for (const llvm::SubtargetFeatureKV &kv :
       subtarget.getEnabledProcessorFeatures())
    if (reported.empty() || reported.contains(kv.Key))
      names.push_back(kv.Key);
  return names;
}

/// Completes `target` by what `subtarget` has.
void describe(TargetDescription &target,
              const llvm::MCSubtargetInfo &subtarget) {
  target.triple = subtarget.getTargetTriple();
  target.requiredFeatures = getInstructionSets(subtarget);
  auto has = [&](StringRef list) { return subtarget.checkFeatures(list); };
  switch (target.triple.getArch()) {
  case llvm::Triple::x86_64:
    target.vectorBytes = has("+avx512bw") ? 64 : has("+avx2") ? 32 : 16;
    target.numVectorRegisters = has("+avx512vl") ? 32 : 16;
    target.hasMemoryOperands = true;
    target.hasFusedMultiplyAdd = has("+fma");
    target.hasRoundingConversion = true;
    break;
  case llvm::Triple::aarch64:
    target.numVectorRegisters = 32;
    target.hasFusedMultiplyAdd = true;
    break;
  default:
    break;
  }
  auto addKnown = [&](const auto &table, auto &instructions) {
    for (const auto &entry : table)
      if (entry.arch == target.triple.getArch() && has(entry.neededFeatures))
        instructions.push_back(entry.instruction);
  };
  addKnown(kDotTable, target.dots);
  addKnown(kLookupTable, target.lookups);
  addKnown(kFloatLookupTable, target.floatLookups);
  addKnown(kNarrowingTable, target.narrowings);
  const DotInstruction *pairs = target.getPreferredDot(16);
  if (target.triple.isX86() && pairs && pairs->accumulates &&
      !has(kKeepPairDot))
    target.features +=
        (target.features.empty() ? "" : ",") + kKeepPairDot.str();
}

} // namespace

FailureOr<TargetDescription> TargetDescription::get(Location loc, StringRef cpu,
                                                    StringRef features) {
  llvm::InitializeAllTargetInfos();
  llvm::InitializeAllTargetMCs();

  TargetDescription target;
  target.cpu = cpu.str();
  target.features = features.str();
  llvm::Triple host(llvm::sys::getProcessTriple());
  if (cpu == "host") {
    target.cpu = llvm::sys::getHostCPUName().str();
    target.features = getHostFeatures();
    if (!features.empty())
      target.features += "," + features.str();
  }

  // A name is looked up on this machine's architecture first.
  SubtargetPtr subtarget;
  for (const llvm::Triple &triple :
       {host, llvm::Triple("x86_64-unknown-linux-gnu"),
        llvm::Triple("aarch64-unknown-linux-gnu")}) {
    subtarget = createSubtarget(triple, target.cpu, target.features);
    if (subtarget)
      break;
  }
  if (!subtarget)
    return emitError(loc) << "unknown processor '" << cpu
                          << "': expected 'host' or a name that LLVM knows "
                             "for x86-64 or AArch64";
  if (failed(checkFeatureNames(loc, *subtarget, features)))
    return failure();

  describe(target, *subtarget);
  return target;
}
