//===- MinimalFilter.cpp - Filters with fewer products --------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MinimalFilter.h"

using namespace mlir;
using namespace mlir::ptq;

/// F(2, 3): four products.
static constexpr MinimalFilter kNeighbours = {{4,
                                               4,
                                               {1, 0, -1, 0, //
                                                0, 1, 1, 0,  //
                                                0, -1, 1, 0, //
                                                0, 1, 0, -1}},
                                              {4,
                                               3,
                                               {2, 0, 0,  //
                                                1, 1, 1,  //
                                                1, -1, 1, //
                                                0, 0, 2}},
                                              {2,
                                               4,
                                               {1, 1, 1, 0, //
                                                0, 1, -1, -1}},
                                              /*isDoubled=*/true};

/// The outer taps meet every second activation, by F(2, 2): three products. The
/// one in the middle meets the others: two.
static constexpr MinimalFilter kEverySecond = {{5, 5, {1, 0, -1, 0, 0,  //
                                                       0, 0, 1,  0, 0,  //
                                                       0, 0, 1,  0, -1, //
                                                       0, 1, 0,  0, 0,  //
                                                       0, 0, 0,  1, 0}},
                                               {5,
                                                3,
                                                {1, 0, 0, //
                                                 1, 0, 1, //
                                                 0, 0, 1, //
                                                 0, 1, 0, //
                                                 0, 1, 0}},
                                               {2,
                                                5,
                                                {1, 1, 0, 1, 0, //
                                                 0, 1, -1, 0, 1}},
                                               /*isDoubled=*/false};

const MinimalFilter *MinimalFilter::get(int64_t stride) {
  if (stride == 1)
    return &kNeighbours;
  return stride == 2 ? &kEverySecond : nullptr;
}
