//===- OracleData.h - Deterministic sample sets -----------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sample sets whose optimal thresholds were computed independently of this
// code, from their definitions:
//
//   D1  Gaussian quantiles at (i + .5) / 4096
//   D2  Laplace quantiles at the same points
//   D3  D1 and one outlier at 20
//   D4  D1 after a ReLU
//   D5  i / 4095
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_TEST_UNIT_CALIBRATION_ORACLEDATA_H
#define PTQ_TEST_UNIT_CALIBRATION_ORACLEDATA_H

#include "ptq/Calibration/Distribution.h"
#include "ptq/Calibration/RangeEstimator.h"
#include <cmath>
#include <vector>

namespace mlir::ptq::test {

constexpr int kNumQuantiles = 4096;

/// The x below which a Gaussian value lies with probability `p`.
inline double getGaussianQuantile(double p) {
  double low = -10, high = 10;
  for (int i = 0; i < 200; ++i) {
    double middle = (low + high) / 2;
    (0.5 * std::erfc(-middle / std::sqrt(2.0)) < p ? low : high) = middle;
  }
  return low;
}

inline std::vector<float> makeD1() {
  std::vector<float> values;
  for (int i = 0; i < kNumQuantiles; ++i)
    values.push_back(
        static_cast<float>(getGaussianQuantile((i + 0.5) / kNumQuantiles)));
  return values;
}

inline std::vector<float> makeD2() {
  std::vector<float> values;
  for (int i = 0; i < kNumQuantiles; ++i) {
    double p = (i + 0.5) / kNumQuantiles;
    values.push_back(
        static_cast<float>(p < 0.5 ? std::log(2 * p) : -std::log(2 * (1 - p))));
  }
  return values;
}

inline std::vector<float> makeD3() {
  std::vector<float> values = makeD1();
  values.push_back(20.0f);
  return values;
}

inline std::vector<float> makeD4() {
  std::vector<float> values = makeD1();
  for (float &x : values)
    x = std::max(x, 0.0f);
  return values;
}

inline std::vector<float> makeD5() {
  std::vector<float> values;
  for (int i = 0; i < kNumQuantiles; ++i)
    values.push_back(static_cast<float>(i / 4095.0));
  return values;
}

inline ChannelStatistics makeStatistics(const std::vector<float> &values,
                                        StatisticsDetail detail) {
  ChannelStatistics statistics(detail);
  statistics.add(values);
  return statistics;
}

/// Symmetric int8 without the most negative code.
constexpr EncodingSpec kSymmetricInt8 = {Symmetry::Symmetric, {-127, 127}};
constexpr EncodingSpec kAsymmetricInt8 = {Symmetry::Asymmetric, {-128, 127}};

} // namespace mlir::ptq::test

#endif // PTQ_TEST_UNIT_CALIBRATION_ORACLEDATA_H
