//===- CalibrationReportTest.cpp - What reaches the page ------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Not tested here: what the page's script makes of the data.
//
//===----------------------------------------------------------------------===//

#include "ptq/Calibration/CalibrationReport.h"
#include "ptq/Calibration/TensorStatistics.h"
#include "llvm/Support/JSON.h"
#include "gtest/gtest.h"
#include <cmath>
#include <limits>

using namespace mlir::ptq;

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

ReportHistogram makeHistogram(double leftEdge, double binWidth,
                              std::initializer_list<uint64_t> counts) {
  ReportHistogram histogram;
  histogram.leftEdge = leftEdge;
  histogram.binWidth = binWidth;
  histogram.counts = counts;
  return histogram;
}

EdgeReport makeEdge(llvm::StringRef name, double sqnrDb) {
  EdgeReport edge;
  edge.name = name.str();
  edge.storage = "i8";
  edge.dataMin = -1;
  edge.dataMax = 3;
  edge.parameters.push_back({-1, 3, 4.0f / 255, -64});
  edge.estimator = "minmax";
  edge.numSamples = 100;
  edge.numElements = 1000;
  edge.sqnrDb = sqnrDb;
  edge.histogram = makeHistogram(-1, 0.5, {1, 2, 3, 4, 0, 0, 0, 1});
  return edge;
}

std::string writePage(const NetworkReport &report) {
  std::string page;
  llvm::raw_string_ostream os(page);
  EXPECT_FALSE(llvm::errorToBool(writeCalibrationReport(os, report)));
  return page;
}

/// The text of the page's data element, as a browser delimits it.
llvm::StringRef getData(llvm::StringRef page) {
  return page.split("<script type=\"application/json\" id=\"report\">")
      .second.split("</script>")
      .first;
}

llvm::json::Object readData(llvm::StringRef page) {
  llvm::Expected<llvm::json::Value> value = llvm::json::parse(getData(page));
  if (!value) {
    ADD_FAILURE() << llvm::toString(value.takeError());
    return {};
  }
  return *value->getAsObject();
}

llvm::json::Object readEdge(const EdgeReport &edge) {
  NetworkReport report;
  report.edges.push_back(edge);
  return *readData(writePage(report)).getArray("edges")->front().getAsObject();
}

//===----------------------------------------------------------------------===//
// Bins
//===----------------------------------------------------------------------===//

uint64_t countAll(const ReportHistogram &histogram) {
  uint64_t sum = 0;
  for (uint64_t count : histogram.counts)
    sum += count;
  return sum;
}

TEST(MergeHistogramBins, DropsEmptyBinsAtTheEnds) {
  auto merged =
      mergeHistogramBins(makeHistogram(-2, 0.5, {0, 0, 7, 0, 8, 0, 0, 0}), 256);
  EXPECT_EQ(merged.leftEdge, -1);
  EXPECT_EQ(merged.binWidth, 0.5);
  EXPECT_EQ(merged.counts, (llvm::SmallVector<uint64_t, 0>{7, 0, 8}));
}

TEST(MergeHistogramBins, KeepsZeroBetweenBins) {
  // Bins -3 to 4 in groups of two: the first group begins at -4.
  auto merged =
      mergeHistogramBins(makeHistogram(-3, 1, {1, 2, 3, 4, 5, 6, 7}), 4);
  EXPECT_EQ(merged.leftEdge, -4);
  EXPECT_EQ(merged.binWidth, 2);
  EXPECT_EQ(merged.counts, (llvm::SmallVector<uint64_t, 0>{1, 5, 9, 13}));
}

TEST(MergeHistogramBins, GroupsGrowWhereZeroSplitsOne) {
  // Two bins cannot hold groups of two on both sides of 0.
  auto merged = mergeHistogramBins(makeHistogram(-1, 1, {1, 2, 3, 4}), 2);
  EXPECT_EQ(merged.leftEdge, -3);
  EXPECT_EQ(merged.binWidth, 3);
  EXPECT_EQ(merged.counts, (llvm::SmallVector<uint64_t, 0>{1, 9}));
}

TEST(MergeHistogramBins, BinsThatAreNotAlignedAtZero) {
  auto merged = mergeHistogramBins(makeHistogram(0.25, 1, {1, 2, 3, 4, 5}), 3);
  EXPECT_EQ(merged.leftEdge, 0.25);
  EXPECT_EQ(merged.binWidth, 2);
  EXPECT_EQ(merged.counts, (llvm::SmallVector<uint64_t, 0>{3, 7, 5}));
}

