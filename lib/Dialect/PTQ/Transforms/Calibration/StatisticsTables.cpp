//===- StatisticsTables.cpp - Statistics to and from tables ---------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "StatisticsTables.h"
#include "ModelStructure.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace mlir::ptq;

static LogicalResult report(ModuleOp module, llvm::Error error) {
  return module.emitError(llvm::toString(std::move(error)));
}

FailureOr<int64_t>
mlir::ptq::readStatisticsTables(ModuleOp module, ArrayRef<std::string> paths,
                                ArrayRef<ObserveOp> observers,
                                StatisticsCollector &collector) {
  ModelStructure structure = describeStructure(module, observers);
  std::optional<CalibrationTable> merged;
  for (const std::string &path : paths) {
    llvm::Expected<CalibrationTable> table = CalibrationTable::read(path);
    if (!table)
      return report(module, table.takeError());
    if (llvm::Error error =
            table->checkModel(structure.hash, structure.edges, path))
      return report(module, std::move(error));
    if (!merged)
      merged = std::move(*table);
    else if (llvm::Error error = merged->merge(*table, path))
      return report(module, std::move(error));
  }
  for (ObserveOp observer : observers)
    collector.setStatistics(observer,
                            merged->lookup(observer.getEdge())->statistics);
  return merged->numSamples;
}

LogicalResult mlir::ptq::writeStatisticsTable(
    ModuleOp module, StringRef path, ArrayRef<ObserveOp> observers,
    const StatisticsCollector &collector, int64_t samples) {
  ModelStructure structure = describeStructure(module, observers);
  CalibrationTable table;
  table.modelHash = structure.hash;
  table.numSamples = samples;
  llvm::StringSet<> written;
  for (auto [observer, edge] : llvm::zip_equal(observers, structure.edges))
    if (written.insert(edge.name).second)
      table.edges.push_back(
          {edge.name, edge.structure, collector.getStatistics(observer)});
  if (llvm::Error error = table.write(path))
    return report(module, std::move(error));
  return success();
}
