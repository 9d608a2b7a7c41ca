//===- OpMatching.h - Ops of two forms that belong together -----*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_EXECUTION_OPMATCHING_H
#define PTQ_LIB_EXECUTION_OPMATCHING_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::ptq {

/// A result of one network that stands for a result of another.
struct MatchedResult {
  Value reference;
  std::string name;
  /// What the quantizer calls the op, or the ops under that name together, or
  /// else what the op does or is called.
  std::string kind;
};

/// Which values of one network stand for which of another.
struct OpMatching {
  /// The results of the network that have a counterpart, in program order.
  llvm::MapVector<Value, MatchedResult> results;
  /// Ops of the network that the quantizer knows and whose name no result has
  /// that is matched.
  int64_t numUnmatched = 0;

  /// Matches the results of ops in the bodies of two functions by their names.
  static OpMatching match(func::FuncOp network, func::FuncOp reference);
};

/// What an op of a network reads.
struct OpInputs {
  /// Matched values and arguments from which the op's operands are computed.
  llvm::SetVector<Value> sources;
  /// Ops that quantize on the way.
  llvm::SetVector<Operation *> quantizers;

  void add(const OpInputs &other) {
    sources.insert_range(other.sources);
    quantizers.insert_range(other.quantizers);
  }
};

/// The inputs of every op in the body of `network`, its terminator included.
llvm::DenseMap<Operation *, OpInputs> findInputs(func::FuncOp network,
                                                 const OpMatching &matching);

/// The operands of `op` and what its regions capture.
llvm::SetVector<Value> getReadValues(Operation *op);

} // namespace mlir::ptq

#endif // PTQ_LIB_EXECUTION_OPMATCHING_H
