//===- SampleSource.cpp - Where calibration samples come from -------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Calibration/SampleSource.h"
#include "ptq/Calibration/NpzArchive.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <cmath>
#include <cstring>
#include <random>

using namespace mlir::ptq;
using llvm::StringRef;

int64_t SampleInput::getSampleBytes() const {
  int64_t bytes = getElementSize(kind);
  for (int64_t size : shape)
    bytes *= size;
  return bytes;
}

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

/// The first element that is NaN or infinite, or -1.
template <typename T>
static int64_t findNonFinite(llvm::ArrayRef<T> elements) {
  const T *it = llvm::find_if(elements, [](T x) { return !std::isfinite(x); });
  return it == elements.end() ? -1 : it - elements.begin();
}

static int64_t findNonFinite(const NumpyArray &array) {
  if (array.kind == ElementKind::Float32)
    return findNonFinite(array.getElements<float>());
  if (array.kind == ElementKind::Float64)
    return findNonFinite(array.getElements<double>());
  if (array.kind != ElementKind::Float16 && array.kind != ElementKind::BFloat16)
    return -1;
  uint16_t exponent = array.kind == ElementKind::Float16 ? 0x7C00 : 0x7F80;
  llvm::ArrayRef<uint16_t> bits = array.getElements<uint16_t>();
  const uint16_t *it = llvm::find_if(
      bits, [&](uint16_t x) { return (x & exponent) == exponent; });
  return it == bits.end() ? -1 : it - bits.begin();
}

