//===- CalibrationTableTest.cpp - Tables are exact and suspicious ---------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Calibration/CalibrationTable.h"
#include "OracleData.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/xxhash.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <random>

using namespace mlir::ptq;
using namespace mlir::ptq::test;

namespace {

const float kInf = std::numeric_limits<float>::infinity();
const float kNaN = std::numeric_limits<float>::quiet_NaN();

std::string print(const CalibrationTable &table) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  table.print(stream);
  return text;
}

std::string getError(llvm::StringRef text) {
  llvm::Expected<CalibrationTable> table = CalibrationTable::parse(text, "T");
  return table ? "" : llvm::toString(table.takeError());
}

CalibrationTable makeEmptyTable() {
  CalibrationTable table;
  table.modelHash = "cafe";
  table.edges = {
      {"in\"put\\ \n\x01", "s0", TensorStatistics(StatisticsDetail::Histogram)},
      {"conv/0", "s1", TensorStatistics(3, StatisticsDetail::Histogram)},
      {"", "", TensorStatistics(StatisticsDetail::Extremes)},
      {"weight", "s3", TensorStatistics(2, StatisticsDetail::Values)}};
  return table;
}

/// The values of an edge for one sample.
std::vector<float> makeSample(int64_t sample, int edge) {
  std::mt19937 random(sample * 10 + edge);
  std::normal_distribution<float> normal(0, 1 + sample % 7);
  std::vector<float> values(60);
  for (float &x : values)
    x = random() % 4 ? normal(random) : -0.0f;
  if (sample % 5 == 0)
    values[sample % 60] = sample % 2 ? kNaN : -kInf;
  return values;
}

void addSample(CalibrationTable &table, int64_t sample) {
  for (auto [i, edge] : llvm::enumerate(table.edges)) {
    auto channels = static_cast<int64_t>(edge.statistics.getChannels().size());
    auto layout = ParameterLayout::alongAxis({30 / channels, channels, 2}, 1);
    edge.statistics.add(makeSample(sample, i), layout, sample);
  }
  ++table.numSamples;
}

CalibrationTable makeTable() {
  CalibrationTable table = makeEmptyTable();
  for (int64_t sample = 0; sample < 40; ++sample)
    addSample(table, sample);
  return table;
}

TEST(CalibrationTable, RoundTrip) {
  for (const CalibrationTable &table :
       {CalibrationTable(), makeEmptyTable(), makeTable()}) {
    std::string text = print(table);
    llvm::Expected<CalibrationTable> parsed =
        CalibrationTable::parse(text, "T");
    ASSERT_TRUE(bool(parsed)) << llvm::toString(parsed.takeError());
    EXPECT_EQ(print(*parsed), text);
    EXPECT_EQ(parsed->numSamples, table.numSamples);
    ASSERT_EQ(parsed->edges.size(), table.edges.size());
    for (auto [a, b] : llvm::zip(parsed->edges, table.edges)) {
      EXPECT_EQ(a.name, b.name);
      EXPECT_EQ(a.structure, b.structure);
      EXPECT_TRUE(a.statistics == b.statistics);
    }
  }
}

