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
  Option<SchemeKind> scheme{
      *this, "scheme",
      llvm::cl::desc(
          "what is quantized: weights alone, or activations too, and "
          "when"),
      llvm::cl::init(SchemeKind::Static), EnumValues<SchemeKind>()};
  Option<WeightStorage> weights{
      *this, "weights", llvm::cl::desc("what holds a weight"),
      llvm::cl::init(WeightStorage::I8), EnumValues<WeightStorage>()};
  Option<int64_t> weightsBits{
      *this, "weights-bits",
      llvm::cl::desc("how many bits the codes of weights have; 0 for all of "
                     "the storage"),
      llvm::cl::init(0)};
  Option<WeightGranularity> weightsPer{
      *this, "weights-per", llvm::cl::desc("which weights share one scale"),
      llvm::cl::init(WeightGranularity::Channel),
      EnumValues<WeightGranularity>()};
  Option<int64_t> block{
      *this, "block",
      llvm::cl::desc("how many weights along the reduction share one scale; 0 "
                     "for all"),
      llvm::cl::init(0)};
  Option<Symmetry> weightsSymmetry{
      *this, "weights-symmetry",
      llvm::cl::desc("where 0 lies among the codes of weights"),
      llvm::cl::init(Symmetry::Symmetric), EnumValues<Symmetry>()};
  Option<ActivationStorage> activations{
      *this, "activations",
      llvm::cl::desc("what holds an activation; auto is i8, or f32 for "
                     "weight-only"),
      llvm::cl::init(ActivationStorage::Auto), EnumValues<ActivationStorage>()};
  Option<ActivationGranularity> activationsPer{
      *this, "activations-per",
      llvm::cl::desc("which activations share one scale; blocks have the size "
                     "of those of the weights"),
      llvm::cl::init(ActivationGranularity::Tensor),
      EnumValues<ActivationGranularity>()};
  Option<ActivationSymmetry> activationsSymmetry{
      *this, "activations-symmetry",
      llvm::cl::desc("where 0 lies among the codes of activations; auto is "
                     "asymmetric, or symmetric for i16 and for blocks"),
      llvm::cl::init(ActivationSymmetry::Auto),
      EnumValues<ActivationSymmetry>()};
  Option<bool> quantizeOutputs{
      *this, "quantize-outputs",
      llvm::cl::desc("quantize what the network returns, too, as the op before "
                     "it has its activations quantized"),
      llvm::cl::init(false)};
  Option<Rounding> rounding{
      *this, "rounding", llvm::cl::desc("how weights are rounded"),
      llvm::cl::init(Rounding::Nearest), EnumValues<Rounding>()};
  Option<Equalization> equalization{
      *this, "equalization",
      llvm::cl::desc("how the channels that an op reads are brought to like "
                     "ranges"),
      llvm::cl::init(Equalization::None), EnumValues<Equalization>()};
  Option<EqualizationFactors> equalizationFactors{
      *this, "equalization-factors",
      llvm::cl::desc("which numbers channels are scaled by"),
      llvm::cl::init(EqualizationFactors::Computed),
      EnumValues<EqualizationFactors>()};
  Option<double> smoothing{
      *this, "smoothing",
      llvm::cl::desc("how much of the difference between channels "
                     "equalization=smoothquant moves into weights"),
      llvm::cl::init(0.5)};
  Option<int64_t> iterations{
      *this, "iterations",
      llvm::cl::desc("how many steps rounding=adaround takes for each layer"),
      llvm::cl::init(10000)};
  Option<std::string> recipe{
      *this, "recipe",
      llvm::cl::desc("a JSON file of rules that choose schemes op by op"),
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
/// fold batch norms, assign schemes, equalize channels, insert observers, run
/// the samples, optimize the rounding of weights where that is asked for, fold
/// parameters. Prints one summary line to stderr.
void populateCalibratePipeline(OpPassManager &pm,
                               const CalibrateOptions &options);

/// Registers the pipeline as `ptq-calibrate`.
void registerCalibratePipeline();

} // namespace mlir::ptq

#endif // PTQ_PIPELINES_CALIBRATE_H
