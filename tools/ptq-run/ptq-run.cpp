//===- ptq-run.cpp - Run a network and measure it -------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs any form of a network on samples by interpreter or as machine code:
// accuracy against labels, agreement and SQNR against a reference, and the time
// of one sample.
//
//===----------------------------------------------------------------------===//

#include "Evaluation.h"
#include "Report.h"
#include "mlir/IR/Verifier.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Support/FileUtilities.h"
#include "ptq/Calibration/NpzArchive.h"
#include "ptq/Execution/Metrics.h"
#include "ptq/InitAllDialects.h"
#include "ptq/InitAllExtensions.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/ToolOutputFile.h"
#include "llvm/Support/WithColor.h"

using namespace mlir;
using namespace mlir::ptq;
namespace cl = llvm::cl;

namespace {

/// The command line.
struct Options {
  cl::OptionCategory category{"ptq-run"};
  cl::opt<std::string> model{cl::Positional, cl::Required,
                             cl::desc("<network, .mlir or .mlirbc>"),
                             cl::cat(category)};
  cl::opt<std::string> input{
      "input", cl::Required,
      cl::desc("samples: FILE.npz, FILE.npy, a directory of .npy, or 'random'"),
      cl::value_desc("file"), cl::cat(category)};
  cl::opt<std::string> output{"output",
                              cl::desc("write the outputs to this .npz file"),
                              cl::value_desc("file"), cl::cat(category)};
  cl::opt<EngineKind> engine{
      "engine", cl::desc("what runs the network"), cl::init(EngineKind::JIT),
      cl::values(clEnumValN(EngineKind::Interpreter, "interpreter",
                            "evaluate op by op"),
                 clEnumValN(EngineKind::JIT, "jit", "compile to machine code")),
      cl::cat(category)};
  cl::opt<std::string> reference{
      "reference",
      cl::desc("compare with the outputs in this .npz, or of this network"),
      cl::value_desc("file"), cl::cat(category)};
  cl::opt<std::string> labels{
      "labels", cl::desc("key of the class labels in the input .npz"),
      cl::value_desc("key"), cl::cat(category)};
  cl::opt<bool> benchmark{"benchmark", cl::desc("time one sample"),
                          cl::cat(category)};
  cl::opt<bool> json{"json", cl::desc("print one JSON object"),
                     cl::cat(category)};
  cl::opt<unsigned> samples{"samples",
                            cl::desc("use at most this many samples"),
                            cl::init(0), cl::cat(category)};
  cl::opt<unsigned> batch{
      "batch", cl::desc("samples in one call where the batch is dynamic"),
      cl::init(1), cl::cat(category)};
  cl::opt<uint64_t> seed{"seed", cl::desc("seed of random samples"),
                         cl::init(0), cl::cat(category)};
};

} // namespace

static LogicalResult reportError(const llvm::Twine &message) {
  llvm::WithColor::error(llvm::errs(), "ptq-run") << message << "\n";
  return failure();
}

//===----------------------------------------------------------------------===//
// Networks
//===----------------------------------------------------------------------===//

static FailureOr<std::unique_ptr<Engine>>
loadEngine(StringRef path, EngineKind kind, MLIRContext &context) {
  llvm::SourceMgr sourceMgr;
  SourceMgrDiagnosticHandler diagnostics(sourceMgr, &context);
  std::string message;
  std::unique_ptr<llvm::MemoryBuffer> file = openInputFile(path, &message);
  if (!file)
    return reportError(message);
  sourceMgr.AddNewSourceBuffer(std::move(file), llvm::SMLoc());
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(sourceMgr, &context);
  if (!module)
    return reportError(path + ": cannot be read as a module");
  return createEngine(std::move(module), kind);
}

/// Runs the samples through the network at `path`.
static FailureOr<NamedArrays> runReferenceNetwork(const Options &options,
                                                  MLIRContext &context) {
  FailureOr<std::unique_ptr<Engine>> engine =
      loadEngine(options.reference, options.engine, context);
  if (failed(engine))
    return failure();
  SampleOptions sampleOptions;
  sampleOptions.seed = options.seed;
  sampleOptions.maxSamples = options.samples;
  sampleOptions.allowNonFinite = true;
  FailureOr<SampleBatches> batches =
      SampleBatches::open((*engine)->getFunction(), (*engine)->getSignature(),
                          options.input, sampleOptions, options.batch);
  if (failed(batches))
    return failure();
  return evaluateSamples(**engine, *batches);
}

