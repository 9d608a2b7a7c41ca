//===- WorkSharing.h - Loops over several threads ---------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_DIALECT_PTQ_TRANSFORMS_ROUNDING_WORKSHARING_H
#define PTQ_LIB_DIALECT_PTQ_TRANSFORMS_ROUNDING_WORKSHARING_H

#include "mlir/IR/Threading.h"
#include "ptq/Support/ThreadCount.h"
#include <atomic>

namespace mlir::ptq {

/// Shares the iterations of loops among threads of the context, at most
/// `maxThreads` of them where that is not 0.
class WorkSharing {
public:
  WorkSharing(MLIRContext *context, int64_t maxThreads)
      : context(context), numThreads(getThreadCount(context, maxThreads)) {}

  /// Calls `body` for 0 to `count` - 1 until one fails.
  LogicalResult tryForEach(int64_t count,
                           function_ref<LogicalResult(int64_t)> body) const {
    std::atomic<int64_t> next{0};
    auto work = [&](size_t) -> LogicalResult {
      for (int64_t i; (i = next++) < count;)
        if (failed(body(i)))
          return failure();
      return success();
    };
    int64_t workers = std::min(numThreads, count);
    if (workers <= 1)
      return work(0);
    return failableParallelForEachN(context, 0, workers, work);
  }

  void forEach(int64_t count, function_ref<void(int64_t)> body) const {
    (void)tryForEach(count, [&](int64_t i) {
      body(i);
      return success();
    });
  }

private:
  MLIRContext *context;
  int64_t numThreads;
};

} // namespace mlir::ptq

#endif // PTQ_LIB_DIALECT_PTQ_TRANSFORMS_ROUNDING_WORKSHARING_H
