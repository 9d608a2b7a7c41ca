//===- PreparationPasses.cpp - What comes before schemes ------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "ptq/Dialect/PTQ/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::ptq;

void mlir::ptq::populatePreparationPasses(OpPassManager &pm) {
  pm.addPass(createVerifyResourcesPass());
  pm.addPass(createVerifyCallsPass());
  pm.addPass(createConvertTosaToLinalgPass());
  // Sizes are taken from the inputs, lest asking for the size of a value counts
  // as a use of it that stands in the way of folding.
  pm.addPass(memref::createResolveShapedTypeResultDimsPass());
  // Weights that are transposed or reshaped become plain constants.
  pm.addPass(createFoldConstantsPass());
  pm.addPass(createFoldBatchNormPass());
  pm.addPass(createFuseActivationFunctionsPass());
}