TEST(MergeHistogramBins, LosesNoElement) {
  ReportHistogram histogram;
  histogram.binWidth = 0.125;
  for (uint64_t size : {1, 2, 255, 256, 257, 511, 2048, 4097}) {
    histogram.counts.assign(size, 3);
    for (double first : {-5000.0, -2048.0, -100.0, -1.0, 0.0, 0.5, 77.0}) {
      histogram.leftEdge = first * histogram.binWidth;
      for (size_t maxBins : {2, 3, 64, 256}) {
        auto merged = mergeHistogramBins(histogram, maxBins);
        EXPECT_LE(merged.counts.size(), maxBins);
        EXPECT_EQ(countAll(merged), 3 * size);
        EXPECT_LE(merged.leftEdge, histogram.leftEdge);
      }
    }
  }
}

TEST(MergeHistogramBins, NothingStaysNothing) {
  EXPECT_TRUE(mergeHistogramBins(ReportHistogram(), 256).counts.empty());
  auto empty = makeHistogram(0, 1, {0, 0, 0});
  EXPECT_TRUE(mergeHistogramBins(empty, 256).counts.empty());
}

//===----------------------------------------------------------------------===//
// Statistics
//===----------------------------------------------------------------------===//

TEST(DescribeStatistics, AddsUpChannelsAndSides) {
  // The sides and channels have bins of different widths; of the widest, 2^-9,
  // all values are edges.
  TensorStatistics statistics(2, StatisticsDetail::Histogram);
  statistics.add({1, -0.25, 0, 0.5, 4, static_cast<float>(kNaN)},
                 ParameterLayout::alongAxis({2, 3}, 0));
  EdgeReport edge;
  describeStatistics(statistics, edge);
  EXPECT_EQ(edge.dataMin, -0.25);
  EXPECT_EQ(edge.dataMax, 4);
  EXPECT_EQ(edge.numElements, 6u);
  EXPECT_EQ(edge.numZeros, 1u);
  EXPECT_EQ(edge.numNaNs, 1u);
  EXPECT_EQ(edge.numInfinities, 0u);
  EXPECT_EQ(countAll(edge.histogram), 4u);
  double width = edge.histogram.binWidth;
  auto countAt = [&](double left) {
    double bin = (left - edge.histogram.leftEdge) / width;
    return edge.histogram.counts[static_cast<size_t>(bin)];
  };
  for (double left : {0.5, 1.0, 4.0})
    EXPECT_EQ(countAt(left), 1u);
  // A negative value is the right end of its bin.
  EXPECT_EQ(countAt(-0.25 - width), 1u);
}

TEST(DescribeStatistics, AllDetailsGiveTheSameHistogram) {
  TensorStatistics bins(StatisticsDetail::Histogram);
  TensorStatistics values(StatisticsDetail::Values);
  TensorStatistics extremes(StatisticsDetail::Extremes);
  for (TensorStatistics *statistics : {&bins, &values, &extremes})
    statistics->add({-3, 0.001, 0, 7, 1e-30, 2.5},
                    ParameterLayout::perTensor(6));
  EdgeReport fromBins, fromValues, fromExtremes;
  describeStatistics(bins, fromBins);
  describeStatistics(values, fromValues);
  describeStatistics(extremes, fromExtremes);
  EXPECT_EQ(fromBins.histogram.counts, fromValues.histogram.counts);
  EXPECT_EQ(fromBins.histogram.leftEdge, fromValues.histogram.leftEdge);
  EXPECT_EQ(fromBins.histogram.binWidth, fromValues.histogram.binWidth);
  EXPECT_EQ(countAll(fromBins.histogram), 5u);
  EXPECT_TRUE(fromExtremes.histogram.counts.empty());
  EXPECT_EQ(fromExtremes.dataMin, -3);
}

TEST(DescribeStatistics, WithoutAnElement) {
  EdgeReport edge = makeEdge("x", 30);
  describeStatistics(TensorStatistics(StatisticsDetail::Histogram), edge);
  EXPECT_TRUE(std::isnan(edge.dataMin));
  EXPECT_TRUE(std::isnan(edge.dataMax));
  EXPECT_EQ(edge.numElements, 0u);
  EXPECT_TRUE(edge.histogram.counts.empty());
}

