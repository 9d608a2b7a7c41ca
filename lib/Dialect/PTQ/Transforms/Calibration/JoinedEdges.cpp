//===- JoinedEdges.cpp - Edges that must share a range --------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "JoinedEdges.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "ptq/Dialect/PTQ/Models/EdgeTracing.h"
#include "llvm/ADT/EquivalenceClasses.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace mlir::ptq;

/// Whether `value` is what some loop carries, at the start of an iteration or
/// behind the loop.
static bool isCarried(Value value) {
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    auto loop = dyn_cast_if_present<LoopLikeOpInterface>(
        argument.getOwner()->getParentOp());
    return loop && llvm::is_contained(loop.getRegionIterArgs(), argument);
  }
  return isa<LoopLikeOpInterface>(value.getDefiningOp());
}

/// Joins the places of every value that `loop` carries, and those of a loop
/// around it or in it that carries the same one.
static void joinPlaces(LoopLikeOpInterface loop,
                       llvm::EquivalenceClasses<Value> &places) {
  // Of several regions each may carry values of its own.
  if (loop.getLoopRegions().size() != 1)
    return;
  std::optional<ResultRange> results = loop.getLoopResults();
  MutableArrayRef<OpOperand> inits = loop.getInitsMutable();
  auto yielded = loop.getYieldedValuesMutable();
  for (auto [number, argument] : llvm::enumerate(loop.getRegionIterArgs())) {
    places.insert(argument);
    if (results && number < results->size())
      places.unionSets(argument, (*results)[number]);
    if (number < inits.size() && isCarried(inits[number].get()))
      places.unionSets(argument, inits[number].get());
    if (yielded && number < yielded->size() &&
        isCarried((*yielded)[number].get()))
      places.unionSets(argument, (*yielded)[number].get());
  }
}

int64_t mlir::ptq::joinLoopCarriedStatistics(ArrayRef<ObserveOp> observers,
                                             StatisticsCollector &collector) {
  if (observers.empty())
    return 0;
  llvm::EquivalenceClasses<Value> places;
  ModuleOp module = observers.front()->getParentOfType<ModuleOp>();
  module.walk([&](LoopLikeOpInterface loop) { joinPlaces(loop, places); });

  using Key = std::tuple<Value, EncodingAttr, RangeEstimatorKind>;
  llvm::MapVector<Key, SmallVector<ObserveOp>> groups;
  for (ObserveOp observer : observers) {
    if (!observer.getEncoding().isPerTensor())
      continue;
    Value value = traceToRoot(observer.getInputMutable()).root;
    if (auto leader = places.findLeader(value); leader != places.member_end())
      groups[{*leader, observer.getEncoding(), observer.getEstimator()}]
          .push_back(observer);
  }
  int64_t numJoined = 0;
  for (auto &[key, members] : groups) {
    if (members.size() < 2)
      continue;
    TensorStatistics joint = collector.getStatistics(members.front());
    for (ObserveOp member : ArrayRef(members).drop_front())
      joint.merge(collector.getStatistics(member));
    for (ObserveOp member : members)
      collector.setStatistics(member, joint);
    numJoined += members.size();
  }
  return numJoined;
}
