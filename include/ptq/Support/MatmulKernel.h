//===- MatmulKernel.h - Sums of products, vectorized ------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The inner part of every contraction:
//
//   c[m][n] += sum over k of a[k][m] * b[k][n]
//
// Each element of c is accumulated in the order of k, with one rounding for
// each product and each sum, so f32 results do not depend on the processor and
// equal those of the plain loop. Integers wrap.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_SUPPORT_MATMULKERNEL_H
#define PTQ_SUPPORT_MATMULKERNEL_H

#include <cstddef>
#include <cstdint>

namespace mlir::ptq {

/// Rows of c that one panel of `a` covers, and columns that a kernel computes
/// at once. Panels and tiles at the border are padded to this.
inline constexpr int64_t kPanelRows = 8;
inline constexpr int64_t kTileColumns = 16;

/// Operands of one call: `rows` (1 to kPanelRows) rows and `columns` (a
/// multiple of kTileColumns) columns of c. AccT is what c holds, T what b does.
template <typename AccT, typename T>
struct MatmulTile {
  /// `a[m * aRowStride + k * aStride]`, already in the type of the accumulator.
  const AccT *a;
  int64_t aRowStride = 1;
  int64_t aStride = kPanelRows;
  /// Row k of b begins at `b[offsets[k]]`.
  const T *b;
  const int64_t *offsets;
  int64_t depth;
  AccT *c;
  int64_t rowStride;
  int64_t rows;
  int64_t columns;
};

/// Exist for (float, float), (double, double), (int32_t, int8_t),
/// (int32_t, int16_t) and (int32_t, int32_t).
template <typename AccT, typename T>
void multiplyTile(const MatmulTile<AccT, T> &tile);

/// `c[i] += sum over k of a[aOffsets[k] + i] * b[bOffsets[k] + i]` for i below
/// `count`: what is left of a contraction whose contiguous loop is a batch.
/// Exist for the same pairs of c and of a and b alike.
template <typename AccT, typename T>
void multiplyLanes(AccT *c, const T *a, const int64_t *aOffsets, const T *b,
                   const int64_t *bOffsets, int64_t depth, int64_t count);

} // namespace mlir::ptq

#endif // PTQ_SUPPORT_MATMULKERNEL_H
