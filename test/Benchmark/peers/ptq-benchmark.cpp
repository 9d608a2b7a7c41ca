//===- ptq-benchmark.cpp - Compiled code and its peers, taking turns ------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The part of kernels.py that measures. It is given libraries of compiled code
// with descriptions of what they compute, and prints figures, both as JSON.
//
//===----------------------------------------------------------------------===//

#include "Contenders.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/TargetParser/Host.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include <ctime>
#include <dlfcn.h>
#include <numeric>
#include <random>

using namespace llvm;
using namespace mlir::ptq::benchmark;

//===----------------------------------------------------------------------===//
// Options
//===----------------------------------------------------------------------===//

static cl::opt<std::string>
    descriptionFile(cl::Positional, cl::Required,
                    cl::desc("<descriptions of networks, by kernels.py>"));
static cl::opt<unsigned> numRounds("rounds", cl::init(31),
                                   cl::desc("How often everyone has a turn"));

//===----------------------------------------------------------------------===//
// Descriptions of networks
//===----------------------------------------------------------------------===//

template <typename T>
static std::vector<T> readArray(const json::Object &layer, StringRef key) {
  std::optional<StringRef> path = layer.getString(key);
  if (!path)
    return {};
  auto buffer = cantFail(errorOrToExpected(MemoryBuffer::getFile(*path)));
  std::vector<T> values(buffer->getBufferSize() / sizeof(T));
  std::memcpy(values.data(), buffer->getBufferStart(),
              values.size() * sizeof(T));
  return values;
}

static std::vector<int64_t> readNumbers(const json::Object &layer,
                                        StringRef key) {
  std::vector<int64_t> numbers;
  for (const json::Value &value : *layer.getArray(key))
    numbers.push_back(*value.getAsInteger());
  return numbers;
}

static Layer readLayer(const json::Object &object) {
  Layer layer;
  StringRef kind = *object.getString("kind");
  layer.kind = kind == "matmul"        ? Layer::Kind::Matmul
               : kind == "convolution" ? Layer::Kind::Convolution
                                       : Layer::Kind::Depthwise;
  layer.input = readNumbers(object, "input");
  layer.output = readNumbers(object, "output");
  layer.weights = readNumbers(object, "shape");
  layer.stride = *object.getInteger("stride");
  std::vector<int64_t> padding = readNumbers(object, "padding");
  layer.top = padding[0], layer.left = padding[1];
  layer.bottom = padding[2], layer.right = padding[3];
  layer.weightValues = readArray<char>(object, "weights");
  layer.biases = readArray<int32_t>(object, "biases");
  layer.scales = readArray<float>(object, "scales");
  return layer;
}

static Network readNetwork(const json::Object &object) {
  Network network;
  network.isInteger = *object.getString("element") == "i8";
  for (const json::Value &layer : *object.getArray("layers"))
    network.layers.push_back(readLayer(*layer.getAsObject()));
  return network;
}

//===----------------------------------------------------------------------===//
// Time
//===----------------------------------------------------------------------===//

/// Processor time does not count what else runs on the machine, but every
/// thread that a contender may have started.
static double getSeconds() {
  timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec + 1e-9 * time.tv_nsec;
}

static double timeRuns(const Work &work, int64_t numRuns) {
  double start = getSeconds();
  for (int64_t run = 0; run < numRuns; ++run)
    work();
  return (getSeconds() - start) / numRuns;
}

