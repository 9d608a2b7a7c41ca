//===- InitAllPasses.cpp - Every pass and pipeline ------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/InitAllPasses.h"
#include "ptq/CodeGen/Passes.h"
#include "ptq/Conversion/Passes.h"
#include "ptq/Dialect/PTQ/Transforms/Passes.h"
#include "ptq/Pipelines/Calibrate.h"
#include "ptq/Pipelines/Lower.h"

using namespace mlir;

void mlir::ptq::registerAllPasses() {
  registerPTQCodeGenPasses();
  registerPTQConversionPasses();
  registerPTQTransformsPasses();
  registerCalibratePipeline();
  registerLowerPipeline();
}
