//===- EntryPoint.h - The entry of a module in LLVM form --------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_MACHINECODE_ENTRYPOINT_H
#define PTQ_MACHINECODE_ENTRYPOINT_H

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "ptq/Dialect/PTQ/IR/Signature.h"
#include "llvm/TargetParser/Triple.h"

namespace mlir::ptq {

/// The alignment of all memory that crosses the calling convention.
inline constexpr unsigned kArgumentAlignment = 64;

/// What MLIR puts before the names of functions that take memrefs by pointers.
inline constexpr llvm::StringLiteral kInterfacePrefix = "_mlir_ciface_";

/// The entry function of a module in LLVM form, known to follow the calling
/// convention as far as types can tell:
///
///   llvm.func @forward(...) attributes {ptq.entry, ptq.signature = {
///     version = 1, cpu = "znver4", features = "+avx2,+fma",
///     workspace_bytes = 4096,
///     inputs = [{name = "input", type = tensor<?x8xf32>, sample_axis = 0}],
///     outputs = [{name = "logits", type = tensor<?x4xf32>, sample_axis = 0}]}}
///   llvm.func @_mlir_ciface_forward(!llvm.ptr, !llvm.ptr, !llvm.ptr)
struct EntryPoint {
  LLVM::LLVMFuncOp function;
  /// The function's C interface, which takes pointers to memref descriptors.
  LLVM::LLVMFuncOp wrapper;
  Signature signature;
  int64_t workspaceBytes = 0;
  /// The processor that the code is for and the features that it needs, in
  /// LLVM's spelling ("+avx2,+fma"); either may be empty.
  std::string cpu, features;
  /// Whether the module's functions call the OpenMP runtime, for threads.
  bool usesOpenMP = false;

  /// Finds the function that is marked `ptq.entry`. Reports an error if there
  /// is none or several, if it has no signature or one with dynamic dimensions
  /// besides sample axes, or if its arguments are not those of the signature.
  /// A module in another form is told how to get into this one.
  static FailureOr<EntryPoint> find(ModuleOp module);

  /// The machine that the module is for: its `llvm.target_triple`, or this one.
  llvm::Triple getTriple() const;
};

} // namespace mlir::ptq

#endif // PTQ_MACHINECODE_ENTRYPOINT_H
