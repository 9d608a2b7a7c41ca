//===- Translation.cpp - The translation --import-onnx --------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Tools/mlir-translate/Translation.h"
#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/IR/MLIRContext.h"
#include "ptq/Target/ONNX/ImportONNX.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace mlir::ptq;

/// Writes `module` with the locations that name the edges of the network.
static LogicalResult writeModule(ModuleOp module, bool asBytecode,
                                 raw_ostream &output) {
  if (asBytecode)
    return writeBytecodeToFile(module, output);
  module.print(output, OpPrintingFlags().enableDebugInfo());
  return success();
}

void mlir::ptq::registerONNXTranslation() {
  static llvm::cl::opt<int64_t> batch(
      "batch",
      llvm::cl::desc("Size of the symbolic batch dimension of an ONNX model; "
                     "dynamic by default"),
      llvm::cl::value_desc("N"));
  static llvm::cl::opt<bool> emitBytecode(
      "emit-bytecode",
      llvm::cl::desc("Write the imported ONNX model as bytecode"));
  static TranslateRegistration registration(
      "import-onnx", "import an ONNX model as linalg on tensors",
      [](const std::shared_ptr<llvm::SourceMgr> &sources, raw_ostream &output,
         MLIRContext *context) -> LogicalResult {
        ONNXImportOptions options;
        if (batch.getNumOccurrences() != 0)
          options.batch = batch;
        const llvm::MemoryBuffer *buffer =
            sources->getMemoryBuffer(sources->getMainFileID());
        OwningOpRef<ModuleOp> module =
            importONNX(buffer->getMemBufferRef(), context, options);
        if (!module)
          return failure();
        return writeModule(*module, emitBytecode, output);
      });
}
