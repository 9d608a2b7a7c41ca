//===- MatmulKernel.cpp - Sums of products, vectorized --------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The kernels are written with vector types of the compiler.
//
//===----------------------------------------------------------------------===//

#include "ptq/Support/MatmulKernel.h"
#include "ptq/Support/ProcessorDispatch.h"
#include <cstring>
#include <type_traits>

using namespace mlir::ptq;

namespace {
/// Integer sums wrap, which only unsigned ones may.
template <typename AccT>
using LaneOf =
    std::conditional_t<std::is_integral_v<AccT>, std::make_unsigned<AccT>,
                       std::common_type<AccT>>;

template <typename T, int64_t lanes>
struct VectorOf {
  typedef T type __attribute__((vector_size(sizeof(T) * lanes)));
};

/// How many lanes and rows of a tile are computed together.
template <int64_t lanesOf32Bits, int64_t rowsValue>
struct Shape {
  template <typename AccT>
  static constexpr int64_t lanes = lanesOf32Bits * 4 / sizeof(AccT);
  static constexpr int64_t rows = rowsValue;
};
} // namespace

/// `lanes` elements of T, converted to the accumulator.
template <typename LaneT, typename T, int64_t lanes>
PTQ_INLINE typename VectorOf<LaneT, lanes>::type loadLanes(const T *source) {
  using Lanes = typename VectorOf<LaneT, lanes>::type;
  typename VectorOf<T, lanes>::type narrow;
  std::memcpy(&narrow, source, sizeof(narrow));
  if constexpr (std::is_integral_v<LaneT>) {
    // Sign-extend, then reinterpret as unsigned.
    using Wide = typename VectorOf<std::make_signed_t<LaneT>, lanes>::type;
    return (Lanes) __builtin_convertvector(narrow, Wide);
  } else {
    return __builtin_convertvector(narrow, Lanes);
  }
}

/// `rows` rows and `vectors` vectors of columns, kept in registers over all of
/// k.
template <typename ShapeT, int64_t rows, int64_t vectors, typename AccT,
          typename T>
PTQ_INLINE void multiplyBlock(const MatmulTile<AccT, T> &tile, int64_t row,
                              int64_t column) {
  using LaneT = typename LaneOf<AccT>::type;
  constexpr int64_t lanes = ShapeT::template lanes<AccT>;
  using Lanes = typename VectorOf<LaneT, lanes>::type;
  Lanes sums[rows][vectors];
  for (int64_t m = 0; m < rows; ++m)
    for (int64_t v = 0; v < vectors; ++v)
      std::memcpy(&sums[m][v],
                  tile.c + (row + m) * tile.rowStride + column + v * lanes,
                  sizeof(Lanes));
  const AccT *a = tile.a + row * tile.aRowStride;
#pragma clang loop unroll_count(2)
  for (int64_t k = 0; k < tile.depth; ++k, a += tile.aStride) {
    const T *b = tile.b + tile.offsets[k] + column;
    Lanes columns[vectors];
    for (int64_t v = 0; v < vectors; ++v)
      columns[v] = loadLanes<LaneT, T, lanes>(b + v * lanes);
    for (int64_t m = 0; m < rows; ++m) {
      auto factor = static_cast<LaneT>(a[m * tile.aRowStride]);
      for (int64_t v = 0; v < vectors; ++v)
        sums[m][v] += columns[v] * factor;
    }
  }
  for (int64_t m = 0; m < rows; ++m)
    for (int64_t v = 0; v < vectors; ++v)
      std::memcpy(tile.c + (row + m) * tile.rowStride + column + v * lanes,
                  &sums[m][v], sizeof(Lanes));
}

/// All rows of `vectors` vectors of columns.
template <typename ShapeT, int64_t vectors, typename AccT, typename T>
PTQ_INLINE void multiplyColumns(const MatmulTile<AccT, T> &tile,
                                int64_t column) {
  int64_t row = 0;
  for (; row + ShapeT::rows <= tile.rows; row += ShapeT::rows)
    multiplyBlock<ShapeT, ShapeT::rows, vectors>(tile, row, column);
  if (ShapeT::rows > 4 && row + 4 <= tile.rows) {
    multiplyBlock<ShapeT, 4, vectors>(tile, row, column);
    row += 4;
  }
  if (row + 2 <= tile.rows) {
    multiplyBlock<ShapeT, 2, vectors>(tile, row, column);
    row += 2;
  }
  if (row < tile.rows)
    multiplyBlock<ShapeT, 1, vectors>(tile, row, column);
}

