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

/// Every pass that runs samples runs the same ones.
template <typename PassOptionsT>
static void chooseSamples(PassOptionsT &pass, const CalibrateOptions &options) {
  pass.data = options.data;
  pass.numSamples = options.samples;
  pass.seed = options.seed;
  pass.threads = options.threads;
}

void mlir::ptq::populateCalibratePipeline(OpPassManager &pm,
                                          const CalibrateOptions &options) {
  populatePreparationPasses(pm);
  AssignSchemesPassOptions assign;
  assign.scheme = options.scheme;
  assign.weights = options.weights;
  assign.weightsBits = options.weightsBits;
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
  chooseSamples(equalize, options);
  equalize.factors = options.equalizationFactors;
  equalize.smoothing = options.smoothing;
  pm.addPass(createEqualizeChannelsPass(equalize));
  pm.addPass(createInsertObserversPass({options.quantizeOutputs}));
  RunCalibrationPassOptions run;
  chooseSamples(run, options);
  run.percentile = options.percentile;
  run.reduction = options.reduction;
  run.movingAverageWeight = options.movingAverageWeight;
  run.shard = options.shard;
  run.tableIn = llvm::to_vector(options.tableIn);
  run.tableOut = options.tableOut;
  run.report = options.report;
  pm.addPass(createRunCalibrationPass(run));
  OptimizeRoundingPassOptions optimize;
  chooseSamples(optimize, options);
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