/// The bits of `value` in a format of 16 bits, rounded to the nearest.
static uint16_t narrow(float value, const llvm::fltSemantics &semantics) {
  llvm::APFloat number(value);
  bool losesInfo;
  number.convert(semantics, llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  return static_cast<uint16_t>(number.bitcastToAPInt().getZExtValue());
}

/// Rounds float32 elements to bfloat16.
static void convertToBFloat16(NumpyArray &array) {
  std::vector<char> narrowed(array.data.size() / 2);
  char *to = narrowed.data();
  for (float value : array.getElements<float>()) {
    uint16_t bits = narrow(value, llvm::APFloat::BFloat());
    std::memcpy(to, &bits, sizeof(bits));
    to += sizeof(bits);
  }
  array.kind = ElementKind::BFloat16;
  array.data = std::move(narrowed);
}

/// Checks `array` against `input` and gives it a sample axis if it is a single
/// sample without one.
static llvm::Error checkArray(NumpyArray &array, const SampleInput &input,
                              const std::string &where,
                              const SampleOptions &options) {
  if (input.kind == ElementKind::BFloat16 && array.kind == ElementKind::Float32)
    convertToBFloat16(array);
  if (array.kind != input.kind)
    return llvm::createStringError(
        where + ": has elements of type " + getElementName(array.kind) +
        ", but input '" + input.name + "' needs " + getElementName(input.kind));
  llvm::SmallVector<int64_t> expected(input.shape);
  if (array.shape == expected)
    array.shape.insert(array.shape.begin() + input.sampleAxis, 1);
  bool fits = array.shape.size() == expected.size() + 1;
  if (fits)
    expected.insert(expected.begin() + input.sampleAxis,
                    array.shape[input.sampleAxis]);
  if (!fits || array.shape != expected)
    return llvm::createStringError(where + ": has shape " +
                                   formatShape(array.shape) +
                                   ", but one sample of input '" + input.name +
                                   "' has shape " + formatShape(input.shape));
  if (array.shape[input.sampleAxis] == 0)
    return llvm::createStringError(where + ": has no samples");
  int64_t index = options.allowNonFinite ? -1 : findNonFinite(array);
  if (index >= 0)
    return llvm::createStringError(where + ": element " + llvm::Twine(index) +
                                   " is NaN or infinite");
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Sources
//===----------------------------------------------------------------------===//

namespace {

/// Samples held in arrays, one list of arrays for each input.
class ArraySource : public SampleSource {
public:
  struct Input {
    int64_t sampleAxis;
    std::vector<NumpyArray> arrays;
    int64_t numSamples = 0;
  };

  ArraySource(std::vector<Input> inputs, int64_t maxSamples)
      : inputs(std::move(inputs)), maxSamples(maxSamples) {}

  int64_t getNumSamples() const override {
    int64_t count = inputs.front().numSamples;
    return maxSamples ? std::min(count, maxSamples) : count;
  }

  void read(int64_t index, size_t input,
            llvm::MutableArrayRef<char> destination) const override {
    const Input &source = inputs[input];
    for (const NumpyArray &array : source.arrays) {
      int64_t count = array.shape[source.sampleAxis];
      if (index < count)
        return copySample(array, source.sampleAxis, index, destination);
      index -= count;
    }
  }

private:
  /// Gathers one index of the sample axis; the runs behind it are contiguous.
  static void copySample(const NumpyArray &array, int64_t axis, int64_t index,
                         llvm::MutableArrayRef<char> destination) {
    int64_t run = getElementSize(array.kind);
    for (int64_t size :
         llvm::ArrayRef<int64_t>(array.shape).drop_front(axis + 1))
      run *= size;
    int64_t stride = run * array.shape[axis];
    char *to = destination.data();
    for (size_t from = index * run; from < array.data.size();
         from += stride, to += run)
      std::memcpy(to, array.data.data() + from, run);
  }

  std::vector<Input> inputs;
  int64_t maxSamples;
};

/// Reproducible random samples: each is drawn from its own generator, so that
/// samples can be read in any order.
class RandomSource : public SampleSource {
public:
  static constexpr int64_t kDefaultSamples = 16;

  RandomSource(llvm::ArrayRef<SampleInput> inputs, const SampleOptions &options)
      : inputs(inputs.begin(), inputs.end()), seed(options.seed),
        numSamples(options.maxSamples ? options.maxSamples : kDefaultSamples) {}

  int64_t getNumSamples() const override { return numSamples; }

  void read(int64_t index, size_t input,
            llvm::MutableArrayRef<char> destination) const override {
    std::seed_seq sequence{static_cast<uint64_t>(index),
                           static_cast<uint64_t>(input), seed, seed >> 32};
    std::mt19937_64 random(sequence);
    unsigned size = getElementSize(inputs[input].kind);
    for (size_t at = 0; at + size <= destination.size(); at += size)
      writeElement(inputs[input].kind, random, destination.data() + at);
  }

private:
  static void writeElement(ElementKind kind, std::mt19937_64 &random,
                           char *to) {
    if (kind == ElementKind::Float32 || kind == ElementKind::Float64) {
      double value = drawNormal(random);
      float narrow = static_cast<float>(value);
      if (kind == ElementKind::Float32)
        std::memcpy(to, &narrow, sizeof(narrow));
      else
        std::memcpy(to, &value, sizeof(value));
      return;
    }
    if (kind == ElementKind::Float16 || kind == ElementKind::BFloat16) {
      uint16_t bits =
          narrow(static_cast<float>(drawNormal(random)),
                 kind == ElementKind::Float16 ? llvm::APFloat::IEEEhalf()
                                              : llvm::APFloat::BFloat());
      std::memcpy(to, &bits, sizeof(bits));
      return;
    }
    // Small non-negative integers are valid in every integer type, and as
    // indices of most tables. Little-endian, so one byte is the value.
    std::memset(to, 0, getElementSize(kind));
    *to = static_cast<char>(random() % (kind == ElementKind::Bool ? 2 : 16));
  }

  /// By the polar method of Box, Muller and Marsaglia; the distributions of the
  /// standard library differ between implementations.
  static double drawNormal(std::mt19937_64 &random) {
    while (true) {
      double u = std::ldexp(static_cast<double>(random() >> 11), -52) - 1;
      double v = std::ldexp(static_cast<double>(random() >> 11), -52) - 1;
      double s = u * u + v * v;
      if (s > 0 && s < 1)
        return u * std::sqrt(-2 * std::log(s) / s);
    }
  }

  std::vector<SampleInput> inputs;
  uint64_t seed;
  int64_t numSamples;
};

} // namespace

//===----------------------------------------------------------------------===//
// Opening
//===----------------------------------------------------------------------===//

/// Adds `array` to what `source` has for `input`.
static llvm::Error addArray(ArraySource::Input &source,
                            llvm::Expected<NumpyArray> array,
                            const SampleInput &input, const std::string &where,
                            const SampleOptions &options) {
  if (!array)
    return array.takeError();
  if (llvm::Error error = checkArray(*array, input, where, options))
    return error;
  source.numSamples += array->shape[input.sampleAxis];
  source.arrays.push_back(std::move(*array));
  return llvm::Error::success();
}

using OpenedInputs = llvm::Expected<std::vector<ArraySource::Input>>;

static std::vector<ArraySource::Input>
makeSources(llvm::ArrayRef<SampleInput> inputs) {
  std::vector<ArraySource::Input> sources(inputs.size());
  for (auto [source, input] : llvm::zip_equal(sources, inputs))
    source.sampleAxis = input.sampleAxis;
  return sources;
}

static OpenedInputs openNpz(StringRef path, llvm::ArrayRef<SampleInput> inputs,
                            const SampleOptions &options) {
  llvm::Expected<NpzArchive> archive = NpzArchive::open(path);
  if (!archive)
    return archive.takeError();
  std::vector<ArraySource::Input> sources = makeSources(inputs);
  bool bySinglePosition = inputs.size() == 1 && archive->getNames().size() == 1;
  for (auto [source, input] : llvm::zip_equal(sources, inputs)) {
    std::string name =
        bySinglePosition ? archive->getNames().front() : input.name;
    if (llvm::Error error =
            addArray(source, archive->read(name), input,
                     path.str() + ": array '" + name + "'", options))
      return std::move(error);
  }
  return sources;
}

static OpenedInputs openNpy(StringRef path, llvm::ArrayRef<SampleInput> inputs,
                            const SampleOptions &options) {
  if (inputs.size() != 1)
    return llvm::createStringError(
        path +
        ": a .npy file serves a network with one input, "
        "this one has " +
        llvm::Twine(inputs.size()));
  std::vector<ArraySource::Input> sources = makeSources(inputs);
  if (llvm::Error error = addArray(sources.front(), readNumpyFile(path),
                                   inputs.front(), path.str(), options))
    return std::move(error);
  return sources;
}

/// The .npy files in `directory`, in the order of their names.
static llvm::Expected<std::vector<std::string>>
listNumpyFiles(StringRef directory) {
  std::vector<std::string> files;
  std::error_code code;
  for (llvm::sys::fs::directory_iterator it(directory, code), end;
       it != end && !code; it.increment(code))
    if (llvm::sys::path::extension(it->path()) == ".npy")
      files.push_back(it->path());
  if (code)
    return llvm::createStringError(directory + ": " + code.message());
  if (files.empty())
    return llvm::createStringError(directory + ": has no .npy files");
  llvm::sort(files);
  return files;
}

static OpenedInputs openDirectory(StringRef directory,
                                  llvm::ArrayRef<SampleInput> inputs,
                                  const SampleOptions &options) {
  llvm::Expected<std::vector<std::string>> files = listNumpyFiles(directory);
  if (!files)
    return files.takeError();
  std::vector<ArraySource::Input> sources = makeSources(inputs);
  auto getPath = [&](const SampleInput &input) {
    llvm::SmallString<128> path(directory);
    llvm::sys::path::append(path, input.name + ".npy");
    return path.str().str();
  };
  bool byName = llvm::is_contained(*files, getPath(inputs.front()));
  if (!byName && inputs.size() != 1)
    return llvm::createStringError(directory + ": has no file '" +
                                   inputs.front().name + ".npy'");
  for (auto [source, input] : llvm::zip_equal(sources, inputs)) {
    std::vector<std::string> paths =
        byName ? std::vector<std::string>{getPath(input)} : *files;
    for (const std::string &path : paths)
      if (llvm::Error error =
              addArray(source, readNumpyFile(path), input, path, options))
        return std::move(error);
  }
  return sources;
}

static OpenedInputs openArrays(StringRef spec,
                               llvm::ArrayRef<SampleInput> inputs,
                               const SampleOptions &options) {
  if (llvm::sys::fs::is_directory(spec))
    return openDirectory(spec, inputs, options);
  StringRef extension = llvm::sys::path::extension(spec);
  if (extension == ".npz")
    return openNpz(spec, inputs, options);
  if (extension == ".npy")
    return openNpy(spec, inputs, options);
  return llvm::createStringError(
      spec + ": samples come from a .npz or .npy file, a directory "
             "of .npy files, or 'random'");
}

llvm::Expected<std::unique_ptr<SampleSource>>
mlir::ptq::openSamples(StringRef spec, llvm::ArrayRef<SampleInput> inputs,
                       const SampleOptions &options) {
  if (inputs.empty())
    return llvm::createStringError(
        spec + ": the network has no inputs to give samples to");
  if (spec == "random")
    return std::make_unique<RandomSource>(inputs, options);
  OpenedInputs sources = openArrays(spec, inputs, options);
  if (!sources)
    return sources.takeError();
  for (auto [source, input] : llvm::zip_equal(*sources, inputs))
    if (source.numSamples != sources->front().numSamples)
      return llvm::createStringError(
          spec + ": has " + llvm::Twine(source.numSamples) +
          " samples of input '" + input.name + "', but " +
          llvm::Twine(sources->front().numSamples) + " of '" +
          inputs.front().name + "'");
  return std::make_unique<ArraySource>(std::move(*sources), options.maxSamples);
}