static double getMedian(std::vector<double> values) {
  auto middle = values.begin() + values.size() / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// The median of the ratios in each round.
static double getMedianRatio(ArrayRef<double> one, ArrayRef<double> other) {
  std::vector<double> ratios;
  for (auto [a, b] : zip_equal(one, other))
    ratios.push_back(a / b);
  return getMedian(ratios);
}

/// The times of all contenders in each round, in seconds for one run.
static std::vector<std::vector<double>> takeTurns(ArrayRef<Work> contenders) {
  // Long enough for the clock, short enough for a disturbance to hit few.
  constexpr double secondsOfTurn = 2e-3;
  std::vector<int64_t> numRuns;
  for (const Work &work : contenders) {
    work();
    double seconds = std::max(timeRuns(work, 1), 1e-9);
    numRuns.push_back(std::max<int64_t>(1, secondsOfTurn / seconds));
  }
  std::vector<std::vector<double>> times(contenders.size());
  for (unsigned round = 0; round < numRounds; ++round)
    for (auto [work, runs, taken] : zip_equal(contenders, numRuns, times)) {
      // The others have filled the caches.
      work();
      taken.push_back(timeRuns(work, runs));
    }
  return times;
}

//===----------------------------------------------------------------------===//
// Peaks
//===----------------------------------------------------------------------===//

/// Memory aligned as compiled code demands.
static char *allocate(int64_t numBytes) {
  int64_t rounded = alignTo(std::max<int64_t>(numBytes, 1), 64);
  auto *bytes = static_cast<char *>(std::aligned_alloc(64, rounded));
  std::memset(bytes, 1, rounded);
  return bytes;
}

static json::Object measureDotProducts() {
  json::Object peaks;
  auto add = [&](StringRef element, const DotProducts &dot) {
    if (!dot.work)
      return;
    double seconds = getMedian(takeTurns(dot.work).front());
    peaks[element] =
        json::Object{{"instruction", dot.instruction},
                     {"products_per_second", dot.numProducts / seconds}};
  };
  add("i8", getIntegerDotProducts());
  add("f32", getFloatDotProducts());
  return peaks;
}

/// The speed of reading so much memory over and over.
static json::Array measureReading() {
  json::Array readings;
  for (int64_t numBytes : {1 << 14, 1 << 18, 1 << 22, 1 << 24, 1 << 28}) {
    char *bytes = allocate(numBytes);
    if (Work work = prepareReading(bytes, numBytes)) {
      double seconds = getMedian(takeTurns(work).front());
      readings.push_back(json::Object{
          {"bytes", numBytes}, {"bytes_per_second", numBytes / seconds}});
    }
    std::free(bytes);
  }
  return readings;
}

//===----------------------------------------------------------------------===//
// Networks
//===----------------------------------------------------------------------===//

/// Input and output of a network, for one contender.
class Arrays {
public:
  Arrays(bool isInteger, ArrayRef<int64_t> inputShape,
         ArrayRef<int64_t> outputShape)
      : isInteger(isInteger), numInputs(countElements(inputShape)),
        numOutputs(countElements(outputShape)),
        input(allocate(numInputs * elementSize())),
        output(allocate(numOutputs * elementSize())) {}

  ~Arrays() {
    std::free(input);
    std::free(output);
  }
  Arrays(const Arrays &) = delete;
  Arrays &operator=(const Arrays &) = delete;

  /// Fills the input with the same numbers for everyone; codes have
  /// `zeroPoint` added.
  void fill(int zeroPoint) {
    std::mt19937 random(0);
    for (int64_t i = 0; i < numInputs; ++i) {
      if (isInteger)
        input[i] = char(int(random() % 256) + zeroPoint);
      else
        reinterpret_cast<float *>(input)[i] = float(random() % 4096) / 2048 - 1;
    }
  }

  /// The outputs as numbers.
  std::vector<double> getNumbers(int zeroPoint) const {
    std::vector<double> numbers(numOutputs);
    for (int64_t i = 0; i < numOutputs; ++i)
      numbers[i] = isInteger ? double(uint8_t(output[i] - zeroPoint))
                             : double(reinterpret_cast<float *>(output)[i]);
    return numbers;
  }

private:
  static int64_t countElements(ArrayRef<int64_t> shape) {
    return std::accumulate(shape.begin(), shape.end(), int64_t(1),
                           std::multiplies<int64_t>());
  }
  int64_t elementSize() const { return isInteger ? 1 : sizeof(float); }

  bool isInteger;
  int64_t numInputs, numOutputs;

public:
  char *const input, *const output;
};

/// The largest difference, in codes or relative to the largest float.
static double getDifference(ArrayRef<double> expected, ArrayRef<double> actual,
                            bool isInteger) {
  double difference = 0, largest = 0;
  for (auto [a, b] : zip_equal(expected, actual)) {
    difference = std::max(difference, std::abs(a - b));
    largest = std::max(largest, std::abs(a));
  }
  return isInteger ? difference : difference / largest;
}

/// Compiled code has signed codes, peers have unsigned ones.
static constexpr int signedZeroPoint = -128;

static json::Object measure(const json::Object &description) {
  Network network = readNetwork(description);
  // All libraries have the same symbols, so none may see another's.
  std::string path = description.getString("library")->str();
  void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library)
    reportFatalUsageError(dlerror());
  using Call = void (*)(const void *, void *, void *);
  auto call = reinterpret_cast<Call>(dlsym(library, "call"));
  auto *workspaceBytes =
      static_cast<const long long *>(dlsym(library, "workspace_bytes"));
  char *workspace = allocate(*workspaceBytes);

  std::vector<int64_t> input = readNumbers(description, "input");
  std::vector<int64_t> output = readNumbers(description, "output");
  // A network whose layers are not told has no peers here, and takes floats.
  bool hasCodes = network.isInteger && !network.layers.empty();
  Arrays ours(hasCodes, input, output), theirs(hasCodes, input, output);
  ours.fill(hasCodes ? signedZeroPoint : 0);
  theirs.fill(/*zeroPoint=*/0);

  std::vector<std::string> names = {"ptq"};
  std::vector<Work> contenders = {
      [&] { call(ours.input, ours.output, workspace); }};
  json::Object result{{"name", *description.getString("name")}};
#ifdef PTQ_HAS_ONEDNN
  if (!network.layers.empty()) {
    std::vector<std::string> implementations;
    names.push_back("oneDNN");
    contenders.push_back(
        prepareOneDNN(network, theirs.input, theirs.output, implementations));
    result["onednn_implementations"] = json::Array(implementations);
  }
#endif
#ifdef PTQ_HAS_OPENBLAS
  if (Work work = prepareOpenBLAS(network, theirs.input, theirs.output)) {
    names.push_back("OpenBLAS");
    contenders.push_back(work);
  }
#endif

  contenders.front()();
  std::vector<double> expected =
      ours.getNumbers(hasCodes ? signedZeroPoint : 0);
  bool agrees = true;
  json::Object differences, seconds, ratios, roof;
  for (size_t i = 1; i < contenders.size(); ++i) {
    contenders[i]();
    double difference = getDifference(
        expected, theirs.getNumbers(/*zeroPoint=*/0), network.isInteger);
    differences[names[i]] = difference;
    // A code may be rounded otherwise; floats are summed in other orders.
    agrees &= difference <= (network.isInteger ? 1 : 1e-5);
  }

  // What the machine would need at least, for products and for bytes.
  DotProducts dot =
      network.isInteger ? getIntegerDotProducts() : getFloatDotProducts();
  int64_t numBytes = alignTo(*description.getInteger("bytes"), 256);
  char *bytes = allocate(numBytes);
  Work reading = prepareReading(bytes, numBytes);
  bool hasRoof = dot.work && reading;
  if (hasRoof) {
    contenders.push_back(dot.work);
    contenders.push_back(reading);
  }

  std::vector<std::vector<double>> times = takeTurns(contenders);
  for (size_t i = 0; i < names.size(); ++i) {
    seconds[names[i]] = getMedian(times[i]);
    if (i != 0)
      ratios[names[i]] = getMedianRatio(times[i], times[0]);
  }
  if (hasRoof) {
    int64_t products = *description.getInteger("products");
    for (double &taken : times[names.size()])
      taken *= double(products) / dot.numProducts;
    roof["products"] = getMedianRatio(times[names.size()], times[0]);
    roof["bytes"] = getMedianRatio(times.back(), times[0]);
  }
  result["seconds"] = std::move(seconds);
  result["ratios"] = std::move(ratios);
  // How much of our time it is.
  result["roof"] = std::move(roof);
  result["differences"] = std::move(differences);
  result["agrees"] = agrees;
  std::free(bytes);
  std::free(workspace);
  return result;
}

int main(int argc, char **argv) {
  InitLLVM init(argc, argv);
  cl::ParseCommandLineOptions(argc, argv, "Compiled code and its peers\n");
  ExitOnError exitOnError("ptq-benchmark: ");

  json::Object peers;
#ifdef PTQ_HAS_ONEDNN
  peers["oneDNN"] = describeOneDNN();
#endif
#ifdef PTQ_HAS_OPENBLAS
  peers["OpenBLAS"] = describeOpenBLAS();
#endif
  auto buffer = exitOnError(
      errorOrToExpected(MemoryBuffer::getFile(descriptionFile.getValue())));
  json::Value descriptions = exitOnError(json::parse(buffer->getBuffer()));

  json::Object peaks{{"dot", measureDotProducts()}, {"read", measureReading()}};
  json::Array networks;
  for (const json::Value &description : *descriptions.getAsArray())
    networks.push_back(measure(*description.getAsObject()));
  outs() << json::Value(json::Object{{"processor", sys::getHostCPUName()},
                                     {"peers", std::move(peers)},
                                     {"peaks", std::move(peaks)},
                                     {"networks", std::move(networks)}})
         << '\n';
  return 0;
}
