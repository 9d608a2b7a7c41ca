//===- ptq-translate.cpp - The translation driver -------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Imports networks, and exports them as models, objects and C headers, beside
// all translations of upstream MLIR.
//
//===----------------------------------------------------------------------===//

#include "mlir/InitAllTranslations.h"
#include "mlir/Tools/mlir-translate/MlirTranslateMain.h"
#include "ptq/Target/CHeader/EmitCHeader.h"
#include "ptq/Target/ONNX/ExportONNX.h"
#include "ptq/Target/ONNX/ImportONNX.h"
#include "ptq/Target/Object/EmitObject.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdlib>

/// LLVM ends the process at code that the processor has no instructions for,
/// and where the output cannot be written, as on a full disk. Says so like any
/// other error, and leaves no half-written file.
static void reportFatalError(void *, const char *reason, bool) {
  llvm::StringRef rest(reason);
  if (rest.consume_front("IO failure on output stream: "))
    llvm::errs() << "error: cannot write the output: " << rest << "\n";
  else
    llvm::errs() << "error: LLVM cannot generate this code: " << rest << "\n";
  llvm::sys::RunInterruptHandlers();
  std::exit(1);
}

int main(int argc, char **argv) {
  llvm::install_fatal_error_handler(reportFatalError);
  mlir::registerAllTranslations();
  mlir::ptq::registerCHeaderTranslation();
  mlir::ptq::registerObjectTranslations();
  mlir::ptq::registerONNXExport();
  mlir::ptq::registerONNXTranslation();
  return mlir::failed(
      mlir::mlirTranslateMain(argc, argv, "ptq translation driver"));
}
