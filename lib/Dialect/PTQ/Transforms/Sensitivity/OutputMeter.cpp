//===- OutputMeter.cpp - What becomes of the outputs ----------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OutputMeter.h"
#include "ptq/Calibration/NpzArchive.h"
#include "ptq/Interpreter/EntryFunction.h"
#include <cmath>

using namespace mlir;
using namespace mlir::ptq;

double OutputQuality::getNoiseRatio() const {
  return std::pow(10, -limitDecibels(sqnr) / 10);
}

namespace {

/// Hands the results of calls on.
class ResultListener : public CallListener {
public:
  using TakeFn = function_ref<void(size_t, ArrayRef<TensorValue>)>;

  explicit ResultListener(TakeFn take) : take(take) {}

  void notifyCall(int64_t call) override { current = call; }
  void notifyReturned(ArrayRef<TensorValue> results) override {
    take(current, results);
  }
  bool wantsEvaluatedOps() const override { return false; }

private:
  TakeFn take;
  int64_t current = 0;
};

/// The figures of one call.
struct CallFigures {
  SmallVector<NoiseSum> noise;
  int64_t numAgreeing = 0;
  int64_t numRight = 0;
  int64_t numClasses = 0;
};

} // namespace

/// An output as numbers, sample by sample.
static SampleResults getResults(const TensorValue &output,
                                const SignatureEntry &entry) {
  NumpyArray array;
  array.kind = *getElementKind(output.getElementType(), entry.isUnsigned);
  array.shape.assign(output.getShape().begin(), output.getShape().end());
  if (!entry.sampleAxis)
    array.shape.insert(array.shape.begin(), 1);
  ArrayRef<char> raw = output.getRawData();
  array.data.assign(raw.begin(), raw.end());
  return SampleResults::get(array, entry.sampleAxis.value_or(0));
}

static int64_t countEqual(ArrayRef<int64_t> classes, ArrayRef<int64_t> others) {
  return llvm::count_if(llvm::zip_equal(classes, others), [](auto pair) {
    return std::get<0>(pair) == std::get<1>(pair);
  });
}

//===----------------------------------------------------------------------===//
// The float network
//===----------------------------------------------------------------------===//

/// Runs all calls; `take` gets the number of each and its results, from several
/// threads at once.
LogicalResult
OutputMeter::run(StringRef label, const SampleRunner &runner,
                 function_ref<void(size_t, ArrayRef<TensorValue>)> take) const {
  ArrayRef<int64_t> calls = runner.getCalls();
  std::vector<ResultListener> listeners(runner.getNumThreads(calls.size()),
                                        ResultListener(take));
  SmallVector<CallListener *> pointers = llvm::map_to_vector(
      listeners, [](auto &listener) -> CallListener * { return &listener; });
  return runner.run(label, calls, pointers);
}

std::vector<int64_t>
OutputMeter::getClasses(ArrayRef<TensorValue> outputs) const {
  return getTopClasses(getResults(outputs[0], signature.outputs[0]));
}

int64_t OutputMeter::getNumSamples() const {
  return static_cast<int64_t>(references.size()) * runner.getBatchSize();
}

FailureOr<OutputMeter> OutputMeter::create(ModuleOp network,
                                           const SampleRunner &runner) {
  FailureOr<func::FuncOp> found = findEntryFunction(network);
  if (failed(found))
    return failure();
  func::FuncOp entry = *found;
  Location loc = entry.getLoc();
  FailureOr<Signature> signature = getTensorSignature(entry);
  if (failed(signature))
    return failure();
  if (llvm::none_of(signature->outputs, [](const SignatureEntry &output) {
        return output.type.getElementType().isF32();
      }))
    return emitError(loc, "has no f32 output to compare with");
  const SignatureEntry &first = signature->outputs.front();
  if (!getElementKind(first.type.getElementType(), first.isUnsigned))
    return emitError(loc, "output '")
           << first.name << "' has element type " << first.type.getElementType()
           << ", which is not for classes";

  OutputMeter meter(runner, std::move(*signature));
  meter.references.resize(meter.runner.getCalls().size());
  if (failed(meter.run("running in float", meter.runner,
                       [&](size_t call, ArrayRef<TensorValue> results) {
                         meter.references[call].assign(results.begin(),
                                                       results.end());
                       })))
    return failure();
  return meter;
}

