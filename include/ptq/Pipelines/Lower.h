//===- Lower.h - From any form to LLVM --------------------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_PIPELINES_LOWER_H
#define PTQ_PIPELINES_LOWER_H

#include "mlir/Pass/PassOptions.h"
#include "ptq/Dialect/PTQ/IR/EnumValues.h"

namespace mlir {
class OpPassManager;
} // namespace mlir

namespace mlir::ptq {

/// The options of `ptq-lower`.
struct LowerOptions : PassPipelineOptions<LowerOptions> {
  Option<LoweringStage> to{
      *this, "to", llvm::cl::desc("Form to stop at"),
      llvm::cl::init(LoweringStage::LLVM),
      llvm::cl::values(
          clEnumValN(LoweringStage::Integer, "integer",
                     "integer ops on tensors, ptq.requantize between them"),
          clEnumValN(LoweringStage::Linalg, "linalg",
                     "linalg on tensors, nothing left of ptq"),
          clEnumValN(LoweringStage::Vector, "vector", "vector ops on buffers"),
          clEnumValN(LoweringStage::LLVM, "llvm", "the LLVM dialect"))};
  Option<Requantization> requantize{
      *this, "requantize",
      llvm::cl::desc("what accumulators are multiplied by to get codes"),
      llvm::cl::init(Requantization::Float), EnumValues<Requantization>()};
  Option<WeightOnlyProducts> weightOnly{
      *this, "weight-only",
      llvm::cl::desc("What float activations are multiplied as by weights that "
                     "alone are quantized: i16 is accurate, i8 is fast"),
      llvm::cl::init(WeightOnlyProducts::Float),
      EnumValues<WeightOnlyProducts>()};
  Option<int64_t> numSamples{
      *this, "samples",
      llvm::cl::desc("Fix the number of samples of a call, so that its memory "
                     "can be planned; 0 leaves it open"),
      llvm::cl::init(0)};

  Option<bool> integerInterface{
      *this, "integer-interface",
      llvm::cl::desc("Inputs and outputs are codes where the network quantizes "
                     "or dequantizes them by constants"),
      llvm::cl::init(false)};
  Option<std::string> cpu{
      *this, "cpu",
      llvm::cl::desc("Processor to generate code for: host, or its name in "
                     "LLVM"),
      llvm::cl::init("host")};
  Option<std::string> features{
      *this, "features",
      llvm::cl::desc("Features to add (+name) to those of the processor or to "
                     "take away (-name)"),
      llvm::cl::init("")};
  Option<bool> winograd{
      *this, "winograd",
      llvm::cl::desc("Compute convolutions of 3 by 3 with fewer products and "
                     "larger constants where factors have 16 bits anyway"),
      llvm::cl::init(true)};
  Option<int64_t> threads{
      *this, "threads",
      llvm::cl::desc("How many threads share a call's long loops, by OpenMP; 0 "
                     "leaves it to the OpenMP runtime, 1 needs none"),
      llvm::cl::init(1)};
  Option<double> threadCost{
      *this, "thread-cost",
      llvm::cl::desc("What it costs to divide a loop among threads, in "
                     "operations of vectors"),
      llvm::cl::init(100000)};
  Option<bool> summary{
      *this, "summary",
      llvm::cl::desc("Print a line on how much of the network is integer"),
      llvm::cl::init(true)};
};

/// Appends the passes that bring a module in float form, QDQ form or integer
/// form to the stage that `options` ask for. The LLVM form follows ptq's
/// calling convention: a public function takes its inputs, then one memref for
/// each output, and is described by `ptq.entry` and `ptq.signature`.
void populateLowerPipeline(OpPassManager &pm, const LowerOptions &options);

/// Registers the pipeline as `ptq-lower`.
void registerLowerPipeline();

} // namespace mlir::ptq

#endif // PTQ_PIPELINES_LOWER_H
