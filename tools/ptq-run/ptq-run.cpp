//===- ptq-run.cpp - Runs networks and says how good they are -------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs a module in any form on samples, writes its outputs, and prints accuracy
// against labels, loss at next tokens, agreement with a reference and the time
// of one sample; or demands that interpreter and machine code agree.
//
//===----------------------------------------------------------------------===//

#include "Comparison.h"
#include "Network.h"
#include "Report.h"
#include "Verification.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "ptq/Calibration/NpzArchive.h"
#include "ptq/Execution/CompiledModule.h"
#include "ptq/InitAllDialects.h"
#include "ptq/InitAllExtensions.h"
#include "ptq/Support/FreedMemory.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace mlir::ptq;
namespace cl = llvm::cl;

namespace {

/// The command line.
struct CommandLine {
  cl::OptionCategory category{"ptq-run options"};
  cl::opt<std::string> model{cl::Positional, cl::Required,
                             cl::desc("MODEL.mlir|MODEL.mlirbc"),
                             cl::cat(category)};
  cl::opt<std::string> input{
      "input",
      cl::desc("Samples: a .npz file with an array for each input, a .npy "
               "file, a directory of .npy files, or 'random'"),
      cl::value_desc("FILE.npz"), cl::cat(category)};
  cl::opt<std::string> output{
      "output", cl::desc("Write the outputs, an array for each, to this file"),
      cl::value_desc("FILE.npz"), cl::cat(category)};
  cl::opt<EngineKind> engine{
      "engine", cl::desc("How to run the network"), cl::init(EngineKind::JIT),
      cl::values(clEnumValN(EngineKind::Interpreter, "interpreter",
                            "op by op, any form on tensors"),
                 clEnumValN(EngineKind::JIT, "jit",
                            "as machine code, any form (default)")),
      cl::cat(category)};
  cl::opt<std::string> reference{
      "reference",
      cl::desc("Print agreement with, and noise against, these results: an "
               ".npz file, or a network to run on the same samples"),
      cl::value_desc("FLOAT.mlir|FILE.npz"), cl::cat(category)};
  cl::opt<std::string> labels{
      "labels",
      cl::desc("Print the accuracy against this array of the input file"),
      cl::value_desc("KEY"), cl::cat(category)};
  cl::opt<std::string> tokens{
      "tokens",
      cl::desc(
          "Print negative log-likelihood and perplexity of the next token: "
          "the output is logits [..., T, V], this array of the input file "
          "the tokens [..., T]"),
      cl::value_desc("KEY"), cl::cat(category)};
  cl::opt<bool> compare{
      "compare",
      cl::desc("Print, op by op, the noise against the float network that "
               "--reference names: of an op's inputs as they arrive, its own, "
               "and both; and the share of input codes that are saturated"),
      cl::cat(category)};
  cl::opt<bool> verify{
      "verify",
      cl::desc("Demand equal bits of the integer form, interpreted, and the "
               "LLVM form, compiled, on the samples of --input, if any, and on "
               "inputs at ties, beyond the codes, and without numbers; behind "
               "sums of floats, only what their rounding explains may differ"),
      cl::cat(category)};
  cl::opt<bool> benchmark{"benchmark",
                          cl::desc("Print the time that one sample takes"),
                          cl::cat(category)};
  cl::opt<bool> json{"json", cl::desc("Print the figures as a JSON object"),
                     cl::cat(category)};
  cl::opt<unsigned> batch{
      "batch",
      cl::desc("Samples in one call, where the network takes any number "
               "(default 1)"),
      cl::value_desc("N"), cl::cat(category)};
  cl::opt<unsigned> samples{
      "samples", cl::desc("Run only the first N samples (default all)"),
      cl::value_desc("N"), cl::cat(category)};
  cl::opt<uint64_t> seed{"seed", cl::desc("Seed of random samples"),
                         cl::value_desc("N"), cl::cat(category)};

  /// The options for one engine, its outputs and figures.
  SmallVector<const cl::Option *> getFigureOptions() const {
    return {&output, &engine,  &reference, &labels,
            &tokens, &compare, &benchmark, &json};
  }
};

} // namespace