//===----------------------------------------------------------------------===//
// Summary
//===----------------------------------------------------------------------===//

TEST(SummarizeReport, CountsAndWorst) {
  NetworkReport report;
  for (double sqnr : {30.0, kNaN, 12.0, kInf, 20.0})
    report.edges.push_back(makeEdge("edge", sqnr));
  report.edges[0].clippedLow = 0.01;
  report.edges[0].clippedHigh = 0.03;
  report.edges[1].warnings = {"one", "two"};
  report.edges[4].role = OperandRole::Weight;
  report.edges[4].clippedHigh = 1;
  ReportSummary summary = summarizeReport(report);
  EXPECT_EQ(summary.numActivations, 4u);
  EXPECT_EQ(summary.numWeights, 1u);
  EXPECT_EQ(summary.numWarnings, 2u);
  EXPECT_EQ(summary.worstEdge, 2u);
  EXPECT_EQ(summary.medianSqnrDb, 20.0);
  EXPECT_DOUBLE_EQ(*summary.clippedShare, 0.01);
}

TEST(SummarizeReport, NothingMeasured) {
  NetworkReport report;
  report.edges.push_back(makeEdge("edge", kNaN));
  report.edges[0].numElements = 0;
  ReportSummary summary = summarizeReport(report);
  EXPECT_FALSE(summary.worstEdge);
  EXPECT_FALSE(summary.medianSqnrDb);
  EXPECT_FALSE(summary.clippedShare);
}

TEST(EdgeReport, RangeOfAllChannels) {
  EdgeReport edge;
  EXPECT_TRUE(std::isnan(edge.getRangeMin()));
  edge.parameters = {{-1, 2, 1, 0}, {-3, 1, 1, 0}};
  EXPECT_EQ(edge.getRangeMin(), -3);
  EXPECT_EQ(edge.getRangeMax(), 2);
}

//===----------------------------------------------------------------------===//
// Page
//===----------------------------------------------------------------------===//

TEST(WriteCalibrationReport, EmptyNetwork) {
  std::string page = writePage(NetworkReport());
  EXPECT_EQ(page.compare(0, 15, "<!DOCTYPE html>"), 0);
  EXPECT_EQ(page.find("{{"), std::string::npos);
  EXPECT_TRUE(readData(page).getArray("edges")->empty());
}

TEST(WriteCalibrationReport, NeedsNothingElse) {
  std::string page = writePage(NetworkReport());
  EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
  EXPECT_EQ(page.find("src="), std::string::npos);
  EXPECT_EQ(page.find("<link"), std::string::npos);
  EXPECT_EQ(page.find("@import"), std::string::npos);
  EXPECT_EQ(page.find("url("), std::string::npos);
}

TEST(WriteCalibrationReport, NamesAreData) {
  std::string name = "</script><!-- <b title=\"x\\\"> & ' {{data}} \n\t\x01 "
                     "\xe5\x9b\xbe \xf0\x9f\x99\x82 \xe2\x80\xa8";
  NetworkReport report;
  report.title = name;
  report.edges.push_back(makeEdge(name, 30));
  report.edges[0].warnings.push_back(name);
  std::string page = writePage(report);
  EXPECT_EQ(getData(page).find('<'), llvm::StringRef::npos);
  EXPECT_NE(page.find("<title>&lt;/script&gt;&lt;!-- &lt;b title=&quot;x\\"
                      "&quot;&gt; &amp; &apos; {{data}}"),
            std::string::npos);

  llvm::json::Object data = readData(page);
  EXPECT_EQ(data.getString("title"), llvm::StringRef(name));
  const auto &edge = *data.getArray("edges")->front().getAsObject();
  EXPECT_EQ(edge.getString("name"), llvm::StringRef(name));
  EXPECT_EQ(edge.getArray("warnings")->front().getAsString(),
            llvm::StringRef(name));
}

TEST(WriteCalibrationReport, RepairsNamesThatAreNotUTF8) {
  NetworkReport report;
  report.title = "a\xff";
  report.edges.push_back(makeEdge("b\xc3", 30));
  report.edges[0].location = "c\xfe";
  report.edges[0].warnings.push_back("d\xf0\x9f");
  report.figures.push_back({"e\x80", "f\xc0", "g\xed\xa0\x80"});
  report.modelName = report.method = report.dataDescription = "h\xff";
  std::string page = writePage(report);
  EXPECT_TRUE(llvm::json::isUTF8(page));
  readData(page);
}