//===----------------------------------------------------------------------===//
// Comparison
//===----------------------------------------------------------------------===//

template <typename T>
static void appendAs(const NumpyArray &array, std::vector<double> &values) {
  for (T element : array.getElements<T>())
    values.push_back(static_cast<double>(element));
}

/// The numbers of `array`. Half-precision floats have no C++ type to read them
/// by and are refused by the caller.
static std::vector<double> toDoubles(const NumpyArray &array) {
  std::vector<double> values;
  values.reserve(array.getNumElements());
  switch (array.kind) {
  case ElementKind::Bool:
  case ElementKind::UInt8:
    appendAs<uint8_t>(array, values);
    break;
  case ElementKind::Int8:
    appendAs<int8_t>(array, values);
    break;
  case ElementKind::Int16:
    appendAs<int16_t>(array, values);
    break;
  case ElementKind::Int32:
    appendAs<int32_t>(array, values);
    break;
  case ElementKind::Int64:
    appendAs<int64_t>(array, values);
    break;
  case ElementKind::UInt16:
    appendAs<uint16_t>(array, values);
    break;
  case ElementKind::UInt32:
    appendAs<uint32_t>(array, values);
    break;
  case ElementKind::UInt64:
    appendAs<uint64_t>(array, values);
    break;
  case ElementKind::Float16:
    for (uint16_t bits : array.getElements<uint16_t>())
      values.push_back(
          llvm::APFloat(llvm::APFloat::IEEEhalf(), llvm::APInt(16, bits))
              .convertToDouble());
    break;
  case ElementKind::Float32:
    appendAs<float>(array, values);
    break;
  case ElementKind::Float64:
    appendAs<double>(array, values);
    break;
  }
  return values;
}

/// Rows along the last axis, each of which has a top-1.
static ResultRows toClassRows(const NumpyArray &array) {
  return {toDoubles(array), array.shape.empty() ? 1 : array.shape.back()};
}

/// The first output's counterpart in the reference: of the same name, or the
/// only one.
static FailureOr<NumpyArray> readReferenceFile(StringRef path,
                                               const std::string &name) {
  llvm::Expected<NpzArchive> archive = NpzArchive::open(path);
  if (!archive)
    return reportError(llvm::toString(archive.takeError()));
  std::string key = name;
  if (!archive->contains(name) && archive->getNames().size() == 1)
    key = archive->getNames().front();
  llvm::Expected<NumpyArray> array = archive->read(key);
  if (!array)
    return reportError(llvm::toString(array.takeError()));
  return std::move(*array);
}

static LogicalResult compareWithReference(const Options &options,
                                          const NamedArrays &results,
                                          MLIRContext &context,
                                          RunReport &report) {
  const auto &[name, result] = results.front();
  FailureOr<NumpyArray> reference = failure();
  if (llvm::sys::path::extension(options.reference) == ".npz") {
    reference = readReferenceFile(options.reference, name);
  } else if (FailureOr<NamedArrays> arrays =
                 runReferenceNetwork(options, context);
             succeeded(arrays) && !arrays->empty()) {
    reference = std::move(arrays->front().second);
  }
  if (failed(reference))
    return failure();
  // A reference of more samples serves a run on the first ones.
  if (options.samples && !reference->shape.empty() && !result.shape.empty() &&
      reference->shape.front() > result.shape.front()) {
    size_t bytes = reference->data.size() / reference->shape.front();
    reference->shape.front() = result.shape.front();
    reference->data.resize(bytes * result.shape.front());
  }
  if (reference->shape != result.shape)
    return reportError(options.reference + ": has another shape than output '" +
                       name + "'");
  ResultRows rows = toClassRows(result), expected = toClassRows(*reference);
  if (rows.getNumRows() == 0)
    return success();
  report.agreement = computeAgreement(rows, expected);
  report.sqnrDb = computeSqnr(rows.values, expected.values);
  int64_t perSample = rows.values.size() / std::max<int64_t>(report.samples, 1);
  rows.rowSize = expected.rowSize = std::max<int64_t>(perSample, 1);
  report.sqnrDbMedian = computeMedianSqnr(rows, expected);
  return success();
}