LogicalResult OutputMeter::readLabels(Location loc, StringRef path,
                                      StringRef key) {
  if (!path.ends_with(".npz"))
    return emitError(loc,
                     "labels are an array of the samples' file, which must "
                     "be a .npz file");
  llvm::Expected<NpzArchive> archive = NpzArchive::open(path);
  if (!archive)
    return emitError(loc) << llvm::toString(archive.takeError());
  llvm::Expected<NumpyArray> array = archive->read(key);
  if (!array)
    return emitError(loc) << llvm::toString(array.takeError());
  array->shape.assign({array->getNumElements()});
  SampleResults values = SampleResults::get(*array, /*sampleAxis=*/0);
  ArrayRef<double> rest = values.elements;
  for (const Outputs &outputs : references) {
    SampleResults results = getResults(outputs[0], signature.outputs[0]);
    size_t count = getTopClasses(results).size();
    if (rest.size() < count)
      return emitError(loc, "array '")
             << key << "' has " << values.elements.size()
             << " labels, fewer than there are predictions";
    std::vector<int64_t> &ofCall = labels.emplace_back();
    for (double value : rest.take_front(count)) {
      if (!(value >= 0 && value < getNumClasses(results)) ||
          value != std::floor(value))
        return emitError(loc, "array '")
               << key << "': label " << value << " is not one of the "
               << getNumClasses(results) << " classes";
      ofCall.push_back(static_cast<int64_t>(value));
    }
    rest = rest.drop_front(count);
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Other forms
//===----------------------------------------------------------------------===//

FailureOr<OutputQuality> OutputMeter::measure(StringRef label,
                                              ModuleOp network) const {
  FailureOr<SampleRunner> other = runner.withNetwork(network);
  if (failed(other))
    return failure();
  std::vector<CallFigures> calls(references.size());
  auto compare = [&](size_t call, ArrayRef<TensorValue> results) {
    CallFigures &figures = calls[call];
    for (auto [reference, result] :
         llvm::zip_equal(references[call], results)) {
      NoiseSum &sum = figures.noise.emplace_back();
      if (reference.getElementType().isF32())
        sum.add(reference.getData<float>(), result.getData<float>());
    }
    std::vector<int64_t> classes = getClasses(results);
    figures.numClasses = classes.size();
    figures.numAgreeing = countEqual(classes, getClasses(references[call]));
    if (!labels.empty())
      figures.numRight = countEqual(classes, labels[call]);
  };
  if (failed(run(label, *other, compare)))
    return failure();

  // In the order of the calls, whichever thread ran them.
  CallFigures total;
  total.noise.resize(signature.outputs.size());
  for (const CallFigures &figures : calls) {
    for (auto [sum, part] : llvm::zip_equal(total.noise, figures.noise))
      sum.add(part);
    total.numAgreeing += figures.numAgreeing;
    total.numRight += figures.numRight;
    total.numClasses += figures.numClasses;
  }
  auto getShare = [&](int64_t count) {
    return total.numClasses ? static_cast<double>(count) / total.numClasses : 1;
  };
  OutputQuality quality;
  quality.sqnr = std::numeric_limits<double>::infinity();
  for (const NoiseSum &sum : total.noise)
    quality.sqnr = std::min(quality.sqnr, sum.getDecibels());
  quality.agreement = getShare(total.numAgreeing);
  if (!labels.empty())
    quality.accuracy = getShare(total.numRight);
  return quality;
}
