//===- Metrics.cpp - How good results are ---------------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Metrics/Metrics.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

using namespace mlir::ptq;

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

template <typename T>
static std::vector<double> convert(const NumpyArray &array) {
  llvm::ArrayRef<T> elements = array.getElements<T>();
  return std::vector<double>(elements.begin(), elements.end());
}

/// Converts elements of 16 bits in the format of `semantics`.
static std::vector<double> convertHalf(const NumpyArray &array,
                                       const llvm::fltSemantics &semantics) {
  std::vector<double> result;
  for (uint16_t bits : array.getElements<uint16_t>())
    result.push_back(
        llvm::APFloat(semantics, llvm::APInt(16, bits)).convertToDouble());
  return result;
}

static std::vector<double> convertToDouble(const NumpyArray &array) {
  switch (array.kind) {
  case ElementKind::Bool:
  case ElementKind::UInt8:
    return convert<uint8_t>(array);
  case ElementKind::Int8:
    return convert<int8_t>(array);
  case ElementKind::Int16:
    return convert<int16_t>(array);
  case ElementKind::Int32:
    return convert<int32_t>(array);
  case ElementKind::Int64:
    return convert<int64_t>(array);
  case ElementKind::UInt16:
    return convert<uint16_t>(array);
  case ElementKind::UInt32:
    return convert<uint32_t>(array);
  case ElementKind::UInt64:
    return convert<uint64_t>(array);
  case ElementKind::Float16:
    return convertHalf(array, llvm::APFloat::IEEEhalf());
  case ElementKind::BFloat16:
    return convertHalf(array, llvm::APFloat::BFloat());
  case ElementKind::Float32:
    return convert<float>(array);
  case ElementKind::Float64:
    return convert<double>(array);
  }
  return {};
}

SampleResults SampleResults::get(const NumpyArray &array, int64_t sampleAxis) {
  SampleResults results;
  results.elements = convertToDouble(array);
  results.numSamples = array.shape[sampleAxis];
  results.sampleShape = array.shape;
  results.sampleShape.erase(results.sampleShape.begin() + sampleAxis);
  if (sampleAxis == 0 || results.elements.empty())
    return results;

  int64_t outer = 1;
  for (int64_t dim = 0; dim < sampleAxis; ++dim)
    outer *= array.shape[dim];
  int64_t run = results.elements.size() / (outer * results.numSamples);
  std::vector<double> bySample;
  bySample.reserve(results.elements.size());
  for (int64_t sample = 0; sample < results.numSamples; ++sample)
    for (int64_t i = 0; i < outer; ++i) {
      auto from =
          results.elements.begin() + (i * results.numSamples + sample) * run;
      bySample.insert(bySample.end(), from, from + run);
    }
  results.elements = std::move(bySample);
  return results;
}

llvm::ArrayRef<double> SampleResults::getSample(int64_t index) const {
  size_t size = elements.size() / std::max<int64_t>(1, numSamples);
  return llvm::ArrayRef<double>(elements).slice(index * size, size);
}

//===----------------------------------------------------------------------===//
// Classes
//===----------------------------------------------------------------------===//

/// The dimension of a sample that classes lie along; -1 if it has one element.
static int64_t getClassDim(const SampleResults &results) {
  int64_t dim = results.sampleShape.size();
  while (--dim >= 0)
    if (results.sampleShape[dim] != 1)
      break;
  return dim;
}

int64_t mlir::ptq::getNumClasses(const SampleResults &results) {
  int64_t dim = getClassDim(results);
  return dim < 0 ? 1 : results.sampleShape[dim];
}

static int64_t findLargest(llvm::ArrayRef<double> elements) {
  size_t largest = 0;
  for (size_t i = 0; i < elements.size(); ++i) {
    if (std::isnan(elements[i]))
      return i;
    if (elements[i] > elements[largest])
      largest = i;
  }
  return largest;
}

