//===- ptq-plugin.cpp - ptq for other people's mlir-opt -------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The two entry points that `--load-dialect-plugin` and `--load-pass-plugin`
// look for in one shared library.
//
//===----------------------------------------------------------------------===//

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"
#include "ptq/InitAllDialects.h"
#include "ptq/InitAllExtensions.h"
#include "ptq/InitAllPasses.h"
#include "llvm/Support/Compiler.h"

static constexpr const char *kName = "PTQ";
static constexpr const char *kVersion = PTQ_VERSION;

extern "C" LLVM_ATTRIBUTE_VISIBILITY_DEFAULT ::mlir::DialectPluginLibraryInfo
mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, kName, kVersion,
          [](mlir::DialectRegistry *registry) {
            mlir::ptq::registerAllDialects(*registry);
            mlir::ptq::registerAllExtensions(*registry);
          }};
}

extern "C" LLVM_ATTRIBUTE_VISIBILITY_DEFAULT ::mlir::PassPluginLibraryInfo
mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, kName, kVersion,
          []() { mlir::ptq::registerAllPasses(); }};
}
