//===- Gather.h - Rows that data pick from a table --------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A gather, such as the lookup of embeddings, is a structured op whose body
// reads a table from outside: `tensor.extract` at an index that is computed
// from data in some dimensions, and is that of a loop in the others. The table
// is the weight of that extract, and a row of it is what an output channel is
// to other ops.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_DIALECT_PTQ_MODELS_GATHER_H
#define PTQ_DIALECT_PTQ_MODELS_GATHER_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include <optional>

namespace mlir::ptq {

/// A read of rows of a table, and how it finds them.
struct Gather {
  /// The structured op that reads the table.
  linalg::GenericOp op;
  /// For each dimension of the table the loop that runs along it; none where
  /// data pick the index.
  SmallVector<std::optional<unsigned>> loops;

  /// The dimensions along which data pick, ascending.
  SmallVector<int64_t> getPickedDims() const;
  /// The dimensions along which a row lies, ascending.
  SmallVector<int64_t> getRowDims() const;
};

/// Matches a read of a row of a table. A table without rows, of which single
/// elements are picked, is no match, nor are scales and zero points of other
/// gathered data.
std::optional<Gather> matchGather(tensor::ExtractOp op);

} // namespace mlir::ptq

#endif // PTQ_DIALECT_PTQ_MODELS_GATHER_H
