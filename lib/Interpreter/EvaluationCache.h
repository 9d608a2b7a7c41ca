//===- EvaluationCache.h - What is worked out once --------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Facts about blocks and ops that depend on the IR alone, not on values, and
// are found at the first evaluation: where values die, and the compiled bodies
// of structured ops.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_INTERPRETER_EVALUATIONCACHE_H
#define PTQ_LIB_INTERPRETER_EVALUATIONCACHE_H

#include "mlir/IR/Block.h"
#include "mlir/IR/Operation.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include <memory>
#include <mutex>
#include <shared_mutex>

namespace mlir::ptq {

/// Which values of a block die at which of its ops: an op is the last one that
/// uses the value, by itself or in its regions, or defines a value that is
/// never used.
class BlockLiveness {
public:
  explicit BlockLiveness(Block &block);

  /// The values of the block that nobody reads after `op`.
  ArrayRef<Value> getDying(Operation *op) const {
    auto it = dying.find(op);
    return it == dying.end() ? ArrayRef<Value>() : ArrayRef<Value>(it->second);
  }

private:
  llvm::DenseMap<Operation *, SmallVector<Value, 2>> dying;
};

/// A map from keys to values that are made once, whichever thread comes first.
template <typename KeyT, typename ValueT>
class OnceMap {
public:
  /// The value for `key`, made by `make` if there is none. `make` may fail by
  /// returning null, which is not remembered.
  const ValueT *
  getOrCreate(KeyT key, llvm::function_ref<std::unique_ptr<ValueT>()> make) {
    {
      std::shared_lock<std::shared_mutex> lock(mutex);
      auto it = map.find(key);
      if (it != map.end())
        return it->second.get();
    }
    std::unique_ptr<ValueT> created = make();
    if (!created)
      return nullptr;
    std::unique_lock<std::shared_mutex> lock(mutex);
    return map.try_emplace(key, std::move(created)).first->second.get();
  }

private:
  std::shared_mutex mutex;
  llvm::DenseMap<KeyT, std::unique_ptr<ValueT>> map;
};

/// Anything that a model wants to remember about an op.
struct OpPlan {
  virtual ~OpPlan() = default;
};

struct EvaluationCache {
  OnceMap<Block *, BlockLiveness> liveness;
  OnceMap<Operation *, OpPlan> plans;
};

} // namespace mlir::ptq

#endif // PTQ_LIB_INTERPRETER_EVALUATIONCACHE_H
