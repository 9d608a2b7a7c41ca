//===- Contenders.h - What the benchmark times -----------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A network as the benchmark knows it, and those who compute it. Each peer is
// a file of its own, and is compiled only where CMake finds its library.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_BENCHMARK_CONTENDERS_H
#define PTQ_BENCHMARK_CONTENDERS_H

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace mlir::ptq::benchmark {

/// A product of two matrices or a convolution of one image, with constant
/// weights. Activations are row-major, images in H, W, C order.
struct Layer {
  enum class Kind { Matmul, Convolution, Depthwise };

  Kind kind;
  /// Rows and columns, or height, width and channels.
  std::vector<int64_t> input, output;
  /// Rows and columns, or height, width, input and output channels; the third
  /// of a depthwise convolution is 1.
  std::vector<int64_t> weights;
  int64_t stride = 1;
  /// Rows and columns of zeros around the image.
  int64_t top = 0, left = 0, bottom = 0, right = 0;
  /// Signed bytes or floats.
  std::vector<char> weightValues;
  /// For each output channel of integer networks: what is added to a sum, and
  /// what it is multiplied by to become a code.
  std::vector<int32_t> biases;
  std::vector<float> scales;
};

/// Layers one after the other. An integer network computes on unsigned codes
/// whose zero point is 0, so that saturation is its ReLU.
struct Network {
  bool isInteger = false;
  std::vector<Layer> layers;
};

/// Work that can be done again and again.
using Work = std::function<void()>;

/// Work that reads `input` and writes `output`, by oneDNN and by OpenBLAS.
/// OpenBLAS knows single matrix products of floats; for others it has none.
/// oneDNN says how it computes each layer.
Work prepareOneDNN(const Network &network, const void *input, void *output,
                   std::vector<std::string> &implementations);
Work prepareOpenBLAS(const Network &network, const void *input, void *output);

/// The version, and the instructions that it allows itself.
std::string describeOneDNN();
std::string describeOpenBLAS();

/// Nothing but products, as many at a time as this processor can.
struct DotProducts {
  /// The instruction; empty where none is known.
  std::string instruction;
  int64_t numProducts = 0;
  Work work;
};
DotProducts getIntegerDotProducts();
DotProducts getFloatDotProducts();

/// Work that reads `numBytes` bytes, a multiple of 256, from memory aligned to
/// 64; none where no way to read at full speed is known.
Work prepareReading(const char *bytes, int64_t numBytes);

} // namespace mlir::ptq::benchmark

#endif // PTQ_BENCHMARK_CONTENDERS_H