TEST(WriteCalibrationReport, IsDeterministic) {
  NetworkReport report;
  for (int i = 0; i < 20; ++i)
    report.edges.push_back(makeEdge("edge" + std::to_string(i), i * 0.1));
  EXPECT_EQ(writePage(report), writePage(report));
}

TEST(WriteCalibrationReport, NumbersReachThePage) {
  EdgeReport edge = makeEdge("x", 0.1);
  edge.harm = 0.25;
  edge.clippedLow = 1e-7;
  auto data = readEdge(edge);
  EXPECT_EQ(data.getNumber("sqnr"), 0.1);
  EXPECT_EQ(data.getNumber("harm"), 0.25);
  EXPECT_EQ(data.getNumber("clippedLow"), 1e-7);
  EXPECT_EQ(data.getNumber("rangeMin"), -1);
  EXPECT_EQ(data.getNumber("rangeMax"), 3);
  EXPECT_EQ(data.getInteger("elements"), 1000);
  const llvm::json::Object &parameters = *data.getObject("parameters");
  auto scale = parameters.getArray("scale")->front().getAsNumber();
  EXPECT_EQ(static_cast<float>(*scale), 4.0f / 255);
  EXPECT_EQ(parameters.getArray("zeroPoint")->front().getAsInteger(), -64);
  const llvm::json::Object &histogram = *data.getObject("histogram");
  EXPECT_EQ(histogram.getNumber("left"), -1);
  EXPECT_EQ(histogram.getNumber("width"), 0.5);
  EXPECT_EQ(histogram.getArray("counts")->size(), 8u);
}

TEST(WriteCalibrationReport, NumbersThatJSONDoesNotHave) {
  auto unknown = readEdge(makeEdge("x", kNaN));
  EXPECT_EQ(unknown.getNull("sqnr"), nullptr);
  EXPECT_EQ(unknown.get("harm"), nullptr);
  EXPECT_EQ(readEdge(makeEdge("x", kInf)).getString("sqnr"), "Infinity");
  EXPECT_EQ(readEdge(makeEdge("x", -kInf)).getString("sqnr"), "-Infinity");
}

TEST(WriteCalibrationReport, OneElement) {
  EdgeReport edge = makeEdge("x", kInf);
  edge.dataMin = edge.dataMax = 3.25f;
  edge.numElements = 1;
  edge.histogram = makeHistogram(3.25, 0.5, {1});
  auto data = readEdge(edge);
  EXPECT_EQ(data.getNumber("dataMin"), 3.25);
  EXPECT_EQ(data.getNumber("dataMax"), 3.25);
  EXPECT_EQ(data.getObject("histogram")->getArray("counts")->size(), 1u);
}

TEST(WriteCalibrationReport, NoElement) {
  EdgeReport edge;
  edge.dataMin = edge.dataMax = kNaN;
  auto data = readEdge(edge);
  EXPECT_EQ(data.getNull("dataMin"), nullptr);
  EXPECT_EQ(data.getNull("rangeMin"), nullptr);
  EXPECT_EQ(data.get("histogram"), nullptr);
}

TEST(WriteCalibrationReport, LargeHistogramsAreMerged) {
  EdgeReport edge = makeEdge("x", 30);
  edge.histogram.counts.assign(5000, 1);
  auto data = readEdge(edge);
  EXPECT_LE(data.getObject("histogram")->getArray("counts")->size(), 256u);
}

TEST(WriteCalibrationReport, RefusesMalformedHistograms) {
  for (auto [left, width] : {std::pair{0.0, 0.0}, std::pair{0.0, -1.0},
                             std::pair{kNaN, 1.0}, std::pair{0.0, kInf}}) {
    NetworkReport report;
    report.edges.push_back(makeEdge("x", 30));
    report.edges[0].histogram = makeHistogram(left, width, {1});
    std::string page;
    llvm::raw_string_ostream os(page);
    std::string message = llvm::toString(writeCalibrationReport(os, report));
    EXPECT_EQ(message.find("the histogram of edge 'x' begins at "), 0u);
    EXPECT_EQ(page, "");
  }
}

} // namespace
