//===- Lower.cpp - From any form to LLVM ------------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Pipelines/Lower.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Bufferization/Pipelines/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/Transforms/RequestCWrappers.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SCF/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"
#include "ptq/CodeGen/Passes.h"
#include "ptq/Conversion/Passes.h"
#include "ptq/Dialect/PTQ/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::ptq;

/// QDQ form -> integer form.
static void addIntegerRewriting(OpPassManager &pm,
                                const LowerOptions &options) {
  // Codes pass no call: its function would have to be another one.
  pm.addPass(createInlinerPass());
  pm.addPass(createWidenCodesPass());
  pm.addPass(createPropagateQDQPass());
  if (options.weightOnly != WeightOnlyProducts::Float) {
    QuantizeWeightOnlyActivationsPassOptions quantize;
    quantize.products = options.weightOnly;
    pm.addPass(createQuantizeWeightOnlyActivationsPass(quantize));
  }
  // What moved to the inputs and outputs is the caller's from now on.
  if (options.integerInterface)
    pm.addPass(createKeepIntegerInterfacePass());
  pm.addPass(createRewriteToIntegerPass({options.requantize}));
  if (options.summary)
    pm.addPass(createSummarizeQuantizationPass());
  // Reshapes around requantizes cancel out, and equal constants become one.
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

/// Integer form -> linalg on tensors.
static void addConversionToLinalg(OpPassManager &pm) {
  pm.addPass(createConvertToLinalgPass());
  pm.addPass(createDecomposeAggregatedOpsPass());
  pm.addPass(createWidenAccumulatorsPass());
  pm.addPass(createConvertElementwiseToLinalgPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  // Weights of ops that stay in float are not folded: they would grow.
  pm.addPass(createFoldConstantsPass());
}

/// linalg on tensors -> vector ops on buffers.
static void addVectorization(OpPassManager &pm, const LowerOptions &options) {
  pm.addPass(createConvertToChannelsLastPass());
  pm.addPass(createLayOutWeightsPass());
  pm.addPass(createFuseElementwiseOpsPass());
  pm.addPass(createFoldConstantsPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createFlipActivationSignsPass({options.cpu, options.features}));
  pm.addPass(createFuseElementwiseOpsPass());
  pm.addPass(createMakeDestinationPassingPass());
  pm.addPass(createSymbolDCEPass());
  pm.addPass(createLowerPaddingPass());
  pm.addPass(createBufferizePass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createVectorizeContractionsPass(
      {options.cpu, options.features, options.winograd}));
  pm.addPass(createFuseRowsPass());
  pm.addPass(createVectorizeStructuredOpsPass({options.cpu, options.features}));
  pm.addPass(createConvertLinalgToLoopsPass());
  pm.addPass(createDistributeLoopsPass({options.threads, options.threadCost}));
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createPlanMemoryPass());
  bufferization::buildBufferDeallocationPipeline(pm);
  // Where there is no plan, buffers are free for the next ones once they are
  // read.
  pm.addNestedPass<func::FuncOp>(
      bufferization::createOptimizeAllocationLivenessPass());
  pm.addPass(createConvertBufferizationToMemRefPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  // Weights that have been packed are not needed as they were.
  pm.addPass(createSymbolDCEPass());
  pm.addPass(createLoopInvariantCodeMotionPass());
}

/// Loops that are divided among threads -> OpenMP.
static void addConversionToOpenMP(OpPassManager &pm,
                                  const LowerOptions &options) {
  pm.addPass(createForallToParallelLoopPass());
  unsigned threads = static_cast<unsigned>(options.threads);
  pm.addPass(createConvertSCFToOpenMPPass({threads}));
  // The scopes that it puts around bodies cannot hold control flow. They are
  // taken away where nothing may allocate; nobody knows that of intrinsics.
  pm.addPass(createCanonicalizerPass());
}

/// vector ops on buffers -> LLVM.
static void addConversionToLLVM(OpPassManager &pm,
                                const LowerOptions &options) {
  pm.addPass(createLowerRoundingPass({options.cpu, options.features}));
  pm.addPass(createExpandMathPass());
  pm.addNestedPass<func::FuncOp>(LLVM::createLLVMRequestCWrappersPass());
  pm.addPass(createConvertVectorToSCFPass());
  pm.addPass(memref::createExpandOpsPass());
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  if (options.threads != 1)
    addConversionToOpenMP(pm, options);
  pm.addPass(createLowerDotPass({options.cpu, options.features}));
  pm.addPass(createLowerLookupPass({options.cpu, options.features}));
  pm.addPass(createLowerNarrowingPass({options.cpu, options.features}));
  pm.addPass(createLowerNibblesPass({options.cpu, options.features}));
  pm.addPass(createSCFToControlFlowPass());
  pm.addPass(createExpandArithmeticPass());
  pm.addPass(createConvertMathToLLVMPass());
  pm.addPass(createConvertMathToLibmPass());
  pm.addPass(createConvertComplexToLLVMPass());
  pm.addPass(createConvertVectorToLLVMPass());
  pm.addPass(createFinalizeMemRefToLLVMConversionPass());
  pm.addPass(createConvertFuncToLLVMPass());
  pm.addPass(createArithToLLVMConversionPass());
  pm.addPass(createConvertIndexToLLVMPass());
  pm.addPass(createConvertControlFlowToLLVMPass());
  pm.addPass(createUBToLLVMConversionPass());
  if (options.threads != 1)
    pm.addPass(createConvertOpenMPToLLVMPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
  pm.addPass(createHoldBFloat16AsIntegersPass());
  pm.addPass(createAttachTargetPass({options.cpu, options.features}));
}

void mlir::ptq::populateLowerPipeline(OpPassManager &pm,
                                      const LowerOptions &options) {
  pm.addPass(createVerifyResourcesPass());
  pm.addPass(createVerifyCallsPass());
  pm.addPass(createConvertTosaToLinalgPass());
  if (options.numSamples != 0) {
    pm.addPass(createFixSampleCountPass({options.numSamples}));
    pm.addPass(createCanonicalizerPass());
  }
  addIntegerRewriting(pm, options);
  if (options.to == LoweringStage::Integer)
    return;
  addConversionToLinalg(pm);
  if (options.to == LoweringStage::Linalg)
    return;
  addVectorization(pm, options);
  if (options.to == LoweringStage::Vector)
    return;
  addConversionToLLVM(pm, options);
}

void mlir::ptq::registerLowerPipeline() {
  PassPipelineRegistration<LowerOptions>(
      "ptq-lower", "Brings a network in any form down to LLVM",
      populateLowerPipeline);
}