TEST(CalibrationTable, ShardsMergeToTheSameBytesInAnyOrder) {
  std::string expected = print(makeTable());
  std::vector<int> order = {0, 1, 2, 3};
  do {
    CalibrationTable merged = makeEmptyTable();
    for (int shard : order) {
      CalibrationTable part = makeEmptyTable();
      for (int64_t sample = 39 - shard; sample >= 0; sample -= 4)
        addSample(part, sample);
      ASSERT_FALSE(merged.merge(part, "part"));
    }
    EXPECT_EQ(print(merged), expected);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(CalibrationTable, EveryTruncationIsFound) {
  std::string text = print(makeTable());
  for (size_t size = 0; size < text.size(); size += 1 + size / 500)
    EXPECT_NE(getError(llvm::StringRef(text).take_front(size)), "");
  EXPECT_NE(getError(llvm::StringRef(text).drop_back()), "");
  EXPECT_EQ(getError(llvm::StringRef(text).take_front(text.size() / 2)),
            "calibration table 'T' is truncated");
  EXPECT_EQ(getError(""), "'T' is not a calibration table");
}

TEST(CalibrationTable, DamageIsFound) {
  std::string text = print(makeTable());
  text[text.size() / 2] ^= 1;
  EXPECT_EQ(getError(text),
            "calibration table 'T' is damaged: its checksum does not match");
}

TEST(CalibrationTable, OtherVersions) {
  std::string text = print(makeTable());
  text.replace(0, text.find('\n'), "ptq-calibration-table 2");
  EXPECT_EQ(getError(text), "calibration table 'T' has format version 2; this "
                            "program reads version 1");
}

/// Appends the checksum that belongs to `body`.
std::string sign(llvm::StringRef body) {
  std::string text = body.str();
  llvm::raw_string_ostream(text)
      << "end " << llvm::format_hex_no_prefix(llvm::xxh3_64bits(body), 16)
      << '\n';
  return text;
}

TEST(CalibrationTable, SignedNonsenseIsRefused) {
  std::string head = "ptq-calibration-table 1\nmodel \"m\"\nsamples 1\n";
  std::string edge = head + "edges 1\nedge \"e\" \"\" 1\n";
  struct {
    std::string body, message;
  } cases[] = {
      {head + "edges -1\n", "line 4: expected a number from 0 to "
                            "4611686018427387904, found '-1'"},
      {head + "edges 1\n", "line 5: expected 'edge', found ''"},
      {edge + "channel extremes 2 3 0 0 00000000 00000000\n",
       "line 6: expected a number from 0 to 2, found '3'"},
      {edge + "channel maybe 0 0 0 0 00000000 00000000\n",
       "line 6: unknown detail 'maybe'"},
      {edge + "channel extremes 1 0 0 0 7f800000 3f800000\n",
       "line 6: finite elements without finite extremes"},
      {edge + "channel histogram 2 0 0 0 3f800000 3f800000\npositive -11 1\n",
       "line 8: the counts of the histogram do not add up"},
      {edge + "channel histogram 2 0 0 0 3f800000 3f800000\npositive 200 1\n",
       "line 7: expected a number from -126 to 116, found '200'"},
      {edge +
           "channel histogram 1 0 0 0 3f800000 3f800000\npositive 0 z4097 1\n",
       "line 7: expected a number from 1 to 4096, found '4097'"},
      {edge + "channel values 1 0 0 0 3f800000 3f800000\n",
       "line 7: values are missing"},
      {edge + "channel values 1 0 0 0 3f800000 3f800000\nvalues 1 3f8\n",
       "line 7: expected the 8 digits of a float, found '3f8'"},
      {edge + "channel extremes 1 0 0 0 3f800000 3f800000\n"
              "extremes 2 1 00000000 00000000 1 00000000 00000000\n",
       "line 7: samples are not in order"},
      {head + "edges 0\nedge\n", "line 5: expected the end of the table"}};
  for (const auto &test : cases)
    EXPECT_EQ(getError(sign(test.body)),
              "calibration table 'T' is damaged at " + test.message);
}

TEST(CalibrationTable, RandomDamageUnderAGoodChecksumDoesNoHarm) {
  std::string text = print(makeTable());
  text.resize(text.rfind("end "));
  std::mt19937 random(9);
  const char kBytes[] = "0123456789 \n\"\\zabcdef-";
  for (int trial = 0; trial < 300; ++trial) {
    std::string damaged = text;
    for (int i = 0; i < 3; ++i)
      damaged[random() % damaged.size()] = kBytes[random() % 22];
    getError(sign(damaged));
  }
}

TEST(CalibrationTable, OtherModelsAreNamedByTheFirstEdge) {
  CalibrationTable table = makeTable();
  std::vector<EdgeIdentity> edges;
  for (const CalibrationTable::Edge &edge : table.edges)
    edges.push_back(edge.getIdentity());
  auto check = [&](const std::vector<EdgeIdentity> &model,
                   llvm::StringRef hash = "cafe") {
    llvm::Error error = table.checkModel(hash, model, "T");
    return llvm::toString(std::move(error));
  };
  EXPECT_EQ(check(edges), "");
  auto other = edges;
  other[1].name = "conv/1";
  other[3].name = "no matter";
  EXPECT_EQ(check(other), "calibration table 'T' is of another model: it has "
                          "edge 'conv/0' where the model has 'conv/1'");
  other = edges;
  other[3].numChannels = 4;
  EXPECT_EQ(check(other),
            "calibration table 'T' is of another model: it has edge 'weight' "
            "with 2 channels where the model has 4");
  other = edges;
  other[1].structure = "s9";
  EXPECT_EQ(check(other), "calibration table 'T' is of another model: it has "
                          "edge 'conv/0' behind other operations");
  other = edges;
  other.pop_back();
  EXPECT_EQ(check(other), "calibration table 'T' is of another model: it has "
                          "edge 'weight', which the model has not");
  other = edges;
  other.push_back({"logits", "", 1});
  EXPECT_EQ(check(other),
            "calibration table 'T' is of another model: it lacks edge "
            "'logits'");
  EXPECT_EQ(check(edges, "beef"), "calibration table 'T' is of another model, "
                                  "whose edges have the same names");
}

TEST(CalibrationTable, OtherModelsDoNotMerge) {
  CalibrationTable table = makeTable(), other = makeTable();
  std::string before = print(table);
  other.edges[0].statistics = TensorStatistics(StatisticsDetail::Extremes);
  EXPECT_NE(llvm::toString(table.merge(other, "T")), "");
  other.edges[0].name = "x";
  EXPECT_NE(llvm::toString(table.merge(other, "T")), "");
  EXPECT_EQ(print(table), before);
}

TEST(CalibrationTable, Files) {
  std::string path = testing::TempDir() + "/ptq-calibration-table-test";
  CalibrationTable table = makeTable();
  ASSERT_FALSE(table.write(path));
  llvm::Expected<CalibrationTable> read = CalibrationTable::read(path);
  ASSERT_TRUE(bool(read));
  EXPECT_EQ(print(*read), print(table));
  std::remove(path.c_str());
  EXPECT_NE(llvm::toString(CalibrationTable::read(path).takeError()), "");
  EXPECT_NE(llvm::toString(table.write(path + "/missing/file")), "");
}

} // namespace
