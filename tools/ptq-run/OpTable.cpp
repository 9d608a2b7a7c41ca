//===- OpTable.cpp - A comparison op by op, in print ----------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OpTable.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include <cmath>

using namespace mlir;
using namespace mlir::ptq;

/// How many ops are marked as the worst.
static constexpr size_t kNumWorst = 3;

/// The ratio that the worst ops do not exceed; ops without noise are not bad.
static double getWorstRatio(const OpComparison &comparison) {
  std::vector<double> ratios;
  for (const OpFigures &op : comparison.ops)
    if (op.own.noise > 0)
      ratios.push_back(op.own.getDecibels());
  if (ratios.empty())
    return -std::numeric_limits<double>::infinity();
  llvm::sort(ratios);
  return ratios[std::min(kNumWorst, ratios.size()) - 1];
}

static void printRatio(raw_ostream &os, const NoiseSum &sum) {
  if (sum.noise == 0)
    os << llvm::right_justify("exact", 14);
  else
    os << llvm::format("%11.2f dB", limitDecibels(sum.getDecibels()));
}

void mlir::ptq::printOps(raw_ostream &os, const OpComparison &comparison) {
  // Names are cut where a line would get too long to read.
  constexpr size_t kMaxNameWidth = 48;
  size_t nameWidth = 2, kindWidth = 4;
  for (const OpFigures &op : comparison.ops) {
    nameWidth = std::max(nameWidth, std::min(op.name.size(), kMaxNameWidth));
    kindWidth = std::max(kindWidth, op.kind.size());
  }
  os << "\n"
     << llvm::left_justify("op", nameWidth) << "  "
     << llvm::left_justify("kind", kindWidth)
     << llvm::right_justify("inherited", 14) << llvm::right_justify("own", 14)
     << llvm::right_justify("total", 14) << llvm::right_justify("saturated", 14)
     << "\n";
  double worst = getWorstRatio(comparison);
  for (const OpFigures &op : comparison.ops) {
    StringRef name = op.name;
    os << llvm::left_justify(name.take_back(kMaxNameWidth), nameWidth) << "  "
       << llvm::left_justify(op.kind, kindWidth);
    printRatio(os, op.inherited);
    printRatio(os, op.own);
    printRatio(os, op.total);
    if (op.numCodes > 0)
      os << llvm::format("%12.3f %%", 100.0 * op.numSaturated / op.numCodes);
    else
      os << llvm::right_justify("-", 14);
    if (op.own.noise > 0 && op.own.getDecibels() <= worst)
      os << "  <";
    os << "\n";
  }
  os << "<: most noise of their own\n";
  if (comparison.numUnmatched > 0)
    os << "without a counterpart, counted to the ops after them: "
       << comparison.numUnmatched << "\n";
}

void mlir::ptq::writeOps(llvm::json::OStream &json,
                         const OpComparison &comparison) {
  json.attributeArray("ops", [&] {
    for (const OpFigures &op : comparison.ops)
      json.object([&] {
        json.attribute("name", op.name);
        json.attribute("kind", op.kind);
        json.attribute("inherited_db",
                       limitDecibels(op.inherited.getDecibels()));
        json.attribute("own_db", limitDecibels(op.own.getDecibels()));
        json.attribute("total_db", limitDecibels(op.total.getDecibels()));
        json.attribute("codes", op.numCodes);
        json.attribute("saturated", op.numSaturated);
      });
  });
  json.attribute("unmatched_ops", comparison.numUnmatched);
}
