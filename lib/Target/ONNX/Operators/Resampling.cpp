//===- Resampling.cpp - Where resized images take their elements ----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Resampling.h"
#include <algorithm>
#include <array>
#include <cmath>

using namespace mlir;
using namespace mlir::ptq::importer;

float ResizedDim::getCoordinate(int64_t position) const {
  // Nothing moves where nothing is scaled.
  if (scale == 1.0f && input == output)
    return static_cast<float>(position);
  auto x = static_cast<float>(position);
  switch (mode) {
  case CoordinateMode::HalfPixel:
    return (x + 0.5f) / scale - 0.5f;
  case CoordinateMode::HalfPixelSymmetric: {
    float adjustment =
        static_cast<float>(output) / (scale * static_cast<float>(input));
    float center = static_cast<float>(input) / 2.0f;
    float offset = center * (1.0f - adjustment);
    return offset + (x + 0.5f) / scale - 0.5f;
  }
  case CoordinateMode::PyTorchHalfPixel:
    return output > 1 ? (x + 0.5f) / scale - 0.5f : 0.0f;
  case CoordinateMode::AlignCorners:
    return output > 1 ? x * static_cast<float>(input - 1) /
                            static_cast<float>(output - 1)
                      : 0.0f;
  case CoordinateMode::Asymmetric:
    return x / scale;
  case CoordinateMode::TensorFlowHalfPixel:
    return (x + 0.5f) / scale;
  }
  return x;
}

/// The integer coordinate nearest to `x`. `shrinks` concerns the simple mode.
static float roundCoordinate(float x, NearestMode mode, bool shrinks) {
  switch (mode) {
  case NearestMode::RoundPreferFloor:
    return x == std::floor(x) + 0.5f ? std::floor(x) : std::round(x);
  case NearestMode::RoundPreferCeil:
    return std::floor(x + 0.5f);
  case NearestMode::Floor:
    return std::floor(x);
  case NearestMode::Ceil:
    return std::ceil(x);
  case NearestMode::Simple:
    return shrinks ? std::ceil(x) : std::trunc(x);
  }
  return x;
}

SmallVector<int64_t>
mlir::ptq::importer::getNearestPositions(const ResizedDim &dim,
                                         NearestMode mode) {
  SmallVector<int64_t> positions;
  for (int64_t position = 0; position < dim.output; ++position)
    positions.push_back(std::clamp<int64_t>(
        static_cast<int64_t>(roundCoordinate(dim.getCoordinate(position), mode,
                                             dim.scale < 1.0f)),
        0, dim.input - 1));
  return positions;
}

SmallVector<double>
mlir::ptq::importer::getLinearWeights(const ResizedDim &dim) {
  SmallVector<double> weights(dim.input * dim.output, 0.0);
  auto last = static_cast<float>(dim.input - 1);
  for (int64_t position = 0; position < dim.output; ++position) {
    float x = std::clamp(dim.getCoordinate(position), 0.0f, last);
    auto below = static_cast<int64_t>(x);
    int64_t above = std::min(below + 1, dim.input - 1);
    double fraction = double{x} - static_cast<double>(below);
    weights[below * dim.output + position] += 1.0 - fraction;
    weights[above * dim.output + position] += fraction;
  }
  return weights;
}

/// The weights of the elements at distances 1 + x, x, 1 - x and 2 - x.
static std::array<double, 4> getCubicTaps(double x, double a) {
  auto near = [&](double distance) {
    return ((a + 2) * distance - (a + 3)) * distance * distance + 1;
  };
  auto far = [&](double distance) {
    return ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a;
  };
  return {far(1 + x), near(x), near(1 - x), far(2 - x)};
}

SmallVector<double> mlir::ptq::importer::getCubicWeights(const ResizedDim &dim,
                                                         double a,
                                                         bool excludesOutside) {
  SmallVector<double> weights(dim.input * dim.output, 0.0);
  for (int64_t position = 0; position < dim.output; ++position) {
    float x = dim.getCoordinate(position);
    auto below = static_cast<int64_t>(std::floor(x));
    std::array<double, 4> taps = getCubicTaps(double{x} - std::floor(x), a);
    double sum = 0.0;
    for (auto [index, tap] : llvm::enumerate(taps)) {
      int64_t element = below - 1 + static_cast<int64_t>(index);
      if (excludesOutside && (element < 0 || element >= dim.input))
        continue;
      sum += tap;
      element = std::clamp<int64_t>(element, 0, dim.input - 1);
      weights[element * dim.output + position] += tap;
    }
    if (excludesOutside && sum != 0.0)
      for (int64_t element = 0; element < dim.input; ++element)
        weights[element * dim.output + position] /= sum;
  }
  return weights;
}
