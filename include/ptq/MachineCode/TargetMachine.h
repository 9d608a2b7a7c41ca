//===- TargetMachine.h - From LLVM IR to machine code -----------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_MACHINECODE_TARGETMACHINE_H
#define PTQ_MACHINECODE_TARGETMACHINE_H

#include "mlir/Support/LLVM.h"
#include "llvm/Support/CodeGen.h"
#include "llvm/Support/Error.h"
#include <functional>
#include <memory>

namespace llvm {
class Module;
class TargetMachine;
} // namespace llvm

namespace mlir::ptq {
struct EntryPoint;

/// How hard machine code is optimized, in memory and in files alike.
inline constexpr llvm::CodeGenOptLevel kCodeGenOptLevel =
    llvm::CodeGenOptLevel::Aggressive;

/// A target machine for this processor.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>> createHostTargetMachine();

/// A target machine for the processor that `entry` and its module are for,
/// which may be of another architecture, making position independent code.
/// Reports an error at the entry, or at the function, for a machine that LLVM
/// or the calling convention does not know, an unknown processor or feature,
/// and a function that may not use what the entry says the code needs.
FailureOr<std::unique_ptr<llvm::TargetMachine>>
createTargetMachine(const EntryPoint &entry);

/// Optimizes LLVM IR for `machine`, which must outlive what is returned.
std::function<llvm::Error(llvm::Module *)>
makeOptimizer(llvm::TargetMachine &machine);

} // namespace mlir::ptq

#endif // PTQ_MACHINECODE_TARGETMACHINE_H
