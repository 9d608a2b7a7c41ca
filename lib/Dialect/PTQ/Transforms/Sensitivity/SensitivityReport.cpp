//===- SensitivityReport.cpp - Sensitivities as JSON ----------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SensitivityReport.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace mlir;
using namespace mlir::ptq;

std::string mlir::ptq::describe(const OutputQuality &quality) {
  std::string words =
      llvm::formatv("{0:F1} dB, {1:P} agreement", limitDecibels(quality.sqnr),
                    quality.agreement);
  if (quality.accuracy)
    words += llvm::formatv(", {0:P} accuracy", *quality.accuracy).str();
  return words;
}

static void writeQuality(llvm::json::OStream &json,
                         const OutputQuality &quality) {
  json.attribute("sqnr_db", limitDecibels(quality.sqnr));
  json.attribute("agreement", quality.agreement);
  if (quality.accuracy)
    json.attribute("accuracy", *quality.accuracy);
}

static void writeCost(llvm::json::OStream &json, const FloatCost &cost) {
  json.attribute("bytes", cost.bytes);
  json.attribute("macs", cost.macs);
}

static void writeTargets(llvm::json::OStream &json,
                         const QualityTargets &targets) {
  if (targets.sqnr != 0)
    json.attribute("sqnr_db", targets.sqnr);
  if (targets.agreement != 0)
    json.attribute("agreement", targets.agreement);
  if (targets.accuracy != 0)
    json.attribute("accuracy", targets.accuracy);
}

void SensitivityReport::writeJSON(raw_ostream &os) const {
  SmallVector<size_t> byRank(ops.size());
  for (auto [index, op] : llvm::enumerate(sensitivities))
    byRank[op.rank - 1] = index;

  llvm::json::OStream json(os, /*IndentSize=*/2);
  json.object([&] {
    json.attribute("samples", numSamples);
    json.attributeObject("quantized",
                         [&] { writeQuality(json, allQuantized); });
    json.attributeArray("ops", [&] {
      for (size_t index : byRank)
        json.object([&] {
          const SwitchableOp &op = ops[index];
          json.attribute("name", op.name);
          json.attribute("kind", op.kind);
          json.attributeObject(
              "alone", [&] { writeQuality(json, sensitivities[index].alone); });
          json.attributeObject("others", [&] {
            writeQuality(json, sensitivities[index].others);
          });
          writeCost(json, op.cost);
        });
    });
    if (!selection)
      return;
    json.attributeObject("target", [&] { writeTargets(json, targets); });
    json.attributeObject("recipe", [&] {
      json.attributeArray("float", [&] {
        for (unsigned index : selection->inFloat.set_bits())
          json.value(ops[index].name);
      });
      writeQuality(json, selection->quality);
      writeCost(json, cost);
    });
  });
  os << '\n';
}
