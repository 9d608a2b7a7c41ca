//===- GramFactor.cpp - Triangular factors of Gram matrices ---------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GramFactor.h"
#include "llvm/Support/MathExtras.h"
#include <Eigen/Cholesky>

using namespace mlir::ptq;

GramFactor::~GramFactor() = default;
GramFactor::ColumnSums::~ColumnSums() = default;

//===----------------------------------------------------------------------===//
// Dense
//===----------------------------------------------------------------------===//

/// Columns that are factored together, and the size of tiles that one thread
/// updates at once.
static constexpr int64_t kBlock = 128;

/// Replaces the lower triangle of `matrix` by its factor. False if there is
/// none.
static bool factorInPlace(Eigen::MatrixXd &matrix, ParallelFor parallelFor) {
  int64_t size = matrix.rows();
  for (int64_t begin = 0; begin < size; begin += kBlock) {
    int64_t width = std::min(kBlock, size - begin);
    int64_t end = begin + width;
    auto diagonal = matrix.block(begin, begin, width, width);
    Eigen::LLT<Eigen::Ref<Eigen::MatrixXd>> block(diagonal);
    if (block.info() != Eigen::Success || !diagonal.diagonal().allFinite() ||
        !(diagonal.diagonal().array() > 0).all())
      return false;
    int64_t numTiles = llvm::divideCeil(size - end, kBlock);
    auto getTileSize = [&](int64_t tile) {
      return std::min(kBlock, size - end - tile * kBlock);
    };
    parallelFor(numTiles, [&](int64_t tile) {
      auto panel =
          matrix.block(end + tile * kBlock, begin, getTileSize(tile), width);
      diagonal.triangularView<Eigen::Lower>()
          .transpose()
          .solveInPlace<Eigen::OnTheRight>(panel);
    });
    parallelFor(numTiles * (numTiles + 1) / 2, [&](int64_t index) {
      int64_t row = 0;
      while (index > row)
        index -= ++row;
      int64_t column = index;
      matrix
          .block(end + row * kBlock, end + column * kBlock, getTileSize(row),
                 getTileSize(column))
          .noalias() -=
          matrix.block(end + row * kBlock, begin, getTileSize(row), width) *
          matrix.block(end + column * kBlock, begin, getTileSize(column), width)
              .transpose();
    });
  }
  return true;
}

namespace {
class DenseFactor : public GramFactor {
public:
  explicit DenseFactor(Eigen::MatrixXd factor) : factor(std::move(factor)) {}

  double getDiagonal(int64_t i) const override { return factor(i, i); }

  void solve(Eigen::MatrixXd &columns) const override {
    factor.triangularView<Eigen::Lower>().solveInPlace(columns);
    factor.triangularView<Eigen::Lower>().transpose().solveInPlace(columns);
  }

  class Sums : public ColumnSums {
  public:
    Sums(const Eigen::MatrixXd &factor, int64_t count)
        : factor(factor), values(MatrixD::Zero(factor.rows(), count)) {}

    Eigen::RowVectorXd get(int64_t i) const override {
      int64_t rest = factor.rows() - 1 - i;
      return factor.col(i).tail(rest).transpose() * values.bottomRows(rest);
    }
    void set(int64_t i, const Eigen::RowVectorXd &x) override {
      values.row(i) = x;
    }

  private:
    const Eigen::MatrixXd &factor;
    MatrixD values;
  };

  std::unique_ptr<ColumnSums> makeColumnSums(int64_t count) const override {
    return std::make_unique<Sums>(factor, count);
  }

private:
  Eigen::MatrixXd factor;
};

//===----------------------------------------------------------------------===//
// Of few rows
//===----------------------------------------------------------------------===//

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

  void solve(Eigen::MatrixXd &columns) const override {
    int64_t count = rows.cols();
    Eigen::MatrixXd sums = Eigen::MatrixXd::Zero(rows.rows(), columns.cols());
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
    Sums(const FewRowsFactor &factor, int64_t count)
        : factor(factor),
          sums(Eigen::MatrixXd::Zero(factor.rows.rows(), count)) {}

    Eigen::RowVectorXd get(int64_t i) const override {
      return factor.generators.col(i).transpose() * sums;
    }
    void set(int64_t i, const Eigen::RowVectorXd &x) override {
      sums.noalias() += factor.rows.col(i) * x;
    }

  private:
    const FewRowsFactor &factor;
    Eigen::MatrixXd sums;
  };

  std::unique_ptr<ColumnSums> makeColumnSums(int64_t count) const override {
    return std::make_unique<Sums>(*this, count);
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
  Eigen::MatrixXd matrix(depth, depth);
  for (int64_t column = 0; column < depth; ++column) {
    for (int64_t row = column; row < depth; ++row)
      matrix(row, column) = problem.gram(order[row], order[column]);
    matrix(column, column) += problem.damping;
  }
  if (!factorInPlace(matrix, parallelFor))
    return nullptr;
  return std::make_unique<DenseFactor>(std::move(matrix));
}
