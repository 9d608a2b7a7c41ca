//===- GridSelection.cpp - The grid with the least output error -----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GridSelection.h"

using namespace mlir::ptq;

GridSelection mlir::ptq::selectGrids(const GPTQ &gptq,
                                     llvm::ArrayRef<WeightGrid> grids,
                                     bool sharesGrid, ParallelFor parallelFor) {
  GridSelection best;
  VectorD bestErrors;
  for (int64_t index = 0, e = grids.size(); index < e; ++index) {
    const WeightGrid &grid = grids[index];
    auto [codes, errors] = gptq.round(grid, parallelFor);
    if (sharesGrid)
      errors.setConstant(errors.sum());
    if (index == 0) {
      best = {std::vector<int64_t>(codes.rows(), 0), grid, std::move(codes)};
      bestErrors = std::move(errors);
      continue;
    }
    for (int64_t channel = 0; channel < codes.rows(); ++channel) {
      if (!(errors(channel) < bestErrors(channel)))
        continue;
      bestErrors(channel) = errors(channel);
      best.grids[channel] = index;
      best.grid.scales.row(channel) = grid.scales.row(channel);
      best.grid.zeroPoints.row(channel) = grid.zeroPoints.row(channel);
      best.codes.row(channel) = codes.row(channel);
    }
  }
  return best;
}
