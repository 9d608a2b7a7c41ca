//===- Calibrate.cpp - The pipeline from float form to QDQ form -----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Pipelines/Calibrate.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"
#include "ptq/Dialect/PTQ/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::ptq;

void mlir::ptq::populateCalibratePipeline(OpPassManager &pm,
                                          const CalibrateOptions &options) {
  populatePreparationPasses(pm);
  AssignSchemesPassOptions assign;
  assign.scheme = options.scheme;
  assign.weights = options.weights;
  assign.weightsPer = options.weightsPer;
  assign.block = options.block;
  assign.weightsSymmetry = options.weightsSymmetry;
  assign.activations = options.activations;
  assign.activationsPer = options.activationsPer;
  assign.activationsSymmetry = options.activationsSymmetry;
  assign.method = options.method;
  assign.rounding = options.rounding;
  assign.equalization = options.equalization;
  assign.recipe = options.recipe;
  pm.addPass(createAssignSchemesPass(assign));
  EqualizeChannelsPassOptions equalize;
  equalize.data = options.data;
  equalize.numSamples = options.samples;
  equalize.seed = options.seed;
  equalize.threads = options.threads;
  equalize.factors = options.equalizationFactors;
  equalize.smoothing = options.smoothing;
  pm.addPass(createEqualizeChannelsPass(equalize));
  pm.addPass(createInsertObserversPass());
  RunCalibrationPassOptions run;
  run.data = options.data;
  run.numSamples = options.samples;
  run.seed = options.seed;
  run.percentile = options.percentile;
  run.reduction = options.reduction;
  run.movingAverageWeight = options.movingAverageWeight;
  run.threads = options.threads;
  run.shard = options.shard;
  run.tableIn = llvm::to_vector(options.tableIn);
  run.tableOut = options.tableOut;
  run.report = options.report;
  pm.addPass(createRunCalibrationPass(run));
  OptimizeRoundingPassOptions optimize;
  optimize.data = options.data;
  optimize.numSamples = options.samples;
  optimize.seed = options.seed;
  optimize.threads = options.threads;
  optimize.iterations = options.iterations;
  pm.addPass(createOptimizeRoundingPass(optimize));
  pm.addPass(createFoldParametersPass());
  pm.addPass(createCSEPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createSummarizeQuantizationPass());
}

void mlir::ptq::registerCalibratePipeline() {
  PassPipelineRegistration<CalibrateOptions>(
      "ptq-calibrate",
      "Quantize a float network: run samples and put quantize and dequantize "
      "on its edges",
      populateCalibratePipeline);
}