std::vector<int64_t> mlir::ptq::getTopClasses(const SampleResults &results) {
  int64_t numClasses = getNumClasses(results);
  std::vector<int64_t> classes;
  if (numClasses == 0)
    return classes;
  // The dimensions behind the one of classes have size 1.
  llvm::ArrayRef<double> rest(results.elements);
  for (; !rest.empty(); rest = rest.drop_front(numClasses))
    classes.push_back(findLargest(rest.take_front(numClasses)));
  return classes;
}

double mlir::ptq::getAgreement(llvm::ArrayRef<int64_t> classes,
                               llvm::ArrayRef<int64_t> others) {
  assert(classes.size() == others.size() && "lists differ in length");
  if (classes.empty())
    return 1;
  int64_t equal = 0;
  for (auto [a, b] : llvm::zip_equal(classes, others))
    equal += a == b;
  return static_cast<double>(equal) / classes.size();
}

//===----------------------------------------------------------------------===//
// Tokens
//===----------------------------------------------------------------------===//

/// -log softmax(logits)[index], without overflow.
static double getLoss(llvm::ArrayRef<double> logits, int64_t index) {
  double largest = *llvm::max_element(logits);
  double sum = 0;
  for (double logit : logits)
    sum += std::exp(logit - largest);
  return std::log(sum) + (largest - logits[index]);
}

double mlir::ptq::getNextTokenLoss(const SampleResults &logits,
                                   llvm::ArrayRef<int64_t> tokens) {
  llvm::ArrayRef<int64_t> shape = logits.sampleShape;
  int64_t length = shape[shape.size() - 2], numTokens = shape.back();
  assert(logits.elements.size() == tokens.size() * numTokens && length >= 2 &&
         "tokens do not fit the logits");
  llvm::ArrayRef<double> rows(logits.elements);
  double sum = 0;
  size_t count = 0;
  for (size_t row = 0; row < tokens.size(); ++row) {
    // The last position of a sequence has no next one.
    if ((row + 1) % length == 0)
      continue;
    sum += getLoss(rows.slice(row * numTokens, numTokens), tokens[row + 1]);
    ++count;
  }
  return sum / count;
}

//===----------------------------------------------------------------------===//
// Noise
//===----------------------------------------------------------------------===//

template <typename T>
void NoiseSum::add(llvm::ArrayRef<T> reference, llvm::ArrayRef<T> elements) {
  assert(reference.size() == elements.size() && "lists differ in length");
  for (auto [first, second] : llvm::zip_equal(reference, elements)) {
    double r = first, x = second;
    if (std::isfinite(r) && std::isfinite(x)) {
      signal += r * r;
      noise += (r - x) * (r - x);
    } else if (r != x && !(std::isnan(r) && std::isnan(x))) {
      noise = std::numeric_limits<double>::infinity();
    }
  }
}

template void NoiseSum::add(llvm::ArrayRef<float>, llvm::ArrayRef<float>);
template void NoiseSum::add(llvm::ArrayRef<double>, llvm::ArrayRef<double>);

double NoiseSum::getDecibels() const {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (noise == 0)
    return kInfinity;
  return std::isinf(noise) ? -kInfinity : 10 * std::log10(signal / noise);
}

double mlir::ptq::limitDecibels(double ratio) {
  constexpr double kMaxDecibels = 999;
  return std::clamp(ratio, -kMaxDecibels, kMaxDecibels);
}

double mlir::ptq::getSQNR(llvm::ArrayRef<double> reference,
                          llvm::ArrayRef<double> elements) {
  NoiseSum sum;
  sum.add(reference, elements);
  return sum.getDecibels();
}

double mlir::ptq::getMedian(std::vector<double> values) {
  assert(!values.empty() && "no values have no median");
  llvm::sort(values);
  double lower = values[(values.size() - 1) / 2];
  double upper = values[values.size() / 2];
  // Infinities of opposite sign have no mean.
  return lower == upper || std::isinf(lower) ? lower : (lower + upper) / 2;
}

double mlir::ptq::getMedianSQNR(const SampleResults &reference,
                                const SampleResults &results) {
  std::vector<double> ratios;
  for (int64_t i = 0; i < results.numSamples; ++i)
    ratios.push_back(getSQNR(reference.getSample(i), results.getSample(i)));
  return getMedian(std::move(ratios));
}