template <typename ShapeT, typename AccT, typename T>
PTQ_INLINE void multiplyTileAs(const MatmulTile<AccT, T> &tile) {
  constexpr int64_t lanes = ShapeT::template lanes<AccT>;
  constexpr int64_t step = 2 * lanes;
  static_assert(kTileColumns % lanes == 0, "a tile is a number of vectors");
  int64_t column = 0;
  // Sums of a single row wait for each other: more of them keep busy.
  if (tile.rows == 1)
    for (; column + 2 * step <= tile.columns; column += 2 * step)
      multiplyBlock<ShapeT, 1, 4>(tile, 0, column);
  for (; column + step <= tile.columns; column += step)
    multiplyColumns<ShapeT, 2>(tile, column);
  if constexpr (kTileColumns % step != 0)
    if (column < tile.columns)
      multiplyColumns<ShapeT, 1>(tile, column);
}

template <typename AccT, typename T>
PTQ_INLINE void multiplyLanesAs(AccT *c, const T *a, const int64_t *aOffsets,
                                const T *b, const int64_t *bOffsets,
                                int64_t depth, int64_t count) {
  using LaneT = typename LaneOf<AccT>::type;
  constexpr int64_t kLanes = 64 / sizeof(AccT);
  using Lanes = typename VectorOf<LaneT, kLanes>::type;
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    Lanes sum;
    std::memcpy(&sum, c + i, sizeof(sum));
    for (int64_t k = 0; k < depth; ++k)
      sum += loadLanes<LaneT, T, kLanes>(a + aOffsets[k] + i) *
             loadLanes<LaneT, T, kLanes>(b + bOffsets[k] + i);
    std::memcpy(c + i, &sum, sizeof(sum));
  }
  for (; i < count; ++i) {
    auto sum = static_cast<LaneT>(c[i]);
    for (int64_t k = 0; k < depth; ++k)
      sum += static_cast<LaneT>(a[aOffsets[k] + i]) *
             static_cast<LaneT>(b[bOffsets[k] + i]);
    c[i] = static_cast<AccT>(sum);
  }
}

#if PTQ_HAS_CPU_DISPATCH
template <typename AccT, typename T>
PTQ_TARGET_AVX512 static void
multiplyTileAVX512(const MatmulTile<AccT, T> &tile) {
  multiplyTileAs<Shape<16, 8>>(tile);
}
template <typename AccT, typename T>
PTQ_TARGET_AVX2 static void multiplyTileAVX2(const MatmulTile<AccT, T> &tile) {
  multiplyTileAs<Shape<8, 4>>(tile);
}
template <typename AccT, typename T>
PTQ_TARGET_AVX512 static void
multiplyLanesAVX512(AccT *c, const T *a, const int64_t *aOffsets, const T *b,
                    const int64_t *bOffsets, int64_t depth, int64_t count) {
  multiplyLanesAs(c, a, aOffsets, b, bOffsets, depth, count);
}
template <typename AccT, typename T>
PTQ_TARGET_AVX2 static void
multiplyLanesAVX2(AccT *c, const T *a, const int64_t *aOffsets, const T *b,
                  const int64_t *bOffsets, int64_t depth, int64_t count) {
  multiplyLanesAs(c, a, aOffsets, b, bOffsets, depth, count);
}
#endif

template <typename AccT, typename T>
void mlir::ptq::multiplyTile(const MatmulTile<AccT, T> &tile) {
#if PTQ_HAS_CPU_DISPATCH
  switch (getProcessorGeneration()) {
  case ProcessorGeneration::AVX512:
    return multiplyTileAVX512(tile);
  case ProcessorGeneration::AVX2:
    return multiplyTileAVX2(tile);
  case ProcessorGeneration::Baseline:
    break;
  }
#endif
  multiplyTileAs<Shape<4, 4>>(tile);
}

template <typename AccT, typename T>
void mlir::ptq::multiplyLanes(AccT *c, const T *a, const int64_t *aOffsets,
                              const T *b, const int64_t *bOffsets,
                              int64_t depth, int64_t count) {
#if PTQ_HAS_CPU_DISPATCH
  switch (getProcessorGeneration()) {
  case ProcessorGeneration::AVX512:
    return multiplyLanesAVX512(c, a, aOffsets, b, bOffsets, depth, count);
  case ProcessorGeneration::AVX2:
    return multiplyLanesAVX2(c, a, aOffsets, b, bOffsets, depth, count);
  case ProcessorGeneration::Baseline:
    break;
  }
#endif
  multiplyLanesAs(c, a, aOffsets, b, bOffsets, depth, count);
}

namespace mlir::ptq {
#define PTQ_INSTANTIATE(AccT, T)                                               \
  template void multiplyTile(const MatmulTile<AccT, T> &);                     \
  template void multiplyLanes(AccT *, const T *, const int64_t *, const T *,   \
                              const int64_t *, int64_t, int64_t);
PTQ_INSTANTIATE(float, float)
PTQ_INSTANTIATE(double, double)
PTQ_INSTANTIATE(int32_t, int8_t)
PTQ_INSTANTIATE(int32_t, int16_t)
PTQ_INSTANTIATE(int32_t, int32_t)
#undef PTQ_INSTANTIATE
} // namespace mlir::ptq
