//===- CalibrationTable.cpp - Statistics of a model's edges ---------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Calibration/CalibrationTable.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

using namespace mlir::ptq;

static llvm::Error makeError(llvm::StringRef origin,
                             const llvm::Twine &message) {
  return llvm::createStringError("calibration table '" + origin + "' " +
                                 message);
}

const CalibrationTable::Edge *
CalibrationTable::lookup(llvm::StringRef name) const {
  auto it =
      llvm::find_if(edges, [&](const Edge &edge) { return edge.name == name; });
  return it == edges.end() ? nullptr : &*it;
}

/// What differs between two edges that should be the same.
static std::string describeDifference(const EdgeIdentity &mine,
                                      const EdgeIdentity &model) {
  if (mine.name != model.name)
    return "edge '" + mine.name + "' where the model has '" + model.name + "'";
  if (mine.numChannels != model.numChannels)
    return "edge '" + mine.name + "' with " + std::to_string(mine.numChannels) +
           " channels where the model has " + std::to_string(model.numChannels);
  return "edge '" + mine.name + "' behind other operations";
}

llvm::Error
CalibrationTable::checkModel(llvm::StringRef otherHash,
                             llvm::ArrayRef<EdgeIdentity> modelEdges,
                             llvm::StringRef origin) const {
  for (auto [edge, model] : llvm::zip(edges, modelEdges))
    if (EdgeIdentity mine = edge.getIdentity(); !(mine == model))
      return makeError(origin, "is of another model: it has " +
                                   describeDifference(mine, model));
  if (edges.size() > modelEdges.size())
    return makeError(origin, "is of another model: it has edge '" +
                                 edges[modelEdges.size()].name +
                                 "', which the model has not");
  if (edges.size() < modelEdges.size())
    return makeError(origin, "is of another model: it lacks edge '" +
                                 modelEdges[edges.size()].name + "'");
  if (otherHash != modelHash)
    return makeError(origin,
                     "is of another model, whose edges have the same names");
  return llvm::Error::success();
}

llvm::Error CalibrationTable::merge(const CalibrationTable &other,
                                    llvm::StringRef origin) {
  std::vector<EdgeIdentity> identities;
  for (const Edge &edge : edges)
    identities.push_back(edge.getIdentity());
  if (llvm::Error error = other.checkModel(modelHash, identities, origin))
    return error;
  for (auto [mine, theirs] : llvm::zip(edges, other.edges))
    for (auto [a, b] : llvm::zip(mine.statistics.getChannels(),
                                 theirs.statistics.getChannels()))
      if (a.detail != b.detail)
        return makeError(origin, "remembers more or less than the others of "
                                 "edge '" +
                                     mine.name + "'");
  for (auto [mine, theirs] : llvm::zip(edges, other.edges))
    mine.statistics.merge(theirs.statistics);
  numSamples += other.numSamples;
  return llvm::Error::success();
}
