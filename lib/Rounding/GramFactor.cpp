//===- GramFactor.cpp - Triangular factors of Gram matrices ---------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GramFactor.h"
#include "ptq/Rounding/PackedMatrix.h"
#include <Eigen/Cholesky>

using namespace mlir::ptq;

GramFactor::~GramFactor() = default;
GramFactor::ColumnSums::~ColumnSums() = default;

//===----------------------------------------------------------------------===//
// Dense
//===----------------------------------------------------------------------===//

/// Rows that are factored together, and the size of tiles that one thread
/// updates at once.
static constexpr int64_t kBlock = 128;

/// Rows of a triangle that are solved for one after the other.
static constexpr int64_t kRowsAtOnce = 32;

/// Some columns of a packed matrix.
using Strip = Eigen::Map<
    Eigen::Matrix<double, Eigen::Dynamic, kTileColumns, Eigen::RowMajor>>;

/// Replaces `x` by the solution of `upper' * y = x`.
static void solveTransposed(const Eigen::Ref<const MatrixD> &upper, Strip x) {
  int64_t size = upper.rows();
  for (int64_t begin = 0; begin < size; begin += kRowsAtOnce) {
    int64_t end = std::min(begin + kRowsAtOnce, size);
    for (int64_t row = begin; row < end; ++row) {
      x.row(row) /= upper(row, row);
      for (int64_t other = row + 1; other < end; ++other)
        x.row(other) -= upper(row, other) * x.row(row);
    }
    PackedMatrix<double> negated(-x.middleRows(begin, end - begin));
    auto rest = upper.block(begin, end, end - begin, size - end);
    addProduct(LeftFactor<double>(rest.transpose()), negated.view(),
               x.data() + end * kTileColumns, kTileColumns);
  }
}

/// Replaces `x` by the solution of `upper * y = x`.
static void solve(const MatrixD &upper, Strip x) {
  int64_t size = upper.rows();
  for (int64_t end = size; end > 0;) {
    int64_t begin = (end - 1) / kRowsAtOnce * kRowsAtOnce;
    MatrixD sums = MatrixD::Zero(end - begin, kTileColumns);
    PackedView<double> solved{x.data() + end * kTileColumns, size - end,
                              kTileColumns, 0};
    addProduct(
        LeftFactor<double>(upper.block(begin, end, end - begin, size - end)),
        solved, sums.data(), kTileColumns);
    x.middleRows(begin, end - begin) -= sums;
    for (int64_t row = end - 1; row >= begin; --row) {
      for (int64_t other = row + 1; other < end; ++other)
        x.row(row) -= upper(row, other) * x.row(other);
      x.row(row) /= upper(row, row);
    }
    end = begin;
  }
}

/// Replaces the upper triangle of a symmetric matrix H by that of U with
/// U' U = H. False if there is none.
static bool factorInPlace(MatrixD &matrix, ParallelFor parallelFor) {
  int64_t size = matrix.rows();
  for (int64_t begin = 0; begin < size; begin += kBlock) {
    int64_t width = std::min(kBlock, size - begin);
    int64_t end = begin + width;
    auto diagonal = matrix.block(begin, begin, width, width);
    Eigen::LLT<Eigen::Ref<MatrixD>, Eigen::Upper> block(diagonal);
    if (block.info() != Eigen::Success || !diagonal.diagonal().allFinite() ||
        !(diagonal.diagonal().array() > 0).all())
      return false;

    // The rest of the rows, then what they leave of those below.
    int64_t rest = size - end;
    auto panel = matrix.block(begin, end, width, rest);
    PackedMatrix<double> packed(width, rest), negated(width, rest);
    parallelFor(packed.getNumStrips(), [&](int64_t index) {
      packed.packStrip(panel, index);
      Strip strip(packed.getRow(0, index), width, kTileColumns);
      solveTransposed(diagonal, strip);
      Strip(negated.getRow(0, index), width, kTileColumns) = -strip;
      int64_t columns = packed.getStripColumns(index);
      panel.middleCols(index * kTileColumns, columns) = strip.leftCols(columns);
    });
    int64_t numTiles = llvm::divideCeil(rest, kBlock);
    auto getColumns = [&](const PackedMatrix<double> &from, int64_t tile) {
      return from.view().middleColumns(tile * kBlock,
                                       std::min(kBlock, rest - tile * kBlock));
    };
    parallelFor(numTiles * (numTiles + 1) / 2, [&](int64_t index) {
      int64_t column = 0;
      while (index > column)
        index -= ++column;
      int64_t row = index;
      addTransposedProduct(getColumns(negated, row), getColumns(packed, column),
                           &matrix(end + row * kBlock, end + column * kBlock),
                           matrix.cols());
    });
  }
  return true;
}

namespace {
/// L as the transpose of an upper triangle, so that its columns lie in rows.
class DenseFactor : public GramFactor {
public:
  explicit DenseFactor(MatrixD upper) : upper(std::move(upper)) {}

  double getDiagonal(int64_t i) const override { return upper(i, i); }

  void solve(MatrixD &columns) const override {
    PackedMatrix<double> packed(columns);
    for (int64_t strip = 0; strip < packed.getNumStrips(); ++strip) {
      Strip x(packed.getRow(0, strip), upper.rows(), kTileColumns);
      solveTransposed(upper, x);
      ::solve(upper, x);
      int64_t count = packed.getStripColumns(strip);
      columns.middleCols(strip * kTileColumns, count) = x.leftCols(count);
    }
  }

