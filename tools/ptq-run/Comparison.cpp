//===- Comparison.cpp - Results against labels and references -------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Comparison.h"
#include "ptq/Calibration/NpzArchive.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::ptq;

//===----------------------------------------------------------------------===//
// Labels
//===----------------------------------------------------------------------===//

static bool isInteger(ElementKind kind) {
  return kind >= ElementKind::Int8 && kind <= ElementKind::UInt64;
}

/// The array of integers `key` of the input file. `where` names it in messages.
static FailureOr<NumpyArray> readIntegers(StringRef path, StringRef key,
                                          StringRef what, std::string &where) {
  llvm::Expected<NpzArchive> archive = NpzArchive::open(path);
  if (!archive)
    return reportError(llvm::toString(archive.takeError()));
  llvm::Expected<NumpyArray> array = archive->read(key);
  if (!array)
    return reportError(llvm::toString(array.takeError()));
  where = (path + ": array '" + key + "'").str();
  if (!isInteger(array->kind))
    return reportError(where + ": " + what + " are integers, not " +
                       getElementName(array->kind));
  return std::move(*array);
}

/// `values` as integers from 0 to before `limit`. `what` names one of them.
static FailureOr<std::vector<int64_t>>
getIntegersBelow(ArrayRef<double> values, int64_t limit, StringRef where,
                 StringRef what, StringRef ofWhat) {
  std::vector<int64_t> integers;
  for (double value : values) {
    if (value < 0 || value >= limit)
      return reportError(where + ": " + what + " " +
                         Twine(static_cast<int64_t>(value)) +
                         " is not one of the " + Twine(limit) + " " + ofWhat);
    integers.push_back(static_cast<int64_t>(value));
  }
  return integers;
}

LogicalResult mlir::ptq::compareWithLabels(const Network &network,
                                           const RunOptions &options,
                                           StringRef key, Figures &figures) {
  if (network.outputs.empty())
    return reportError("the network has no output to compare with labels");
  std::string where;
  FailureOr<NumpyArray> array =
      readIntegers(options.input, key, "labels", where);
  if (failed(array))
    return failure();

  SampleResults results = network.getResults(0);
  std::vector<int64_t> classes = getTopClasses(results);
  auto numLabels = static_cast<size_t>(array->getNumElements());
  bool mayHaveMore = options.samples.maxSamples > 0;
  if (numLabels < classes.size() ||
      (numLabels > classes.size() && !mayHaveMore))
    return reportError(where + ": has " + Twine(numLabels) + " labels for " +
                       Twine(classes.size()) + " predictions");

  array->shape.assign({array->getNumElements()});
  SampleResults values = SampleResults::get(*array, /*sampleAxis=*/0);
  FailureOr<std::vector<int64_t>> labels = getIntegersBelow(
      ArrayRef<double>(values.elements).take_front(classes.size()),
      getNumClasses(results), where, "label", "classes");
  if (failed(labels))
    return failure();
  figures.accuracy = getAgreement(classes, *labels);
  return success();
}

//===----------------------------------------------------------------------===//
// Tokens
//===----------------------------------------------------------------------===//

LogicalResult mlir::ptq::compareWithTokens(const Network &network,
                                           const RunOptions &options,
                                           StringRef key, Figures &figures) {
  if (network.outputs.empty())
    return reportError("the network has no output to compare with tokens");
  std::string where;
  FailureOr<NumpyArray> array =
      readIntegers(options.input, key, "tokens", where);
  if (failed(array))
    return failure();

  SampleResults logits = network.getResults(0);
  ArrayRef<int64_t> shape = logits.sampleShape;
  std::string shapeText = formatShape(network.outputs[0].second.shape);
  if (shape.size() < 2 || shape[shape.size() - 2] < 2 || shape.back() == 0)
    return reportError("output '" + network.outputs[0].first + "' has shape " +
                       shapeText +
                       ", but logits of next tokens need at least two "
                       "positions and one token");
  SmallVector<int64_t> expected(shape.drop_back());
  expected.insert(expected.begin(), logits.numSamples);
  ArrayRef<int64_t> available = array->shape;
  bool mayHaveMore = options.samples.maxSamples > 0;
  if (available.size() != expected.size() ||
      available.drop_front() != ArrayRef(expected).drop_front() ||
      available.front() < expected.front() ||
      (available.front() > expected.front() && !mayHaveMore))
    return reportError(where + ": has shape " + formatShape(available) +
                       ", but output '" + network.outputs[0].first +
                       "' has shape " + shapeText);

  SampleResults values = SampleResults::get(*array, /*sampleAxis=*/0);
  size_t numTokens = logits.elements.size() / shape.back();
  FailureOr<std::vector<int64_t>> tokens =
      getIntegersBelow(ArrayRef<double>(values.elements).take_front(numTokens),
                       shape.back(), where, "token", "tokens");
  if (failed(tokens))
    return failure();
  figures.nextTokenLoss = getNextTokenLoss(logits, *tokens);
  return success();
}

//===----------------------------------------------------------------------===//
// References
//===----------------------------------------------------------------------===//

namespace {
/// An output and the name of what it is compared with.
struct Match {
  size_t output;
  std::string reference;
};
} // namespace

