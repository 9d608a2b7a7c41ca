//===- Report.cpp - What ptq-run prints -----------------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Report.h"
#include "OpTable.h"
#include "ptq/Metrics/Metrics.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/WithColor.h"
#include <cmath>

using namespace mlir;
using namespace mlir::ptq;

LogicalResult mlir::ptq::reportError(const Twine &message) {
  llvm::WithColor::error(llvm::errs(), "ptq-run") << message << "\n";
  return failure();
}

void Figures::print(raw_ostream &os) const {
  auto printLine = [&](StringRef name, std::optional<double> value,
                       const char *format) {
    if (value)
      os << llvm::left_justify(name, 14) << llvm::format(format, *value)
         << "\n";
  };
  auto getPercent = [](std::optional<double> share) {
    return share ? std::optional(100 * *share) : std::nullopt;
  };
  os << llvm::left_justify("samples", 14)
     << llvm::format("%10lld", static_cast<long long>(numSamples)) << "\n";
  printLine("accuracy", getPercent(accuracy), "%10.2f %%");
  printLine("agreement", getPercent(agreement), "%10.2f %%");
  if (sqnr)
    printLine("SQNR", limitDecibels(*sqnr), "%10.2f dB");
  if (medianSqnr)
    printLine("SQNR, median", limitDecibels(*medianSqnr), "%10.2f dB");
  if (nextTokenLoss) {
    printLine("nll", nextTokenLoss, "%10.4f");
    printLine("perplexity", std::exp(*nextTokenLoss), "%10.4f");
  }
  if (times) {
    printLine("time, median", times->median, "%10.2f us");
    printLine("time, minimum", times->min, "%10.2f us");
  }
  if (ops)
    printOps(os, *ops);
}

void Figures::printJSON(raw_ostream &os) const {
  llvm::json::OStream json(os);
  json.object([&] {
    if (accuracy)
      json.attribute("accuracy", *accuracy);
    if (agreement)
      json.attribute("agreement", *agreement);
    if (sqnr)
      json.attribute("sqnr_db", limitDecibels(*sqnr));
    if (medianSqnr)
      json.attribute("sqnr_db_median", limitDecibels(*medianSqnr));
    auto printFinite = [&](StringRef key, double value) {
      json.attribute(key, std::isfinite(value) ? llvm::json::Value(value)
                                               : llvm::json::Value(nullptr));
    };
    if (nextTokenLoss) {
      printFinite("nll", *nextTokenLoss);
      printFinite("perplexity", std::exp(*nextTokenLoss));
    }
    json.attribute("samples", numSamples);
    if (times) {
      json.attribute("median_us", times->median);
      json.attribute("min_us", times->min);
    }
    if (ops)
      writeOps(json, *ops);
  });
  os << "\n";
}
