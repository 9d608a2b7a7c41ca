//===- CalibrationTableFormat.cpp - Statistics on disk --------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Calibration/CalibrationTable.h"
#include "ptq/Support/OutputFile.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/xxhash.h"
#include <cmath>

using namespace mlir::ptq;
using Side = Histogram::Side;

static constexpr llvm::StringLiteral kMagic = "ptq-calibration-table";
static constexpr llvm::StringLiteral kDetailNames[] = {"extremes", "histogram",
                                                       "values"};
static constexpr std::pair<Side, llvm::StringLiteral> kSides[] = {
    {Side::Negative, "negative"}, {Side::Positive, "positive"}};

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

static llvm::FormattedNumber formatBits(float x) {
  return llvm::format_hex_no_prefix(llvm::bit_cast<uint32_t>(x), 8);
}

static void printQuoted(llvm::raw_ostream &os, llvm::StringRef text) {
  os << '"';
  llvm::printEscapedString(text, os);
  os << '"';
}

static void printCounts(llvm::raw_ostream &os, llvm::ArrayRef<int64_t> counts) {
  while (!counts.empty() && counts.back() == 0)
    counts = counts.drop_back();
  while (!counts.empty()) {
    size_t numZeros =
        llvm::find_if(counts, [](int64_t count) { return count != 0; }) -
        counts.begin();
    if (numZeros != 0) {
      os << " z" << numZeros;
      counts = counts.drop_front(numZeros);
    }
    os << ' ' << counts.front();
    counts = counts.drop_front();
  }
}

static void printChannel(llvm::raw_ostream &os,
                         const ChannelStatistics &channel) {
  os << "channel " << kDetailNames[size_t(channel.detail)] << ' '
     << channel.numElements << ' ' << channel.numZeros << ' ' << channel.numNaNs
     << ' ' << channel.numInfinities << ' ' << formatBits(channel.min) << ' '
     << formatBits(channel.max) << '\n';
  for (auto [side, name] : kSides) {
    if (!channel.histogram || channel.histogram->isEmpty(side))
      continue;
    os << name << ' ' << channel.histogram->getExponent(side);
    printCounts(os, channel.histogram->getCounts(side));
    os << '\n';
  }
  if (!channel.values.empty()) {
    std::vector<float> sorted;
    for (float x : channel.values)
      sorted.push_back(x + 0.0f);
    llvm::sort(sorted);
    os << "values " << sorted.size();
    for (float x : sorted)
      os << ' ' << formatBits(x);
    os << '\n';
  }
  if (!channel.sampleExtremes.empty()) {
    os << "extremes " << channel.sampleExtremes.size();
    for (const SampleExtremes &extremes : channel.sampleExtremes)
      os << ' ' << extremes.sample << ' ' << formatBits(extremes.min) << ' '
         << formatBits(extremes.max);
    os << '\n';
  }
}

void CalibrationTable::print(llvm::raw_ostream &os) const {
  std::string text;
  llvm::raw_string_ostream stream(text);
  stream << kMagic << ' ' << kVersion << "\nmodel ";
  printQuoted(stream, modelHash);
  stream << "\nsamples " << numSamples << "\nedges " << edges.size() << '\n';
  for (const Edge &edge : edges) {
    stream << "edge ";
    printQuoted(stream, edge.name);
    stream << ' ';
    printQuoted(stream, edge.structure);
    stream << ' ' << edge.statistics.getChannels().size() << '\n';
    for (const ChannelStatistics &channel : edge.statistics.getChannels())
      printChannel(stream, channel);
  }
  os << text << "end "
     << llvm::format_hex_no_prefix(llvm::xxh3_64bits(text), 16) << '\n';
}

