//===- EntryPoint.h - The entry of a module in LLVM form --------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_EXECUTION_ENTRYPOINT_H
#define PTQ_LIB_EXECUTION_ENTRYPOINT_H

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "ptq/Dialect/PTQ/IR/Signature.h"

namespace mlir::ptq {

/// The alignment of all memory that crosses the calling convention.
inline constexpr unsigned kArgumentAlignment = 64;

/// The entry function of a module in LLVM form, known to follow the calling
/// convention as far as types can tell.
struct EntryPoint {
  LLVM::LLVMFuncOp function;
  /// The function's C interface, which takes pointers to memref descriptors.
  LLVM::LLVMFuncOp wrapper;
  Signature signature;
  int64_t workspaceBytes = 0;

  /// Finds the function that is marked `ptq.entry`. Reports an error if there
  /// is none or several, if it has no signature or one with dynamic dimensions
  /// besides sample axes, or if its arguments are not those of the signature.
  static FailureOr<EntryPoint> find(ModuleOp module);

  /// Reports an error naming what the code needs and this machine lacks.
  LogicalResult verifyHostSupports() const;
};

/// Reports an error at the first function that `module` calls but neither
/// defines nor finds in this process.
LogicalResult verifyCallees(ModuleOp module);

} // namespace mlir::ptq

#endif // PTQ_LIB_EXECUTION_ENTRYPOINT_H
