//===- ImportONNX.h - ONNX models as linalg on tensors ----------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_TARGET_ONNX_IMPORTONNX_H
#define PTQ_TARGET_ONNX_IMPORTONNX_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/MemoryBufferRef.h"
#include <optional>
#include <string>

namespace mlir::ptq {

/// How a model is imported.
struct ONNXImportOptions {
  /// The size of the symbolic batch dimension, at least 1. It stays dynamic if
  /// absent.
  std::optional<int64_t> batch;
  /// The directory in which files of external data are looked up. The directory
  /// of the model, as its buffer is named, if empty.
  std::string directory;
};

/// Imports a serialized ONNX model (opset 7 to 28) as a module with one
/// function
/// `@forward` of linalg, tensor, arith and math ops on tensors. The function is
/// marked `ptq.entry` and its `ptq.signature` names inputs and outputs. Weights
/// are `dense_resource` constants; equal ones share their resource. Every op is
/// located at the name of the ONNX tensor that its node computes.
///
/// All dimensions are static but the first ones of inputs and what follows from
/// them: these are dynamic where the model leaves them open, unless
/// `options.batch` fixes them.
///
/// Loads the dialects it needs into `context`. On failure the result is null
/// and an error has been emitted, located at the name of the node and at the
/// file.
OwningOpRef<ModuleOp> importONNX(llvm::MemoryBufferRef model,
                                 MLIRContext *context,
                                 const ONNXImportOptions &options = {});

/// Registers the translation `--import-onnx`, which writes text with locations
/// or bytecode, and its options `--batch` and `--emit-bytecode`.
void registerONNXTranslation();

} // namespace mlir::ptq

#endif // PTQ_TARGET_ONNX_IMPORTONNX_H
