//===- Metrics.h - How good results are -------------------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_METRICS_METRICS_H
#define PTQ_METRICS_METRICS_H

#include "ptq/Calibration/NumpyArray.h"
#include <vector>

namespace mlir::ptq {

/// Results of samples as numbers, one sample after the other.
struct SampleResults {
  /// The shape of one sample.
  llvm::SmallVector<int64_t> sampleShape;
  int64_t numSamples = 0;
  std::vector<double> elements;

  /// The elements of `array`, whose samples lie along `sampleAxis`.
  static SampleResults get(const NumpyArray &array, int64_t sampleAxis);

  llvm::ArrayRef<double> getSample(int64_t index) const;
};

/// The index of the largest element along the last dimension whose size is not
/// 1, for each position of the others, sample by sample. The first of equal
/// elements counts, and NaN as the largest, as in numpy.argmax.
std::vector<int64_t> getTopClasses(const SampleResults &results);

/// The number of classes that getTopClasses chooses from.
int64_t getNumClasses(const SampleResults &results);

/// The share of positions, from 0 to 1, at which two lists of equal length
/// agree. Of empty lists, 1.
double getAgreement(llvm::ArrayRef<int64_t> classes,
                    llvm::ArrayRef<int64_t> others);

/// How badly logits [..., T, V] of each sample foretell its tokens [..., T]:
/// the mean, over samples and the first T - 1 positions, of -log
/// softmax(logits) at the token of the next position. There are as many tokens
/// as rows of logits, all below V, and at least two positions.
double getNextTokenLoss(const SampleResults &logits,
                        llvm::ArrayRef<int64_t> tokens);

/// The power of a reference and of the noise of what is compared with it,
/// summed up as elements come.
struct NoiseSum {
  double signal = 0;
  double noise = 0;

  /// Adds elements and what they are compared with. An element that is not
  /// finite adds no noise where both are alike (both NaN, or the same infinity)
  /// and infinite noise where they are not.
  template <typename T>
  void add(llvm::ArrayRef<T> reference, llvm::ArrayRef<T> elements);
  void add(const NoiseSum &other) {
    signal += other.signal;
    noise += other.noise;
  }

  /// The signal-to-noise ratio 10 log10(signal / noise) in dB. Infinite without
  /// noise.
  double getDecibels() const;
};

/// A ratio in dB within the limits of reports, which JSON could not hold
/// otherwise: what equals its reference has 999 dB, what is NaN or infinite
/// where the reference is not has -999 dB.
double limitDecibels(double ratio);

/// The signal-to-quantization-noise ratio of elements against the reference, in
/// dB, as NoiseSum has it.
double getSQNR(llvm::ArrayRef<double> reference,
               llvm::ArrayRef<double> elements);

/// The median of at least one value: of an even number, the mean of the middle
/// two.
double getMedian(std::vector<double> values);

/// The median over samples of their ratios. There must be at least one sample.
double getMedianSQNR(const SampleResults &reference,
                     const SampleResults &results);

} // namespace mlir::ptq

#endif // PTQ_METRICS_METRICS_H
