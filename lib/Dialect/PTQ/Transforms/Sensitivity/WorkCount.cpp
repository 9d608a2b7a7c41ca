//===- WorkCount.cpp - How much there is to multiply ----------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WorkCount.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Dialect/PTQ/Models/EdgeTracing.h"

using namespace mlir;
using namespace mlir::ptq;

/// The iterations of a structured op on `operands`, or the elements of the
/// result of another op.
static int64_t countIterations(Operation *op, ArrayRef<TensorValue> operands,
                               ArrayRef<TensorValue> results) {
  auto structured = dyn_cast<linalg::LinalgOp>(op);
  AffineMap map = structured ? structured.getShapesToLoopsMap() : AffineMap();
  if (!map)
    return results.front().getNumElements();
  SmallVector<int64_t> sizes;
  for (const TensorValue &operand : operands)
    llvm::append_range(sizes, operand.getShape());
  int64_t iterations = 1;
  for (int64_t range : map.compose(sizes))
    iterations *= range;
  return iterations;
}

namespace {

class WorkListener : public CallListener {
public:
  explicit WorkListener(ModuleOp network) {
    network.walk([&](QuantizableOpInterface op) {
      if (!op.getQuantizableKind().empty() && op->getNumResults() > 0)
        names[op] = getEdgeName(op->getResult(0));
    });
  }

  void notifyEvaluated(Operation *op, ArrayRef<TensorValue> operands,
                       ArrayRef<TensorValue> results) override {
    if (auto it = names.find(op); it != names.end())
      work[it->second] += countIterations(op, operands, results);
  }

  llvm::StringMap<int64_t> work;

private:
  llvm::DenseMap<Operation *, std::string> names;
};

} // namespace

FailureOr<llvm::StringMap<int64_t>>
mlir::ptq::countWork(ModuleOp network, const SampleRunner &runner) {
  WorkListener listener(network);
  CallListener *listeners[] = {&listener};
  if (failed(
          runner.run("counting", runner.getCalls().take_front(1), listeners)))
    return failure();
  for (auto &entry : listener.work)
    entry.second /= runner.getBatchSize();
  return std::move(listener.work);
}
