//===- Calibrate.h - The pipeline from float form to QDQ form ---*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_PIPELINES_CALIBRATE_H
#define PTQ_PIPELINES_CALIBRATE_H

#include "mlir/Pass/PassOptions.h"
#include "ptq/Dialect/PTQ/IR/EnumValues.h"
#include <string>

namespace mlir {
class OpPassManager;
} // namespace mlir

namespace mlir::ptq {

/// Options of `ptq-calibrate`.
struct CalibrateOptions : public PassPipelineOptions<CalibrateOptions> {
  Option<std::string> data{
      *this, "data",
      llvm::cl::desc("samples: FILE.npz, FILE.npy, a directory of .npy files, "
                     "or 'random'"),
      llvm::cl::init("")};
  Option<RangeEstimatorKind> method{
      *this, "method", llvm::cl::desc("how ranges are chosen from statistics"),
      llvm::cl::init(RangeEstimatorKind::MinMax),
      EnumValues<RangeEstimatorKind>()};
  Option<int64_t> samples{
      *this, "samples",
      llvm::cl::desc("use at most this many samples; 0 uses all"),
      llvm::cl::init(0)};
  Option<uint64_t> seed{*this, "seed", llvm::cl::desc("seed of random samples"),
                        llvm::cl::init(0)};
  Option<double> percentile{
      *this, "percentile",
      llvm::cl::desc("share of elements that method=percentile keeps"),
      llvm::cl::init(99.99)};
  Option<ExtremesReduction> reduction{
      *this, "reduction",
      llvm::cl::desc("how method=minmax joins the extremes of samples"),
      llvm::cl::init(ExtremesReduction::Global),
      EnumValues<ExtremesReduction>()};
  Option<double> movingAverageWeight{
      *this, "moving-average-weight",
      llvm::cl::desc("weight of each further sample in a moving average"),
      llvm::cl::init(0.01)};
  Option<int64_t> threads{
      *this, "threads",
      llvm::cl::desc("run at most this many samples at once; 0 uses all "
                     "processors"),
      llvm::cl::init(0)};
  Option<std::string> shard{
      *this, "shard",
      llvm::cl::desc("I/N: run the I-th of N parts of the samples"),
      llvm::cl::init("")};
  ListOption<std::string> tableIn{
      *this, "table-in",
      llvm::cl::desc("take statistics from these tables instead of samples")};
  Option<std::string> tableOut{
      *this, "table-out", llvm::cl::desc("write the statistics to this file"),
      llvm::cl::init("")};
  Option<std::string> report{
      *this, "report",
      llvm::cl::desc("write an HTML page on every edge to this file"),
      llvm::cl::init("")};
};

/// Adds the passes that bring a float network on linalg or TOSA to QDQ form:
/// fold batch norms, assign schemes, insert observers, run the samples, fold
/// parameters. Prints one summary line to stderr.
void populateCalibratePipeline(OpPassManager &pm,
                               const CalibrateOptions &options);

/// Registers the pipeline as `ptq-calibrate`.
void registerCalibratePipeline();

} // namespace mlir::ptq

#endif // PTQ_PIPELINES_CALIBRATE_H
