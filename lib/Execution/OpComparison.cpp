//===- OpComparison.cpp - Two forms side by side, op by op ----------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Execution/OpComparison.h"
#include "NoiseTracer.h"
#include "ptq/Interpreter/EntryFunction.h"
#include "ptq/Support/ProgressBar.h"

using namespace mlir;
using namespace mlir::ptq;

namespace {

/// Keeps the results of the reference that have a counterpart.
class ReferenceRecorder : public EvaluationListener {
public:
  explicit ReferenceRecorder(const OpMatching &matching) {
    for (const auto &[value, match] : matching.results)
      counterparts.try_emplace(match.reference, value);
  }

  void notifyEvaluated(Operation *op, ArrayRef<TensorValue> operands,
                       ArrayRef<TensorValue> results) override {
    if (op->getNumResults() != 1)
      return;
    auto it = counterparts.find(op->getResult(0));
    if (it != counterparts.end())
      values[it->second] = results.front();
  }

  /// The results of the last call, by their counterparts.
  ValueMap values;

private:
  llvm::DenseMap<Value, Value> counterparts;
};

} // namespace

/// Whether two networks take and return the same.
static LogicalResult verifyAlike(func::FuncOp network, func::FuncOp reference) {
  auto verify = [&](StringRef what, TypeRange types,
                    TypeRange expected) -> LogicalResult {
    if (types.size() != expected.size())
      return network.emitError("has ")
             << types.size() << " " << what << "s, but the reference has "
             << expected.size();
    for (auto [index, type, other] : llvm::enumerate(types, expected))
      if (type != other)
        return network.emitError()
               << what << " " << index << " has type " << type
               << ", but that of the reference " << other;
    return success();
  };
  if (failed(verify("input", network.getArgumentTypes(),
                    reference.getArgumentTypes())))
    return failure();
  return verify("output", network.getResultTypes(), reference.getResultTypes());
}

FailureOr<OpComparison> mlir::ptq::compareOps(ModuleOp network,
                                              ModuleOp reference,
                                              const SampleBatches &batches) {
  FailureOr<func::FuncOp> entry = findEntryFunction(network);
  FailureOr<func::FuncOp> other = findEntryFunction(reference);
  if (failed(entry) || failed(other) || failed(verifyAlike(*entry, *other)))
    return failure();
  FailureOr<Signature> signature = getTensorSignature(*entry);
  if (failed(signature))
    return failure();
  OpMatching matching = OpMatching::match(*entry, *other);
  if (matching.results.empty())
    return entry->emitError(
        "has no result with the name and type of one of the reference: integer "
        "form has codes, so compare the QDQ form; names are those of "
        "locations, "
        "which bytecode has, and text with --mlir-print-debuginfo");
  int64_t batch = batches.getBatchSize();
  int64_t numCalls = batches.getNumSamples() / batch;
  if (numCalls == 0)
    return entry->emitError("needs at least ")
           << batch << " samples for one call, got " << batches.getNumSamples();
  if (int64_t left = batches.getNumSamples() % batch)
    entry->emitWarning("the last ")
        << left << " samples do not fill a batch of " << batch
        << " and are left out of the comparison";

  ReferenceRecorder recorder(matching);
  NoiseTracer tracer(*entry, *signature, matching, recorder.values);
  Interpreter first(reference), second(network);
  first.addListener(&recorder);
  second.addListener(&tracer);
  ProgressBar progress("comparing", numCalls);
  for (int64_t call = 0; call < numCalls; ++call, progress.advance()) {
    FailureOr<SmallVector<TensorValue>> arguments = batches.read(call * batch);
    if (failed(arguments))
      return failure();
    FailureOr<SmallVector<TensorValue>> expected =
        first.call(*other, *arguments);
    if (failed(expected))
      return failure();
    tracer.beginCall(*arguments);
    FailureOr<SmallVector<TensorValue>> results =
        second.call(*entry, *arguments);
    if (failed(results) || failed(tracer.endCall(*results, *expected)))
      return failure();
  }
  return OpComparison{tracer.takeFigures(), matching.numUnmatched};
}
