//===- WriteCalibrationReport.cpp - A calibration report as a page --------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The page is a fixed document with the report in it as JSON; its script builds
// the table and draws. So this file only has to get the data across unharmed.
//
//===----------------------------------------------------------------------===//

#include "ptq/Calibration/CalibrationReport.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include <cmath>

using namespace mlir::ptq;
using llvm::json::OStream;

namespace {

/// The document, its style and its scripts: kPage, kStyle, kHistogramScript,
/// kRowsScript, kPageScript.
#include "ReportResources.inc"

/// More bins than this no screen shows side by side.
constexpr size_t kMaxBins = 256;

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

/// A number, or text for what JSON has no number for, or null for NaN. Nine
/// digits tell all floats apart.
void writeNumber(OStream &json, double number) {
  if (std::isnan(number))
    return json.value(nullptr);
  if (std::isinf(number))
    return json.value(number > 0 ? "Infinity" : "-Infinity");
  json.rawValue(
      [&](llvm::raw_ostream &os) { os << llvm::format("%.9g", number); });
}

void writeNumber(OStream &json, llvm::StringRef key, double number) {
  json.attributeBegin(key);
  writeNumber(json, number);
  json.attributeEnd();
}

/// Text of the user's, which JSON wants to be UTF-8.
void writeText(OStream &json, llvm::StringRef key, llvm::StringRef text) {
  json.attribute(key, llvm::json::fixUTF8(text));
}

llvm::StringRef describe(OperandRole role) {
  return role == OperandRole::Weight ? "weight" : "activation";
}

llvm::StringRef describe(Symmetry symmetry) {
  return symmetry == Symmetry::Symmetric ? "symmetric" : "asymmetric";
}

llvm::StringRef describe(Granularity granularity) {
  switch (granularity) {
  case Granularity::Tensor:
    return "per tensor";
  case Granularity::Axis:
    return "per channel";
  case Granularity::Block:
    return "per block";
  case Granularity::Token:
    return "per token";
  }
  return "";
}

void writeHistogram(OStream &json, const ReportHistogram &histogram) {
  if (histogram.counts.empty())
    return;
  ReportHistogram merged = mergeHistogramBins(histogram, kMaxBins);
  json.attributeObject("histogram", [&] {
    writeNumber(json, "left", merged.leftEdge);
    writeNumber(json, "width", merged.binWidth);
    json.attributeArray("counts", [&] {
      for (uint64_t count : merged.counts)
        json.value(count);
    });
  });
}

/// Columns rather than a list of objects: an edge may have many channels.
void writeParameters(OStream &json, llvm::ArrayRef<EdgeParameters> parameters) {
  auto writeColumn = [&](llvm::StringRef key, auto getNumber) {
    json.attributeArray(key, [&] {
      for (const EdgeParameters &channel : parameters)
        writeNumber(json, static_cast<double>(getNumber(channel)));
    });
  };
  json.attributeObject("parameters", [&] {
    writeColumn("min", [](const EdgeParameters &p) { return p.rangeMin; });
    writeColumn("max", [](const EdgeParameters &p) { return p.rangeMax; });
    writeColumn("scale", [](const EdgeParameters &p) { return p.scale; });
    writeColumn("zeroPoint",
                [](const EdgeParameters &p) { return p.zeroPoint; });
  });
}

void writeEdge(OStream &json, const EdgeReport &edge) {
  writeText(json, "name", edge.name);
  writeText(json, "location", edge.location);
  writeText(json, "kind", edge.opKind);
  json.attribute("role", describe(edge.role));
  writeText(json, "storage", edge.storage);
  json.attribute("symmetry", describe(edge.symmetry));
  json.attribute("granularity", describe(edge.granularity));
  writeNumber(json, "dataMin", edge.dataMin);
  writeNumber(json, "dataMax", edge.dataMax);
  writeNumber(json, "rangeMin", edge.getRangeMin());
  writeNumber(json, "rangeMax", edge.getRangeMax());
  writeParameters(json, edge.parameters);
  writeText(json, "estimator", edge.estimator);
  json.attribute("samples", edge.numSamples);
  json.attribute("elements", edge.numElements);
  json.attribute("zeros", edge.numZeros);
  json.attribute("nans", edge.numNaNs);
  json.attribute("infinities", edge.numInfinities);
  writeNumber(json, "clippedLow", edge.clippedLow);
  writeNumber(json, "clippedHigh", edge.clippedHigh);
  writeNumber(json, "sqnr", edge.sqnrDb);
  if (edge.harm)
    writeNumber(json, "harm", *edge.harm);
  writeHistogram(json, edge.histogram);
  json.attributeArray("warnings", [&] {
    for (const std::string &warning : edge.warnings)
      json.value(llvm::json::fixUTF8(warning));
  });
}

void writeSummary(OStream &json, const NetworkReport &report) {
  ReportSummary summary = summarizeReport(report);
  json.attribute("activations", summary.numActivations);
  json.attribute("weights", summary.numWeights);
  json.attribute("warnings", summary.numWarnings);
  if (summary.worstEdge)
    json.attribute("worstEdge", *summary.worstEdge);
  if (summary.medianSqnrDb)
    writeNumber(json, "medianSqnr", *summary.medianSqnrDb);
  if (summary.clippedShare)
    writeNumber(json, "clippedShare", *summary.clippedShare);
}

void writeReport(OStream &json, const NetworkReport &report) {
  writeText(json, "title", report.title);
  writeText(json, "model", report.modelName);
  writeText(json, "data", report.dataDescription);
  writeText(json, "method", report.method);
  json.attribute("samples", report.numSamples);
  json.attributeObject("weights", [&] {
    json.attribute("tensors", report.weights.numTensors);
    json.attribute("bytesBefore", report.weights.numBytesBefore);
    json.attribute("bytesAfter", report.weights.numBytesAfter);
  });
  json.attributeArray("figures", [&] {
    for (const ReportFigure &figure : report.figures)
      json.object([&] {
        writeText(json, "label", figure.label);
        writeText(json, "value", figure.value);
        writeText(json, "note", figure.note);
      });
  });
  json.attributeObject("summary", [&] { writeSummary(json, report); });
  json.attributeArray("edges", [&] {
    for (const EdgeReport &edge : report.edges)
      json.object([&] { writeEdge(json, edge); });
  });
}

//===----------------------------------------------------------------------===//
// HTML
//===----------------------------------------------------------------------===//

/// JSON that may stand in a script element: `<` begins no tag or comment there.
/// It can occur in strings only, where its escape means the same.
void writeEmbeddedJSON(llvm::raw_ostream &os, llvm::StringRef json) {
  for (char c : json) {
    if (c == '<')
      os << "\\u003c";
    else
      os << c;
  }
}

/// Writes kPage with its `{{placeholders}}` filled in.
void writePage(llvm::raw_ostream &os, llvm::StringRef title,
               llvm::StringRef json) {
  llvm::StringRef rest = kPage;
  while (!rest.empty()) {
    auto [text, behind] = rest.split("{{");
    auto [placeholder, next] = behind.split("}}");
    os << text;
    if (placeholder == "title")
      llvm::printHTMLEscaped(title, os);
    else if (placeholder == "style")
      os << kStyle;
    else if (placeholder == "script")
      os << kHistogramScript << kRowsScript << kPageScript;
    else if (placeholder == "data")
      writeEmbeddedJSON(os, json);
    rest = next;
  }
}

llvm::Error verify(const EdgeReport &edge) {
  const ReportHistogram &histogram = edge.histogram;
  if (histogram.counts.empty() ||
      (std::isfinite(histogram.leftEdge) && std::isfinite(histogram.binWidth) &&
       histogram.binWidth > 0))
    return llvm::Error::success();
  return llvm::createStringError(
      "the histogram of edge '%s' begins at %g and has bins of width %g",
      edge.name.c_str(), histogram.leftEdge, histogram.binWidth);
}

} // namespace

llvm::Error mlir::ptq::writeCalibrationReport(llvm::raw_ostream &os,
                                              const NetworkReport &report) {
  for (const EdgeReport &edge : report.edges)
    if (llvm::Error error = verify(edge))
      return error;
  std::string text;
  llvm::raw_string_ostream stream(text);
  OStream json(stream);
  json.object([&] { writeReport(json, report); });
  writePage(os, llvm::json::fixUTF8(report.title), text);
  return llvm::Error::success();
}