/// The options for running, or an error for values that make no sense.
static FailureOr<RunOptions> getRunOptions(const CommandLine &commandLine) {
  RunOptions options;
  options.engine = commandLine.engine;
  options.input = commandLine.input;
  options.samples.maxSamples = commandLine.samples;
  options.samples.seed = commandLine.seed;
  // What a NaN becomes is part of the numerics, so let it be seen.
  options.samples.allowNonFinite = true;
  if (commandLine.batch.getNumOccurrences() > 0) {
    if (commandLine.batch == 0)
      return reportError("--batch must be at least 1");
    options.batch = commandLine.batch;
  }
  if (commandLine.samples.getNumOccurrences() > 0 && commandLine.samples == 0)
    return reportError("--samples must be at least 1");
  if (commandLine.compare &&
      (commandLine.reference.empty() ||
       StringRef(commandLine.reference).ends_with(".npz")))
    return reportError("--compare needs the float network: pass "
                       "--reference=FLOAT.mlir");
  if (commandLine.compare &&
      (commandLine.model == "-" || commandLine.reference == "-"))
    return reportError("--compare reads both networks twice, which cannot be "
                       "done from standard input");
  if (commandLine.input.empty() && !commandLine.verify)
    return reportError("--input is missing: pass samples, or 'random'");
  if (commandLine.verify)
    for (const cl::Option *other : commandLine.getFigureOptions())
      if (other->getNumOccurrences() > 0)
        return reportError("--" + other->ArgStr +
                           " has no meaning with --verify");
  for (const cl::opt<std::string> *key :
       {&commandLine.labels, &commandLine.tokens})
    if (key->getNumOccurrences() > 0 &&
        !StringRef(commandLine.input).ends_with(".npz"))
      return reportError("--" + key->ArgStr +
                         " names an array of the input file, which must be a "
                         ".npz file");
  return options;
}

static LogicalResult run(const CommandLine &commandLine) {
  FailureOr<RunOptions> options = getRunOptions(commandLine);
  if (failed(options))
    return failure();

  DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::ptq::registerAllDialects(registry);
  mlir::ptq::registerAllExtensions(registry);
  registerExecutionDialects(registry);
  // One thread: the passes of one network gain nothing from more, and measured
  // times should not see any.
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  // Errors say what is wrong with a network, not how it looks after lowering.
  context.printOpOnDiagnostic(false);
  llvm::SourceMgr sources;
  SourceMgrDiagnosticHandler handler(sources, &context);

  if (commandLine.verify)
    return verifyNetwork(context, commandLine.model, *options);
  FailureOr<Network> network = runNetwork(context, commandLine.model, *options);
  if (failed(network))
    return failure();
  Figures figures;
  figures.numSamples = network->numSamples;
  if (commandLine.labels.getNumOccurrences() > 0 &&
      failed(
          compareWithLabels(*network, *options, commandLine.labels, figures)))
    return failure();
  if (commandLine.tokens.getNumOccurrences() > 0 &&
      failed(
          compareWithTokens(*network, *options, commandLine.tokens, figures)))
    return failure();
  if (!commandLine.reference.empty() &&
      failed(compareWithReference(*network, context, commandLine.reference,
                                  *options, figures)))
    return failure();
  if (commandLine.compare &&
      failed(compareOpByOp(context, commandLine.model, commandLine.reference,
                           *options, figures)))
    return failure();
  if (commandLine.benchmark) {
    RunOptions single = *options;
    single.batch.reset();
    FailureOr<SampleBatches> batches = openBatches(*network->engine, single);
    if (failed(batches))
      return failure();
    FailureOr<CallTimes> times = measureCalls(*network->engine, *batches);
    if (failed(times))
      return failure();
    figures.times = *times;
  }
  if (!commandLine.output.empty())
    if (llvm::Error error = writeNpzFile(commandLine.output, network->outputs))
      return reportError(llvm::toString(std::move(error)));
  if (commandLine.json)
    figures.printJSON(llvm::outs());
  else
    figures.print(llvm::outs());
  return success();
}

int main(int argc, char **argv) {
  llvm::InitLLVM initialize(argc, argv);
  keepFreedMemory();
  CommandLine commandLine;
  cl::HideUnrelatedOptions(commandLine.category);
  cl::ParseCommandLineOptions(argc, argv,
                              "runs networks and says how good they are\n");
  return failed(run(commandLine));
}