static FailureOr<Match> matchOutput(const Network &network, StringRef path,
                                    ArrayRef<std::string> references) {
  if (network.outputs.size() == 1 && references.size() == 1)
    return Match{0, references.front()};
  for (auto [index, output] : llvm::enumerate(network.outputs))
    if (llvm::is_contained(references, output.first))
      return Match{index, output.first};
  auto names = llvm::make_first_range(network.outputs);
  return reportError(path + ": has none of the outputs '" +
                     llvm::join(names, "', '") + "'");
}

/// Compares results with those that `array` has for the same samples and, if
/// `mayHaveMore`, for others behind them. `codes` is what its elements stand
/// for, if they are codes.
static LogicalResult
compareWithArray(const Network &network, StringRef where, size_t output,
                 NumpyArray array,
                 const std::optional<InterfaceQuantization> &codes,
                 bool mayHaveMore, Figures &figures) {
  const SignatureEntry &entry = network.engine->getSignature().outputs[output];
  int64_t axis = entry.sampleAxis.value_or(0);
  SampleResults results = network.getResults(output);
  ArrayRef<int64_t> shape = network.outputs[output].second.shape;
  if (!entry.sampleAxis && results.numSamples == 1 &&
      ArrayRef<int64_t>(array.shape) == shape)
    array.shape.insert(array.shape.begin(), 1);

  SmallVector<int64_t> sampleShape(array.shape);
  bool fits = sampleShape.size() == results.sampleShape.size() + 1;
  if (fits)
    sampleShape.erase(sampleShape.begin() + axis);
  if (!fits || sampleShape != results.sampleShape)
    return reportError(where + ": has shape " + formatShape(array.shape) +
                       ", but output '" + entry.name + "' has shape " +
                       formatShape(shape));
  int64_t available = array.shape[axis];
  if (available < results.numSamples ||
      (available > results.numSamples && !mayHaveMore))
    return reportError(where + ": has " + Twine(available) +
                       " samples, but the network ran on " +
                       Twine(results.numSamples));

  SampleResults reference = SampleResults::get(array, axis);
  dequantize(codes, reference);
  reference.numSamples = results.numSamples;
  reference.elements.resize(results.elements.size());
  figures.agreement =
      getAgreement(getTopClasses(results), getTopClasses(reference));
  figures.sqnr = getSQNR(reference.elements, results.elements);
  figures.medianSqnr = getMedianSQNR(reference, results);
  return success();
}

static LogicalResult compareWithFile(const Network &network, StringRef path,
                                     bool mayHaveMore, Figures &figures) {
  llvm::Expected<NpzArchive> archive = NpzArchive::open(path);
  if (!archive)
    return reportError(llvm::toString(archive.takeError()));
  FailureOr<Match> match = matchOutput(network, path, archive->getNames());
  if (failed(match))
    return failure();
  llvm::Expected<NumpyArray> array = archive->read(match->reference);
  if (!array)
    return reportError(llvm::toString(array.takeError()));
  std::string where = (path + ": array '" + match->reference + "'").str();
  // A file may have the codes that this network gave, or numbers.
  std::optional<InterfaceQuantization> codes;
  if (isInteger(array->kind))
    codes = network.engine->getSignature().outputs[match->output].quantization;
  return compareWithArray(network, where, match->output, std::move(*array),
                          codes, mayHaveMore, figures);
}

LogicalResult mlir::ptq::compareWithReference(const Network &network,
                                              MLIRContext &context,
                                              StringRef path,
                                              const RunOptions &options,
                                              Figures &figures) {
  if (network.outputs.empty())
    return reportError("the network has no output to compare");
  if (path.ends_with(".npz"))
    return compareWithFile(network, path, options.samples.maxSamples > 0,
                           figures);

  FailureOr<Network> reference = runNetwork(context, path, options);
  if (failed(reference))
    return failure();
  SmallVector<std::string> names(llvm::make_first_range(reference->outputs));
  FailureOr<Match> match = matchOutput(network, path, names);
  if (failed(match))
    return failure();
  auto output = llvm::find(names, match->reference) - names.begin();
  std::string where = (path + ": output '" + match->reference + "'").str();
  return compareWithArray(
      network, where, match->output,
      std::move(reference->outputs[output].second),
      reference->engine->getSignature().outputs[output].quantization,
      /*mayHaveMore=*/false, figures);
}

//===----------------------------------------------------------------------===//
// Op by op
//===----------------------------------------------------------------------===//

LogicalResult mlir::ptq::compareOpByOp(MLIRContext &context, StringRef path,
                                       StringRef reference,
                                       const RunOptions &options,
                                       Figures &figures) {
  // The JIT has lowered the module that ran.
  FailureOr<OwningOpRef<ModuleOp>> module = readModule(context, path);
  if (failed(module))
    return failure();
  FailureOr<OwningOpRef<ModuleOp>> other = readModule(context, reference);
  if (failed(other))
    return failure();
  FailureOr<std::unique_ptr<Engine>> engine =
      Engine::create(EngineKind::Interpreter, **module);
  if (failed(engine) ||
      failed(Engine::create(EngineKind::Interpreter, **other)))
    return failure();
  FailureOr<SampleBatches> batches = openBatches(**engine, options);
  if (failed(batches))
    return failure();
  FailureOr<OpComparison> comparison = compareOps(**module, **other, *batches);
  if (failed(comparison))
    return failure();
  figures.ops = std::move(*comparison);
  return success();
}
