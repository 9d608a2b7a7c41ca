//===- ptq-translate.cpp - The translation driver -------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Imports networks, beside all translations of upstream MLIR.
//
//===----------------------------------------------------------------------===//

#include "mlir/InitAllTranslations.h"
#include "mlir/Tools/mlir-translate/MlirTranslateMain.h"
#include "ptq/Target/ONNX/ExportONNX.h"
#include "ptq/Target/ONNX/ImportONNX.h"

int main(int argc, char **argv) {
  mlir::registerAllTranslations();
  mlir::ptq::registerONNXExport();
  mlir::ptq::registerONNXTranslation();
  return mlir::failed(
      mlir::mlirTranslateMain(argc, argv, "ptq translation driver"));
}