static LogicalResult compareWithLabels(const Options &options,
                                       const NamedArrays &results,
                                       RunReport &report) {
  llvm::Expected<NpzArchive> archive = NpzArchive::open(options.input);
  if (!archive)
    return reportError(llvm::toString(archive.takeError()));
  llvm::Expected<NumpyArray> array = archive->read(options.labels);
  if (!array)
    return reportError(llvm::toString(array.takeError()));
  if (array->kind == ElementKind::Float16 ||
      array->kind == ElementKind::Float32 ||
      array->kind == ElementKind::Float64)
    return reportError(options.input + ": labels '" + options.labels +
                       "' are not integers");
  SmallVector<int64_t> labels;
  for (double label : toDoubles(*array))
    labels.push_back(static_cast<int64_t>(label));
  ResultRows rows = toClassRows(results.front().second);
  if (options.samples &&
      static_cast<int64_t>(labels.size()) > rows.getNumRows())
    labels.truncate(rows.getNumRows());
  if (rows.getNumRows() == 0 ||
      static_cast<int64_t>(labels.size()) != rows.getNumRows())
    return reportError(options.input + ": has " + llvm::Twine(labels.size()) +
                       " labels '" + options.labels + "' for " +
                       llvm::Twine(rows.getNumRows()) + " results");
  report.accuracy = computeAccuracy(rows, labels);
  return success();
}

//===----------------------------------------------------------------------===//
// Main
//===----------------------------------------------------------------------===//

static LogicalResult run(const Options &options) {
  if (options.batch < 1)
    return reportError("--batch must be at least 1");
  DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  ptq::registerAllDialects(registry);
  ptq::registerAllExtensions(registry);
  MLIRContext context(registry);

  FailureOr<std::unique_ptr<Engine>> engine =
      loadEngine(options.model, options.engine, context);
  if (failed(engine))
    return failure();
  SampleOptions sampleOptions;
  sampleOptions.seed = options.seed;
  sampleOptions.maxSamples = options.samples;
  sampleOptions.allowNonFinite = true;
  FailureOr<SampleBatches> batches =
      SampleBatches::open((*engine)->getFunction(), (*engine)->getSignature(),
                          options.input, sampleOptions, options.batch);
  if (failed(batches))
    return failure();
  FailureOr<NamedArrays> results = evaluateSamples(**engine, *batches);
  if (failed(results))
    return failure();
  if (results->empty())
    return reportError(options.model + ": has no outputs");

  RunReport report;
  report.samples = batches->getNumSamples();
  if (!options.reference.empty() &&
      failed(compareWithReference(options, *results, context, report)))
    return failure();
  if (!options.labels.empty() &&
      failed(compareWithLabels(options, *results, report)))
    return failure();
  if (options.benchmark) {
    FailureOr<SampleBatches> single =
        SampleBatches::open((*engine)->getFunction(), (*engine)->getSignature(),
                            options.input, sampleOptions, /*callSize=*/1);
    if (failed(single))
      return failure();
    FailureOr<Timing> timing = timeOneSample(**engine, *single);
    if (failed(timing))
      return failure();
    report.medianMicroseconds = timing->median;
    report.minMicroseconds = timing->minimum;
  }
  if (!options.output.empty())
    if (llvm::Error error = writeNpzFile(options.output, *results))
      return reportError(llvm::toString(std::move(error)));
  if (options.json)
    printJSON(report, llvm::outs());
  else
    printText(report, llvm::outs());
  return success();
}

int main(int argc, char **argv) {
  llvm::InitLLVM initLLVM(argc, argv);
  Options options;
  cl::HideUnrelatedOptions(options.category);
  cl::ParseCommandLineOptions(argc, argv, "Runs a network and measures it\n");
  return failed(run(options));
}
