//===- Report.cpp - What ptq-run prints -----------------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Report.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include <algorithm>
#include <cmath>

using namespace mlir::ptq;

void mlir::ptq::printText(const RunReport &report, llvm::raw_ostream &os) {
  auto line = [&](const char *name, std::optional<double> value,
                  const char *format) {
    if (!value)
      return;
    os << llvm::left_justify(name, 22);
    if (std::isinf(*value))
      os << "exact\n";
    else
      os << llvm::format(format, *value) << "\n";
  };
  auto percent = [](std::optional<double> share) {
    return share ? std::optional<double>(*share * 100) : std::nullopt;
  };
  os << llvm::left_justify("samples", 22) << report.samples << "\n";
  line("accuracy", percent(report.accuracy), "%.2f %%");
  line("agreement", percent(report.agreement), "%.2f %%");
  line("SQNR", report.sqnrDb, "%.2f dB");
  line("SQNR, median sample", report.sqnrDbMedian, "%.2f dB");
  line("time, median", report.medianMicroseconds, "%.2f us");
  line("time, minimum", report.minMicroseconds, "%.2f us");
}

void mlir::ptq::printJSON(const RunReport &report, llvm::raw_ostream &os) {
  // JSON has no infinity; a ratio beyond any that noise can give stands for it.
  constexpr double kExactDb = 999;
  llvm::json::OStream json(os, /*IndentSize=*/2);
  auto attribute = [&](const char *name, std::optional<double> value) {
    if (value)
      json.attribute(name, std::isnan(*value)
                               ? llvm::json::Value(nullptr)
                               : std::clamp(*value, -kExactDb, kExactDb));
  };
  auto time = [&](const char *name, std::optional<double> value) {
    if (value)
      json.attribute(name, *value);
  };
  json.object([&] {
    attribute("accuracy", report.accuracy);
    attribute("agreement", report.agreement);
    attribute("sqnr_db", report.sqnrDb);
    attribute("sqnr_db_median", report.sqnrDbMedian);
    json.attribute("samples", report.samples);
    time("median_us", report.medianMicroseconds);
    time("min_us", report.minMicroseconds);
  });
  os << "\n";
}
