//===- LayerMeasurement.cpp - What a layer reads in the calls -------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LayerMeasurement.h"
#include <random>

using namespace mlir;
using namespace mlir::ptq;

/// Every so manieth call is held back.
static constexpr int64_t kHeldStride = 5;

/// Calls are read together until there are so many rows.
static constexpr int64_t kRowsAtOnce = 2048;

/// Reads the inputs of one call, and the outputs that are wanted without bias.
void LayerMeasurement::readCall(int64_t call, int64_t group,
                                const MatrixF &weights,
                                Eigen::Ref<MatrixF> inputs,
                                Eigen::Ref<MatrixF> targets) const {
  geometry.readInputs(calls.getQuantized(call, activation), group, inputs);
  if (isSymmetric) {
    targets.noalias() = inputs * weights.transpose();
    return;
  }
  MatrixF floatInputs(inputs.rows(), inputs.cols());
  geometry.readInputs(calls.getFloat(call, activation), group, floatInputs);
  targets.noalias() = floatInputs * weights.transpose();
}

void LayerMeasurement::addCalls(int64_t group, const MatrixF &weights,
                                ArrayRef<int64_t> part, LayerMoments &moments,
                                ParallelFor parallelFor) const {
  int64_t numRows = geometry.getNumRows();
  int64_t callsAtOnce =
      std::max<int64_t>(1, kRowsAtOnce / std::max<int64_t>(1, numRows));
  while (!part.empty()) {
    ArrayRef<int64_t> some = part.take_front(callsAtOnce);
    part = part.drop_front(some.size());
    auto count = static_cast<int64_t>(some.size());
    MatrixF inputs(count * numRows, geometry.getDepth());
    MatrixF targets(count * numRows, geometry.getNumChannels());
    parallelFor(count, [&](int64_t i) {
      readCall(some[i], group, weights, inputs.middleRows(i * numRows, numRows),
               targets.middleRows(i * numRows, numRows));
    });
    moments.add(inputs, targets, parallelFor);
  }
}

void LayerMeasurement::measureMoments(int64_t group, LayerToRound &layer,
                                      ParallelFor parallelFor) const {
  SmallVector<int64_t> fit, held;
  for (int64_t call = 0; call < calls.getNumCalls(); ++call)
    (call % kHeldStride == kHeldStride - 1 ? held : fit).push_back(call);
  layer.held = LayerMoments(geometry.getNumChannels(), geometry.getDepth());
  addCalls(group, layer.weights, held, layer.held, parallelFor);
  layer.all = layer.held;
  addCalls(group, layer.weights, fit, layer.all, parallelFor);
}

/// `count` of the numbers below `total` in random order. The engine's numbers
/// are those of the standard; distributions' are not.
static SmallVector<int64_t> draw(int64_t total, int64_t count,
                                 std::mt19937_64 &generator) {
  SmallVector<int64_t> numbers = llvm::to_vector(llvm::seq<int64_t>(0, total));
  count = std::min(count, total);
  for (int64_t i = 0; i < count; ++i)
    std::swap(numbers[i], numbers[i + generator() % (total - i)]);
  numbers.truncate(count);
  return numbers;
}

ReconstructionSample LayerMeasurement::drawSample(int64_t group,
                                                  const MatrixF &weights,
                                                  VectorF bias, int64_t maxRows,
                                                  uint64_t seed) const {
  int64_t numCalls = calls.getNumCalls();
  int64_t numRows = geometry.getNumRows();
  int64_t rowsPerCall =
      std::min(numRows, std::max<int64_t>(1, maxRows / numCalls));
  std::mt19937_64 generator(seed);
  // Where each row of the sample goes.
  SmallVector<int64_t> places =
      draw(numCalls * rowsPerCall, numCalls * rowsPerCall, generator);
  ReconstructionSample sample;
  sample.inputs.resize(numCalls * rowsPerCall, geometry.getDepth());
  sample.targets.resize(numCalls * rowsPerCall, geometry.getNumChannels());
  MatrixF inputs(numRows, geometry.getDepth());
  MatrixF targets(numRows, geometry.getNumChannels());
  for (int64_t call = 0; call < numCalls; ++call) {
    readCall(call, group, weights, inputs, targets);
    for (auto [i, row] :
         llvm::enumerate(draw(numRows, rowsPerCall, generator))) {
      int64_t place = places[call * rowsPerCall + i];
      sample.inputs.row(place) = inputs.row(row);
      sample.targets.row(place) = targets.row(row) + bias.transpose();
    }
  }
  sample.bias = std::move(bias);
  return sample;
}
