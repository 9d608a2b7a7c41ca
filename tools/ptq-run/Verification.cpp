//===- Verification.cpp - Interpreter and machine code --------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Verification.h"
#include "Report.h"
#include "ptq/Execution/FormVerification.h"
#include "ptq/Interpreter/EntryFunction.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::ptq;

/// How often each pattern of adversarial inputs is drawn.
static constexpr unsigned kRepetitions = 4;

static LogicalResult reportDifference(const FormVerification &result) {
  const OutputDifference &difference = *result.difference;
  SmallVector<std::string> index;
  for (int64_t i : difference.index)
    index.push_back(std::to_string(i));
  return reportError("output '" + difference.output + "' at [" +
                     llvm::join(index, ", ") + "] is " + difference.expected +
                     " by the interpreter and " + difference.actual +
                     " by the JIT; " + Twine(difference.numDifferent) + " of " +
                     Twine(difference.numElements) +
                     " elements differ (inputs: " + result.inputs + ")");
}

LogicalResult mlir::ptq::verifyNetwork(MLIRContext &context, StringRef path,
                                       const RunOptions &options) {
  FailureOr<OwningOpRef<ModuleOp>> module = readModule(context, path);
  // The interpreter says what is no form that it runs.
  if (failed(module) ||
      failed(Engine::create(EngineKind::Interpreter, **module)) ||
      failed(lowerToIntegerForm(**module)))
    return failure();
  OwningOpRef<ModuleOp> compiled((*module)->clone());
  FailureOr<std::unique_ptr<Engine>> interpreter =
      Engine::create(EngineKind::Interpreter, **module);
  FailureOr<std::unique_ptr<Engine>> jit =
      Engine::create(EngineKind::JIT, *compiled);
  FailureOr<func::FuncOp> entry = findEntryFunction(**module);
  if (failed(interpreter) || failed(jit) || failed(entry))
    return failure();

  FailureOr<std::unique_ptr<SumRounding>> rounding =
      SumRounding::create(**module, options.samples.seed);
  if (failed(rounding))
    return failure();
  FormVerifier verifier(**interpreter, **jit, rounding->get());
  int64_t numSamples = 0;
  if (!options.input.empty()) {
    FailureOr<SampleBatches> batches = openBatches(**interpreter, options);
    if (failed(batches) || failed(verifier.verifySamples(*batches)))
      return failure();
    numSamples = batches->getNumSamples();
  }
  FailureOr<AdversarialInputs> inputs = AdversarialInputs::create(
      *entry, (*interpreter)->getSignature(), options.samples.seed);
  if (failed(inputs) ||
      failed(verifier.verifyAdversarial(*inputs, kRepetitions)))
    return failure();

  const FormVerification &result = verifier.getResult();
  if (result.difference)
    return reportDifference(result);
  llvm::outs() << (result.numRounded > 0
                       ? "equal but for rounded sums of floats"
                       : "equal to the bit")
               << ", integer form by the interpreter and LLVM form by the JIT: "
               << result.numElements << " elements of "
               << (*interpreter)->getSignature().outputs.size() << " outputs, ";
  if (result.numRounded > 0)
    llvm::outs() << result.numRounded << " of them not to the bit, ";
  llvm::outs() << numSamples << " samples and "
               << kRepetitions * kNumInputPatterns
               << " calls on adversarial inputs\n";
  return success();
}
