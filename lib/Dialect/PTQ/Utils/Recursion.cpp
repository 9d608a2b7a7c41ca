//===- Recursion.cpp - Functions that call themselves ---------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Dialect/PTQ/Utils/Recursion.h"
#include "mlir/Analysis/CallGraph.h"
#include "llvm/ADT/SCCIterator.h"

using namespace mlir;
using namespace mlir::ptq;

/// Reports the first call in the functions of `cycle` that stays in it.
static void reportCycle(const CallGraph &graph,
                        ArrayRef<CallGraphNode *> cycle) {
  SymbolTableCollection symbols;
  for (const CallGraphNode *node : cycle) {
    WalkResult reported =
        node->getCallableRegion()->walk([&](CallOpInterface call) {
          CallGraphNode *callee = graph.resolveCallable(call, symbols);
          if (!llvm::is_contained(cycle, callee))
            return WalkResult::advance();
          call.emitError("leads back to the function that it is in; functions "
                         "that call themselves are not supported");
          return WalkResult::interrupt();
        });
    if (reported.wasInterrupted())
      return;
  }
}

LogicalResult mlir::ptq::verifyNoRecursion(ModuleOp module) {
  const CallGraph graph(module);
  for (auto it = llvm::scc_begin(&graph); !it.isAtEnd(); ++it)
    if (it.hasCycle()) {
      reportCycle(graph, *it);
      return failure();
    }
  return success();
}
