//===- AnalyzeSensitivity.cpp - What quantizing each op costs -------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Sensitivity/SensitivityReport.h"
#include "Sensitivity/WorkCount.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Support/FileUtilities.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Transforms/Passes.h"
#include "ptq/Recipe/Recipe.h"
#include "ptq/Support/OutputFile.h"
#include "llvm/Support/MemoryBuffer.h"

namespace mlir::ptq {
#define GEN_PASS_DEF_ANALYZESENSITIVITYPASS
#include "ptq/Dialect/PTQ/Transforms/Passes.h.inc"
} // namespace mlir::ptq

using namespace mlir;
using namespace mlir::ptq;

namespace {

struct AnalyzeSensitivityPass
    : public ptq::impl::AnalyzeSensitivityPassBase<AnalyzeSensitivityPass> {
  using Base::Base;

  void runOnOperation() override {
    markAllAnalysesPreserved();
    if (failed(verifyOptions()) || failed(analyze()))
      return signalPassFailure();
  }

private:
  LogicalResult verifyOptions();
  LogicalResult analyze();
  LogicalResult verifyTargetsMet(const SensitivityReport &result);
  void emitRemarks(const SensitivityReport &result);
  LogicalResult writeFile(StringRef path,
                          function_ref<void(raw_ostream &)> write);
  LogicalResult writeRecipe(const SensitivityReport &result);

  AssignSchemesPassOptions getSchemeOptions() const {
    AssignSchemesPassOptions options;
    options.scheme = scheme;
    options.weights = weights;
    options.weightsBits = weightsBits;
    options.weightsPer = weightsPer;
    options.block = block;
    options.weightsSymmetry = weightsSymmetry;
    options.activations = activations;
    options.activationsPer = activationsPer;
    options.activationsSymmetry = activationsSymmetry;
    options.method = method;
    options.rounding = rounding;
    options.equalization = equalization;
    options.recipe = recipe;
    return options;
  }

  /// Every pass that runs samples runs the same ones.
  template <typename PassOptionsT>
  void chooseSamples(PassOptionsT &options) const {
    options.data = data;
    options.numSamples = numSamples;
    options.seed = seed;
    options.threads = threads;
  }

  EqualizeChannelsPassOptions getEqualizationOptions() const {
    EqualizeChannelsPassOptions options;
    chooseSamples(options);
    options.factors = equalizationFactors;
    options.smoothing = smoothing;
    return options;
  }

  RunCalibrationPassOptions getCalibrationOptions() const {
    RunCalibrationPassOptions options;
    chooseSamples(options);
    options.percentile = percentile;
    return options;
  }

  QualityTargets getTargets() const {
    return {targetSQNR, targetAgreement, targetAccuracy};
  }
};

} // namespace

LogicalResult AnalyzeSensitivityPass::verifyOptions() {
  ModuleOp module = getOperation();
  if (!std::isfinite(targetSQNR))
    return module.emitError("the target of the signal-to-noise ratio must be a "
                            "number of dB");
  for (auto [name, share] :
       {std::pair<StringRef, double>("agreement", targetAgreement),
        std::pair<StringRef, double>("accuracy", targetAccuracy)})
    if (!(share >= 0 && share <= 1))
      return module.emitError("the target of ")
             << name << " must lie in [0, 1], got " << share;
  if (targetAccuracy != 0 && labels.empty())
    return module.emitError("a target of accuracy needs labels: pass "
                            "labels=KEY, an array of the samples' file");
  if (!recipeOut.empty() && !getTargets().areAny())
    return module.emitError("a recipe needs a target to meet: pass "
                            "target-sqnr, target-agreement or target-accuracy");
  return success();
}

