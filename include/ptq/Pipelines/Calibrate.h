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
};

/// Adds the passes that bring a float network on linalg or TOSA to QDQ form: fold
/// batch norms, assign schemes, insert observers, run the samples, fold
/// parameters. Prints one summary line to stderr.
void populateCalibratePipeline(OpPassManager &pm,
                               const CalibrateOptions &options);

/// Registers the pipeline as `ptq-calibrate`.
void registerCalibratePipeline();

} // namespace mlir::ptq

#endif // PTQ_PIPELINES_CALIBRATE_H