  /// Sums with all columns that come after a block are made at once, as GPTQ's
  /// lazy batch updates are.
  class Sums : public ColumnSums {
  public:
    explicit Sums(const MatrixD &upper)
        : upper(upper), values(upper.rows(), kTileColumns) {}

    RowOfChannels get(int64_t i) override {
      if (i < begin)
        startBlock(i);
      return sums.row(i - begin);
    }
    void set(int64_t i, const RowOfChannels &x) override {
      std::copy_n(x.data(), kTileColumns, values.getRow(i, 0));
      for (int64_t row = 0; row < i - begin; ++row)
        sums.row(row) += diagonal(row, i - begin) * x;
    }

  private:
    static constexpr int64_t kBatch = 64;

    /// Makes the sums of the block that ends at column `last`.
    void startBlock(int64_t last) {
      begin = last / kBatch * kBatch;
      int64_t end = last + 1, rest = upper.rows() - end;
      diagonal = upper.block(begin, begin, end - begin, end - begin);
      sums.setZero(end - begin, kTileColumns);
      addProduct(LeftFactor<double>(upper.block(begin, end, end - begin, rest)),
                 values.view().middleRows(end, rest), sums.data(),
                 kTileColumns);
    }

    const MatrixD &upper;
    PackedMatrix<double> values;
    int64_t begin = std::numeric_limits<int64_t>::max();
    Eigen::MatrixXd diagonal;
    Eigen::Matrix<double, Eigen::Dynamic, kTileColumns, Eigen::RowMajor> sums;
  };

  std::unique_ptr<ColumnSums> makeColumnSums() const override {
    return std::make_unique<Sums>(upper);
  }

private:
  MatrixD upper;
};
} // namespace

//===----------------------------------------------------------------------===//
// Of few rows
//===----------------------------------------------------------------------===//

namespace {
class FewRowsFactor : public GramFactor {
public:
  /// The factor of A'A + damping * I, damping > 0.
  FewRowsFactor(Eigen::MatrixXd rows, double damping)
      : rows(std::move(rows)), generators(this->rows.rows(), this->rows.cols()),
        diagonal(this->rows.cols()) {
    int64_t numRows = this->rows.rows();
    Eigen::MatrixXd rest = Eigen::MatrixXd::Identity(numRows, numRows);
    for (int64_t i = 0; i < this->rows.cols(); ++i) {
      auto generator = generators.col(i);
      generator.noalias() = rest * this->rows.col(i);
      diagonal(i) =
          std::sqrt(std::max(0.0, this->rows.col(i).dot(generator)) + damping);
      generator /= diagonal(i);
      rest.noalias() -= generator * generator.transpose();
    }
  }

  double getDiagonal(int64_t i) const override { return diagonal(i); }

  void solve(MatrixD &columns) const override {
    int64_t count = rows.cols();
    MatrixD sums = MatrixD::Zero(rows.rows(), columns.cols());
    for (int64_t i = 0; i < count; ++i) {
      columns.row(i) -= rows.col(i).transpose() * sums;
      columns.row(i) /= diagonal(i);
      sums.noalias() += generators.col(i) * columns.row(i);
    }
    sums.setZero();
    for (int64_t i = count - 1; i >= 0; --i) {
      columns.row(i) -= generators.col(i).transpose() * sums;
      columns.row(i) /= diagonal(i);
      sums.noalias() += rows.col(i) * columns.row(i);
    }
  }

  class Sums : public ColumnSums {
  public:
    explicit Sums(const FewRowsFactor &factor)
        : factor(factor),
          sums(MatrixD::Zero(factor.rows.rows(), kTileColumns)) {}

    RowOfChannels get(int64_t i) override {
      return factor.generators.col(i).transpose() * sums;
    }
    void set(int64_t i, const RowOfChannels &x) override {
      sums.noalias() += factor.rows.col(i) * x;
    }

  private:
    const FewRowsFactor &factor;
    MatrixD sums;
  };

  std::unique_ptr<ColumnSums> makeColumnSums() const override {
    return std::make_unique<Sums>(*this);
  }

private:
  Eigen::MatrixXd rows, generators;
  VectorD diagonal;
};
} // namespace

std::unique_ptr<GramFactor>
GramFactor::create(const ReconstructionProblem &problem,
                   llvm::ArrayRef<int64_t> order, ParallelFor parallelFor) {
  auto depth = static_cast<int64_t>(order.size());
  if (problem.rows.rows() > 0 && problem.damping > 0) {
    Eigen::MatrixXd rows(problem.rows.rows(), depth);
    for (int64_t i = 0; i < depth; ++i)
      rows.col(i) = problem.rows.col(order[i]);
    return std::make_unique<FewRowsFactor>(std::move(rows), problem.damping);
  }
  MatrixD matrix(depth, depth);
  parallelFor(depth, [&](int64_t row) {
    for (int64_t column = row; column < depth; ++column)
      matrix(row, column) = problem.gram(order[row], order[column]);
    matrix(row, row) += problem.damping;
  });
  if (!factorInPlace(matrix, parallelFor))
    return nullptr;
  return std::make_unique<DenseFactor>(std::move(matrix));
}