LogicalResult AnalyzeSensitivityPass::analyze() {
  FailureOr<SwitchableNetwork> network = SwitchableNetwork::create(
      getOperation(),
      {getSchemeOptions(), getEqualizationOptions(), getCalibrationOptions()});
  if (failed(network))
    return failure();
  ArrayRef<SwitchableOp> ops = network->getOps();
  if (ops.empty())
    return getOperation().emitError(
        "the scheme quantizes no op that a recipe could leave in float");
  ModuleOp floatForm = network->getFloatForm();
  FailureOr<SampleRunner> runner =
      SampleRunner::open(floatForm, {data, seed, numSamples, Shard(), threads});
  if (failed(runner))
    return failure();
  FailureOr<llvm::StringMap<int64_t>> work = countWork(floatForm, *runner);
  FailureOr<OutputMeter> meter = OutputMeter::create(floatForm, *runner);
  if (failed(work) || failed(meter) ||
      (!labels.empty() &&
       failed(meter->readLabels(floatForm.getLoc(), data, labels))))
    return failure();
  network->setWork(*work);

  NetworkTrials trials(*network, *meter);
  FailureOr<std::vector<OpSensitivity>> sensitivities =
      measureSensitivity(trials);
  if (failed(sensitivities))
    return failure();
  SensitivityReport result;
  result.numSamples = meter->getNumSamples();
  result.allQuantized = *trials.measure("", llvm::BitVector(ops.size()));
  result.ops = ops;
  result.sensitivities = std::move(*sensitivities);
  result.targets = getTargets();
  if (result.targets.areAny()) {
    FailureOr<FloatSelection> selection =
        selectFloatOps(trials, result.sensitivities, result.targets);
    if (failed(selection))
      return failure();
    result.selection = std::move(*selection);
    result.cost = network->getCost(result.selection->inFloat);
    numLeftInFloat += result.selection->inFloat.count();
  }
  numOps += ops.size();
  numNetworks += trials.getNumMeasured();
  emitRemarks(result);
  if (!report.empty() &&
      failed(writeFile(report, [&](raw_ostream &os) { result.writeJSON(os); })))
    return failure();
  return failure(failed(verifyTargetsMet(result)) ||
                 failed(writeRecipe(result)));
}

LogicalResult
AnalyzeSensitivityPass::verifyTargetsMet(const SensitivityReport &result) {
  if (!result.selection || result.targets.areMetBy(result.selection->quality))
    return success();
  return getOperation().emitError("the target cannot be met: with all ")
         << result.ops.size() << " ops in float, the outputs have "
         << describe(result.selection->quality);
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

void AnalyzeSensitivityPass::emitRemarks(const SensitivityReport &result) {
  if (!getContext().getRemarkEngine())
    return;
  StringRef category = "ptq-analyze-sensitivity";
  SmallVector<size_t> byRank(result.ops.size());
  for (auto [index, op] : llvm::enumerate(result.sensitivities))
    byRank[op.rank - 1] = index;
  for (size_t index : byRank) {
    const SwitchableOp &op = result.ops[index];
    const OpSensitivity &sensitivity = result.sensitivities[index];
    remark::analysis(op.loc,
                     remark::RemarkOpts::name("Sensitivity").category(category))
        << remark::reason(
               "rank {0} of {1}: {2} '{3}': quantized alone {4}; all "
               "others {5}; in float {6} bytes and {7} "
               "multiply-accumulates more",
               sensitivity.rank, result.ops.size(), op.kind, op.name,
               describe(sensitivity.alone), describe(sensitivity.others),
               op.cost.bytes, op.cost.macs);
  }
  if (!result.selection)
    return;
  for (unsigned index : result.selection->inFloat.set_bits())
    remark::missed(result.ops[index].loc,
                   remark::RemarkOpts::name("LeftInFloat").category(category))
        << remark::reason("'{0}' stays in float to meet the target",
                          result.ops[index].name);
  remark::analysis(getOperation().getLoc(),
                   remark::RemarkOpts::name("Recipe").category(category))
      << remark::reason("{0} of {1} ops in float, {2} bytes and {3} "
                        "multiply-accumulates: {4}; all quantized {5}",
                        result.selection->inFloat.count(), result.ops.size(),
                        result.cost.bytes, result.cost.macs,
                        describe(result.selection->quality),
                        describe(result.allQuantized));
}

LogicalResult
AnalyzeSensitivityPass::writeFile(StringRef path,
                                  function_ref<void(raw_ostream &)> write) {
  llvm::Error error = writeOutputFile(path, [&](raw_ostream &os) {
    write(os);
    return llvm::Error::success();
  });
  if (error)
    return getOperation().emitError(llvm::toString(std::move(error)));
  return success();
}

LogicalResult
AnalyzeSensitivityPass::writeRecipe(const SensitivityReport &result) {
  if (recipeOut.empty())
    return success();
  std::string given;
  if (!recipe.empty()) {
    std::string error;
    std::unique_ptr<llvm::MemoryBuffer> file = openInputFile(recipe, &error);
    if (!file)
      return getOperation().emitError(error);
    given = file->getBuffer().str();
  }
  SmallVector<std::string> names;
  for (unsigned index : result.selection->inFloat.set_bits())
    names.push_back(result.ops[index].name);
  SchemeChoice base;
  base.kind = scheme;
  base.weights = {weights, weightsBits, weightsPer, block, weightsSymmetry};
  base.activations = {activations, activationsPer, activationsSymmetry};
  base.estimator = method;
  base.rounding = rounding;
  base.equalization = equalization;
  return writeFile(recipeOut, [&](raw_ostream &os) {
    ptq::writeRecipe(os, base, given, names);
  });
}
