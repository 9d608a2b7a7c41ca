//===- GridSelection.cpp - The grid with the least output error -----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GridSelection.h"

using namespace mlir::ptq;

/// Grids that are tried at the same time, which keeps threads busy where
/// channels are few.
static constexpr size_t kGridsAtOnce = 4;

GridSelection mlir::ptq::selectGrids(const GPTQ &gptq,
                                     llvm::ArrayRef<WeightGrid> grids,
                                     bool sharesGrid, ParallelFor parallelFor) {
  GridSelection best{
      std::vector<int64_t>(grids.front().scales.rows(), 0), grids.front(), {}};
  VectorD bestErrors;
  auto consider = [&](int64_t index, GPTQ::RoundedMatrix &rounded) {
    if (sharesGrid)
      rounded.errors.setConstant(rounded.errors.sum());
    if (index == 0) {
      best.codes = std::move(rounded.codes);
      bestErrors = std::move(rounded.errors);
      return;
    }
    const WeightGrid &grid = grids[index];
    for (int64_t channel = 0; channel < best.codes.rows(); ++channel) {
      if (!(rounded.errors(channel) < bestErrors(channel)))
        continue;
      bestErrors(channel) = rounded.errors(channel);
      best.grids[channel] = index;
      best.grid.scales.row(channel) = grid.scales.row(channel);
      best.grid.zeroPoints.row(channel) = grid.zeroPoints.row(channel);
      best.codes.row(channel) = rounded.codes.row(channel);
    }
  };
  for (size_t begin = 0; begin < grids.size(); begin += kGridsAtOnce) {
    size_t count = std::min(kGridsAtOnce, grids.size() - begin);
    std::vector<GPTQ::RoundedMatrix> some =
        gptq.roundOnEach(grids.slice(begin, count), parallelFor);
    for (size_t i = 0; i < count; ++i)
      consider(static_cast<int64_t>(begin + i), some[i]);
  }
  return best;
}
