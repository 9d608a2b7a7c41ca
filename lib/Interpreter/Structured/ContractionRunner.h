//===- ContractionRunner.h - Runs a contraction -----------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Brings the operands of a contraction before the kernel, as far as it cannot
// read them where they lie.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_INTERPRETER_STRUCTURED_CONTRACTIONRUNNER_H
#define PTQ_LIB_INTERPRETER_STRUCTURED_CONTRACTIONRUNNER_H

#include "../CopyRuns.h"
#include "ContractionPlan.h"
#include "ptq/Support/MatmulKernel.h"
#include "llvm/Support/MathExtras.h"
#include <array>
#include <cstdlib>

namespace mlir::ptq {

/// Memory that may not be there.
template <typename T>
class Scratch {
public:
  explicit Scratch(int64_t count)
      : data(static_cast<T *>(std::aligned_alloc(
            64, llvm::alignTo(std::max<int64_t>(count, 1) * sizeof(T), 64)))) {}
  ~Scratch() { std::free(data); }
  Scratch(const Scratch &) = delete;
  Scratch &operator=(const Scratch &) = delete;
  explicit operator bool() const { return data; }
  T *get() const { return data; }

private:
  T *data;
};

/// Rows that are packed at a time.
inline constexpr int64_t kChunkRows = 32 * kPanelRows;

/// A contraction with the types of its operands: LhsT is packed into the type
/// of the accumulator, RhsT is converted as it is read.
template <typename AccT, typename LhsT, typename RhsT>
class ContractionRunner {
public:
  ContractionRunner(const IterationSpace &space, const ContractionPlan &plan);

  /// False if memory runs out.
  bool run(const LhsT *lhs, const RhsT *rhs, AccT *out);

private:
  struct Tile {
    int64_t begin;
    int64_t count;
    /// What is computed: a multiple of kTileColumns. The columns of the tile
    /// come after `skipped` others, and padding follows.
    int64_t padded;
    int64_t skipped = 0;
  };
  struct Batch {
    const LhsT *lhs;
    const RhsT *rhs;
    AccT *out;
  };
  Tile getTile(int64_t begin) const;
  MatmulTile<AccT, RhsT> getOperands(const RhsT *rhs, const Tile &tile);
  void runBatch(const Batch &batch);
  void runSingleRows(ArrayRef<Batch> batches);
  bool canReadLhsInPlace() const;
  void setLhs(MatmulTile<AccT, RhsT> &operands, const LhsT *lhs,
              const AccT *packed) const;
  void packLhs(const LhsT *lhs, int64_t rowBegin, int64_t rowCount);
  void packRhs(const RhsT *rhs, const Tile &tile);
  void loadRow(const Tile &tile, AccT *to, const AccT *row);
  void storeRow(const Tile &tile, AccT *row, const AccT *from);
  void runPanel(MatmulTile<AccT, RhsT> operands, AccT *out, int64_t rowBegin,
                const Tile &tile);
  template <typename Move>
  void forEachRun(const Tile &tile, Move move);