llvm::Error CalibrationTable::write(llvm::StringRef path) const {
  return writeOutputFile(path, [&](llvm::raw_ostream &os) {
    print(os);
    return llvm::Error::success();
  });
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

namespace {
/// Reads words from a text that was checked to be what some version of this
/// code wrote; but whoever writes a checksum may write anything before it.
class TableParser {
public:
  TableParser(llvm::StringRef text, llvm::StringRef origin)
      : rest(text), origin(origin) {}

  llvm::Expected<CalibrationTable> run();

private:
  llvm::Error makeError(const llvm::Twine &message) const {
    return llvm::createStringError("calibration table '" + origin + "' " +
                                   message);
  }

  /// The first failure is kept: reading goes on with empty words, and ends.
  void fail(const llvm::Twine &message) {
    if (failure.empty())
      failure = ("line " + llvm::Twine(line) + ": " + message).str();
    rest = "";
  }

  /// Whether the next word of this line exists.
  bool hasWord() const { return !rest.empty() && rest.front() != '\n'; }

  llvm::StringRef readWord() {
    rest = rest.ltrim(' ');
    llvm::StringRef word =
        rest.take_until([](char c) { return c == ' ' || c == '\n'; });
    rest = rest.drop_front(word.size()).ltrim(' ');
    return word;
  }

  void readKeyword(llvm::StringRef keyword) {
    if (llvm::StringRef word = readWord(); word != keyword)
      fail("expected '" + keyword + "', found '" + word + "'");
  }

  void readLineEnd() {
    if (!rest.consume_front("\n"))
      fail("expected the end of the line");
    ++line;
  }

  int64_t readInteger(int64_t low, int64_t high) {
    int64_t value = 0;
    llvm::StringRef word = readWord();
    if (word.getAsInteger(10, value) || value < low || value > high) {
      fail("expected a number from " + llvm::Twine(low) + " to " +
           llvm::Twine(high) + ", found '" + word + "'");
      return low;
    }
    return value;
  }

  int64_t readCount() { return readInteger(0, int64_t{1} << 62); }

  float readFloat() {
    uint32_t bits = 0;
    llvm::StringRef word = readWord();
    if (word.size() != 8 || word.getAsInteger(16, bits))
      fail("expected the 8 digits of a float, found '" + word + "'");
    return llvm::bit_cast<float>(bits);
  }

  float readFiniteFloat() {
    float x = readFloat();
    if (!std::isfinite(x)) {
      fail("expected a finite float");
      return 0;
    }
    return x;
  }

  std::string readString();
  StatisticsDetail readDetail();
  int64_t readSide(ChannelStatistics &channel, Side side);
  void readValues(ChannelStatistics &channel);
  void readExtremes(ChannelStatistics &channel);
  ChannelStatistics readChannel();

  llvm::StringRef rest;
  llvm::StringRef origin;
  int64_t line = 1;
  std::string failure;
};
} // namespace

std::string TableParser::readString() {
  std::string text;
  if (!rest.consume_front("\"")) {
    fail("expected a string");
    return text;
  }
  while (!rest.empty() && rest.front() != '"' && rest.front() != '\n') {
    char c = rest.front();
    rest = rest.drop_front();
    if (c == '\\' && rest.consume_front("\\")) {
      text += '\\';
    } else if (c == '\\') {
      unsigned code = 0;
      if (rest.take_front(2).getAsInteger(16, code))
        fail("unknown escape in a string");
      rest = rest.drop_front(std::min<size_t>(2, rest.size()));
      text += static_cast<char>(code);
    } else {
      text += c;
    }
  }
  if (!rest.consume_front("\""))
    fail("a string without end");
  rest = rest.ltrim(' ');
  return text;
}

StatisticsDetail TableParser::readDetail() {
  llvm::StringRef word = readWord();
  for (auto [i, name] : llvm::enumerate(kDetailNames))
    if (word == name)
      return static_cast<StatisticsDetail>(i);
  fail("unknown detail '" + word + "'");
  return StatisticsDetail::Extremes;
}

/// Returns the number of elements of this side.
int64_t TableParser::readSide(ChannelStatistics &channel, Side side) {
  // Widths of f32 values are at most 2^116.
  auto exponent = static_cast<int>(readInteger(Histogram::kMinExponent, 116));
  std::vector<int64_t> counts;
  int64_t sum = 0;
  constexpr auto kNumBins = static_cast<size_t>(Histogram::kNumBins);
  while (hasWord() && counts.size() < kNumBins) {
    if (rest.consume_front("z")) {
      int64_t numZeros =
          readInteger(1, static_cast<int64_t>(kNumBins - counts.size()));
      counts.resize(counts.size() + static_cast<size_t>(numZeros));
    } else {
      counts.push_back(readInteger(1, channel.numElements - sum));
      sum += counts.back();
    }
  }
  if (!channel.histogram)
    channel.histogram.emplace();
  channel.histogram->setSide(side, exponent, counts);
  readLineEnd();
  return sum;
}

void TableParser::readValues(ChannelStatistics &channel) {
  int64_t number = readCount();
  if (number != channel.getNumFinite())
    fail("the number of values is not that of finite elements");
  for (int64_t i = 0; i < number && hasWord(); ++i)
    channel.values.push_back(readFiniteFloat());
  readLineEnd();
}

void TableParser::readExtremes(ChannelStatistics &channel) {
  int64_t number = readCount(), previous = -1;
  for (int64_t i = 0; i < number && hasWord(); ++i) {
    SampleExtremes extremes;
    extremes.sample = readCount();
    extremes.min = readFiniteFloat();
    extremes.max = readFiniteFloat();
    if (extremes.sample <= previous)
      fail("samples are not in order");
    previous = extremes.sample;
    channel.sampleExtremes.push_back(extremes);
  }
  readLineEnd();
}

ChannelStatistics TableParser::readChannel() {
  readKeyword("channel");
  ChannelStatistics channel(readDetail());
  channel.numElements = readCount();
  channel.numZeros = readInteger(0, channel.numElements);
  channel.numNaNs = readInteger(0, channel.numElements - channel.numZeros);
  channel.numInfinities =
      readInteger(0, channel.numElements - channel.numZeros - channel.numNaNs);
  channel.min = readFloat();
  channel.max = readFloat();
  bool hasExtremes = std::isfinite(channel.min) && std::isfinite(channel.max) &&
                     channel.min <= channel.max;
  if (channel.getNumFinite() != 0 && !hasExtremes)
    fail("finite elements without finite extremes");
  readLineEnd();
  int64_t numCounted = 0;
  for (auto [side, name] : kSides)
    if (rest.consume_front(name))
      numCounted += readSide(channel, side);
  if (channel.detail == StatisticsDetail::Histogram &&
      numCounted + channel.numZeros != channel.getNumFinite())
    fail("the counts of the histogram do not add up");
  if (rest.consume_front("values"))
    readValues(channel);
  if (channel.detail == StatisticsDetail::Values &&
      static_cast<int64_t>(channel.values.size()) != channel.getNumFinite())
    fail("values are missing");
  if (rest.consume_front("extremes"))
    readExtremes(channel);
  return channel;
}

llvm::Expected<CalibrationTable> TableParser::run() {
  llvm::StringRef text = rest;
  if (readWord() != kMagic)
    return llvm::createStringError("'" + origin +
                                   "' is not a calibration table");
  // Another version may differ in all that follows, checksum included.
  int64_t version = 0;
  if (llvm::StringRef word = readWord(); word.getAsInteger(10, version))
    return makeError("is truncated or damaged in its first line");
  if (version != CalibrationTable::kVersion)
    return makeError("has format version " + llvm::Twine(version) +
                     "; this program reads version " +
                     llvm::Twine(CalibrationTable::kVersion));
  size_t end = text.rfind("\nend ");
  if (end == llvm::StringRef::npos || !text.ends_with("\n"))
    return makeError("is truncated");
  uint64_t checksum = 0;
  llvm::StringRef body = text.take_front(end + 1);
  if (text.drop_front(end + 5).drop_back().getAsInteger(16, checksum) ||
      checksum != llvm::xxh3_64bits(body))
    return makeError("is damaged: its checksum does not match");
  rest = rest.drop_back(text.size() - body.size());
  readLineEnd();

  CalibrationTable table;
  readKeyword("model");
  table.modelHash = readString();
  readLineEnd();
  readKeyword("samples");
  table.numSamples = readCount();
  readLineEnd();
  readKeyword("edges");
  int64_t numEdges = readCount();
  readLineEnd();
  for (int64_t i = 0; i < numEdges && failure.empty(); ++i) {
    readKeyword("edge");
    std::string name = readString(), structure = readString();
    int64_t numChannels = readCount();
    readLineEnd();
    std::vector<ChannelStatistics> channels;
    for (int64_t c = 0; c < numChannels && failure.empty(); ++c)
      channels.push_back(readChannel());
    table.edges.push_back(
        {std::move(name), std::move(structure), TensorStatistics(channels)});
  }
  if (failure.empty() && !rest.empty())
    fail("expected the end of the table");
  if (!failure.empty())
    return makeError("is damaged at " + failure);
  return table;
}

llvm::Expected<CalibrationTable>
CalibrationTable::parse(llvm::StringRef text, llvm::StringRef origin) {
  return TableParser(text, origin).run();
}

llvm::Expected<CalibrationTable> CalibrationTable::read(llvm::StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return llvm::createStringError(buffer.getError(),
                                   "cannot read '" + path +
                                       "': " + buffer.getError().message());
  return parse((*buffer)->getBuffer(), path);
}