  const IterationSpace &space;
  const ContractionPlan &plan;
  unsigned lhsIndex, rhsIndex;
  SmallVector<int64_t, 0> lhsRows, outRows, lhsSums, rhsSums, rhsColumns;
  SmallVector<int64_t, 0> packedOffsets;
  int64_t depth, numRows, numColumns;
  /// Between the rows of lhs and between its products, where they are regular.
  std::optional<int64_t> lhsRowStride, lhsStride;
  /// Columns including those in gaps.
  int64_t numVirtual;
  int64_t tileColumns;
  Scratch<AccT> packedLhs;
  Scratch<RhsT> packedRhs;
  Scratch<AccT> tileOut;
  /// What packedLhs holds.
  const LhsT *packedFrom = nullptr;
  int64_t packedRow = -1;
};

/// The distance between neighbours of `offsets`, if it is always the same.
inline std::optional<int64_t> getStride(ArrayRef<int64_t> offsets) {
  if (offsets.size() < 2)
    return 0;
  int64_t stride = offsets[1] - offsets[0];
  for (size_t i = 2; i < offsets.size(); ++i)
    if (offsets[i] - offsets[i - 1] != stride)
      return std::nullopt;
  return stride;
}

/// A tile of rhs stays in the first-level cache while all rows pass over it;
/// a few rows do not mind if it is larger.
inline int64_t getTileColumns(int64_t rows, int64_t depth, int64_t elementSize,
                              int64_t columns) {
  int64_t bytes = (rows > kPanelRows ? 16 : 256) * 1024;
  int64_t fitting = bytes / std::max<int64_t>(depth * elementSize, 1);
  fitting = std::clamp<int64_t>(fitting, 2 * kTileColumns, 1024);
  return llvm::alignTo(std::min(fitting, columns), kTileColumns);
}

template <typename AccT, typename LhsT, typename RhsT>
ContractionRunner<AccT, LhsT, RhsT>::ContractionRunner(
    const IterationSpace &space, const ContractionPlan &plan)
    : space(space), plan(plan), lhsIndex(plan.swapped ? kRhs : kLhs),
      rhsIndex(plan.swapped ? kLhs : kRhs),
      lhsRows(getOffsets(space, plan.rows, lhsIndex)),
      outRows(getOffsets(space, plan.rows, kOut)),
      lhsSums(getOffsets(space, plan.sums, lhsIndex)),
      rhsSums(getOffsets(space, plan.sums, rhsIndex)), depth(lhsSums.size()),
      numRows(lhsRows.size()), numColumns(getCount(space, plan.columns)),
      lhsRowStride(getStride(lhsRows)), lhsStride(getStride(lhsSums)),
      numVirtual(plan.readsInPlace
                     ? (numColumns / plan.runLength - 1) * plan.runPitch +
                           plan.runLength
                     : numColumns),
      tileColumns(getTileColumns(numRows, depth, sizeof(RhsT), numVirtual)),
      packedLhs(canReadLhsInPlace()
                    ? 0
                    : llvm::alignTo(std::min(numRows, kChunkRows), kPanelRows) *
                          depth),
      packedRhs(depth * tileColumns), tileOut(kPanelRows * tileColumns) {
  if (!plan.readsInPlace)
    rhsColumns = getOffsets(space, plan.columns, rhsIndex);
  packedOffsets.resize(depth);
}

/// Whether lhs has the type of the accumulator and is regular.
template <typename AccT, typename LhsT, typename RhsT>
bool ContractionRunner<AccT, LhsT, RhsT>::canReadLhsInPlace() const {
  return std::is_same_v<AccT, LhsT> && lhsRowStride && lhsStride;
}

/// Gives the kernel rows of lhs, which begin at `lhs` or have been packed.
template <typename AccT, typename LhsT, typename RhsT>
void ContractionRunner<AccT, LhsT, RhsT>::setLhs(
    MatmulTile<AccT, RhsT> &operands, const LhsT *lhs,
    const AccT *packed) const {
  operands.a = packed;
  if constexpr (std::is_same_v<AccT, LhsT>)
    if (canReadLhsInPlace()) {
      operands.a = lhs;
      operands.aRowStride = *lhsRowStride;
      operands.aStride = *lhsStride;
    }
}

/// Packs rows into panels: for every product the elements of eight rows.
template <typename AccT, typename LhsT, typename RhsT>
void ContractionRunner<AccT, LhsT, RhsT>::packLhs(const LhsT *lhs,
                                                  int64_t rowBegin,
                                                  int64_t rowCount) {
  if (canReadLhsInPlace() || (packedFrom == lhs && packedRow == rowBegin))
    return;
  packedFrom = lhs;
  packedRow = rowBegin;
  for (int64_t row = 0; row < rowCount; row += kPanelRows) {
    AccT *panel = packedLhs.get() + row * depth;
    // Rows that do not exist are never read.
    std::array<const LhsT *, kPanelRows> sources;
    for (int64_t m = 0; m < kPanelRows; ++m)
      sources[m] = lhs + lhsRows[rowBegin + std::min(row + m, rowCount - 1)];
    for (int64_t k = 0; k < depth; ++k, panel += kPanelRows)
      for (int64_t m = 0; m < kPanelRows; ++m)
        panel[m] = static_cast<AccT>(sources[m][lhsSums[k]]);
  }
}

/// Gathers the columns of a tile, one row for each product, and pads them with
/// zeros.
template <typename AccT, typename LhsT, typename RhsT>
void ContractionRunner<AccT, LhsT, RhsT>::packRhs(const RhsT *rhs,
                                                  const Tile &tile) {
  for (int64_t k = 0; k < depth; ++k) {
    RhsT *row = packedRhs.get() + k * tile.padded;
    packedOffsets[k] = k * tile.padded;
    const RhsT *source = rhs + rhsSums[k];
    if (plan.readsInPlace) {
      std::memcpy(row, source + tile.begin, tile.count * sizeof(RhsT));
    } else {
      for (int64_t n = 0; n < tile.count; ++n)
        row[n] = source[rhsColumns[tile.begin + n]];
    }
    std::fill(row + tile.count, row + tile.padded, RhsT(0));
  }
}

/// Calls `move(column of what is computed, column of the result, length, number
/// of runs)` for the columns of the tile that are no gaps.
template <typename AccT, typename LhsT, typename RhsT>
template <typename Move>
void ContractionRunner<AccT, LhsT, RhsT>::forEachRun(const Tile &tile,
                                                     Move move) {
  int64_t length = plan.runLength, pitch = plan.runPitch;
  if (!plan.hasGaps())
    return move(tile.skipped, tile.begin, tile.count, 1);
  auto moveRuns = [&](int64_t run, int64_t first, int64_t last, int64_t count) {
    if (first < last && count > 0)
      move(tile.skipped + run * pitch + first - tile.begin,
           run * length + first, last - first, count);
  };
  // The tile may begin and end within a run.
  int64_t end = tile.begin + tile.count;
  int64_t run = tile.begin / pitch, lastRun = end / pitch;
  int64_t first = tile.begin - run * pitch;
  if (run == lastRun)
    return moveRuns(run, first, std::min(length, end - run * pitch), 1);
  moveRuns(run, first, length, 1);
  moveRuns(run + 1, 0, length, lastRun - run - 1);
  moveRuns(lastRun, 0, std::min(length, end - lastRun * pitch), 1);
}

/// Copies a row of the result to or from scratch memory for what is computed.
template <typename AccT, typename LhsT, typename RhsT>
void ContractionRunner<AccT, LhsT, RhsT>::loadRow(const Tile &tile, AccT *to,
                                                  const AccT *row) {
  constexpr int64_t kSize = sizeof(AccT);
  forEachRun(tile, [&](int64_t column, int64_t outColumn, int64_t length,
                       int64_t count) {
    copyRuns(reinterpret_cast<char *>(to + column), plan.runPitch * kSize,
             reinterpret_cast<const char *>(row + outColumn),
             plan.runLength * kSize, length * kSize, count);
  });
}

template <typename AccT, typename LhsT, typename RhsT>
void ContractionRunner<AccT, LhsT, RhsT>::storeRow(const Tile &tile, AccT *row,
                                                   const AccT *from) {
  constexpr int64_t kSize = sizeof(AccT);
  forEachRun(tile, [&](int64_t column, int64_t outColumn, int64_t length,
                       int64_t count) {
    copyRuns(reinterpret_cast<char *>(row + outColumn), plan.runLength * kSize,
             reinterpret_cast<const char *>(from + column),
             plan.runPitch * kSize, length * kSize, count);
  });
}

/// The tile that begins at column `begin`.
template <typename AccT, typename LhsT, typename RhsT>
typename ContractionRunner<AccT, LhsT, RhsT>::Tile
ContractionRunner<AccT, LhsT, RhsT>::getTile(int64_t begin) const {
  Tile tile;
  tile.begin = begin;
  tile.count = std::min(tileColumns, numVirtual - begin);
  // What does not fill a vector is a tile of its own, so that the rest can be
  // used where it lies. It is computed together with columns before it.
  if (tile.count > kTileColumns)
    tile.count -= tile.count % kTileColumns;
  tile.padded = llvm::alignTo(tile.count, kTileColumns);
  if (plan.readsInPlace && begin >= tile.padded - tile.count)
    tile.skipped = tile.padded - tile.count;
  return tile;
}

/// Operands of the kernel for a tile: rhs where it lies, or packed.
template <typename AccT, typename LhsT, typename RhsT>
MatmulTile<AccT, RhsT>
ContractionRunner<AccT, LhsT, RhsT>::getOperands(const RhsT *rhs,
                                                 const Tile &tile) {
  MatmulTile<AccT, RhsT> operands;
  operands.depth = depth;
  operands.columns = tile.padded;
  operands.rowStride = tile.padded;
  if (plan.readsInPlace && tile.skipped + tile.count == tile.padded) {
    operands.b = rhs + (tile.begin - tile.skipped);
    operands.offsets = rhsSums.data();
  } else {
    packRhs(rhs, tile);
    operands.b = packedRhs.get();
    operands.offsets = packedOffsets.data();
  }
  return operands;
}

/// Multiplies one panel of rows with one tile of columns.
template <typename AccT, typename LhsT, typename RhsT>
void ContractionRunner<AccT, LhsT, RhsT>::runPanel(
    MatmulTile<AccT, RhsT> operands, AccT *out, int64_t rowBegin,
    const Tile &tile) {
  ArrayRef<int64_t> rows =
      ArrayRef<int64_t>(outRows).slice(rowBegin, operands.rows);
  int64_t rowStride = operands.rows > 1 ? rows[1] - rows[0] : tile.padded;
  bool regular = true;
  for (int64_t row = 2; row < operands.rows; ++row)
    regular &= rows[row] - rows[0] == row * rowStride;
  if (regular && !plan.hasGaps() && tile.count == tile.padded) {
    operands.c = out + rows[0] + tile.begin;
    operands.rowStride = rowStride;
    return multiplyTile(operands);
  }
  operands.c = tileOut.get();
  std::memset(tileOut.get(), 0, operands.rows * tile.padded * sizeof(AccT));
  for (auto [m, row] : llvm::enumerate(rows))
    loadRow(tile, operands.c + m * tile.padded, out + row);
  multiplyTile(operands);
  for (auto [m, row] : llvm::enumerate(rows))
    storeRow(tile, out + row, operands.c + m * tile.padded);
}

template <typename AccT, typename LhsT, typename RhsT>
void ContractionRunner<AccT, LhsT, RhsT>::runBatch(const Batch &batch) {
  for (int64_t begin = 0; begin < numVirtual;) {
    Tile tile = getTile(begin);
    begin += tile.count;
    MatmulTile<AccT, RhsT> operands = getOperands(batch.rhs, tile);
    for (int64_t chunk = 0; chunk < numRows; chunk += kChunkRows) {
      int64_t chunkRows = std::min(kChunkRows, numRows - chunk);
      packLhs(batch.lhs, chunk, chunkRows);
      for (int64_t row = 0; row < chunkRows; row += kPanelRows) {
        setLhs(operands, batch.lhs + lhsRows[chunk + row],
               packedLhs.get() + row * depth);
        operands.rows = std::min(kPanelRows, chunkRows - row);
        runPanel(operands, batch.out, chunk + row, tile);
      }
    }
  }
}

/// Runs up to kPanelRows batches of one row each side by side: a processor that
/// reads what it has just written in other pieces has to wait.
template <typename AccT, typename LhsT, typename RhsT>
void ContractionRunner<AccT, LhsT, RhsT>::runSingleRows(
    ArrayRef<Batch> batches) {
  if (!canReadLhsInPlace())
    for (int64_t k = 0; k < depth; ++k)
      for (auto [m, batch] : llvm::enumerate(batches))
        packedLhs.get()[k * kPanelRows + m] =
            static_cast<AccT>(batch.lhs[lhsSums[k]]);
  for (int64_t begin = 0; begin < numVirtual;) {
    Tile tile = getTile(begin);
    begin += tile.count;
    AccT *rows = tileOut.get();
    std::memset(rows, 0, batches.size() * tile.padded * sizeof(AccT));
    for (auto [m, batch] : llvm::enumerate(batches))
      loadRow(tile, rows + m * tile.padded, batch.out);
    for (auto [m, batch] : llvm::enumerate(batches)) {
      MatmulTile<AccT, RhsT> operands = getOperands(batch.rhs, tile);
      setLhs(operands, batch.lhs, packedLhs.get() + m);
      operands.c = rows + m * tile.padded;
      operands.rows = 1;
      multiplyTile(operands);
    }
    for (auto [m, batch] : llvm::enumerate(batches))
      storeRow(tile, batch.out, rows + m * tile.padded);
  }
}

template <typename AccT, typename LhsT, typename RhsT>
bool ContractionRunner<AccT, LhsT, RhsT>::run(const LhsT *lhs, const RhsT *rhs,
                                              AccT *out) {
  if (!packedLhs || !packedRhs || !tileOut)
    return false;
  LoopCounter counter(space, plan.batches);
  auto getBatch = [&] {
    return Batch{lhs + counter.getOffset(lhsIndex),
                 rhs + counter.getOffset(rhsIndex),
                 out + counter.getOffset(kOut)};
  };
  bool sideBySide = plan.rows.empty() && plan.hasGaps();
  SmallVector<Batch, kPanelRows> batches;
  do {
    batches.push_back(getBatch());
    if (!sideBySide)
      runBatch(batches.pop_back_val());
    if (batches.size() == kPanelRows) {
      runSingleRows(batches);
      batches.clear();
    }
  } while (counter.next());
  runSingleRows(batches);
  return true;
}

} // namespace mlir::ptq

#endif // PTQ_LIB_INTERPRETER_STRUCTURED_CONTRACTIONRUNNER_H
