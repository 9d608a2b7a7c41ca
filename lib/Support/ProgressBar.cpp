//===- ProgressBar.cpp - How far long work has come -----------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Support/ProgressBar.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Process.h"
#include <algorithm>
#include <cmath>
#include <optional>

using namespace mlir::ptq;

namespace {

constexpr std::chrono::milliseconds kDrawingInterval(100);
constexpr size_t kMinBarWidth = 12;
constexpr size_t kMaxBarWidth = 42;

/// Back to the first column, and erase from there to the end of the line.
constexpr llvm::StringLiteral kReturn = "\r";
constexpr llvm::StringLiteral kEraseRest = "\x1b[K";

std::string formatString(const llvm::format_object_base &format) {
  std::string text;
  llvm::raw_string_ostream(text) << format;
  return text;
}

/// Three significant digits: 0.125, 12.5, 1250.
std::string formatRate(double rate) {
  int digits = rate >= 100 ? 0 : rate >= 10 ? 1 : rate >= 1 ? 2 : 3;
  return formatString(llvm::format("%.*f/s", digits, rate));
}

/// Hours, minutes and seconds: 0:07, 12:30, 1:02:03.
std::string formatDuration(double seconds) {
  constexpr double kLongest = 100 * 3600;
  if (!(seconds < kLongest))
    return "days";
  auto whole = static_cast<unsigned>(std::ceil(seconds));
  unsigned hours = whole / 3600, minutes = whole / 60 % 60;
  if (hours > 0)
    return formatString(
        llvm::format("%u:%02u:%02u", hours, minutes, whole % 60));
  return formatString(llvm::format("%u:%02u", minutes, whole % 60));
}

/// `[====>    ]`, `width` characters long.
std::string formatBar(double share, size_t width) {
  size_t inner = width - 2;
  auto filled = static_cast<size_t>(share * static_cast<double>(inner));
  std::string bar(inner, ' ');
  std::fill_n(bar.begin(), filled, '=');
  if (filled < inner)
    bar[filled] = '>';
  return "[" + bar + "]";
}

} // namespace

std::string mlir::ptq::formatProgress(llvm::StringRef label, uint64_t done,
                                      uint64_t total, double seconds,
                                      unsigned columns) {
  std::string counts = llvm::utostr(done);
  if (total > 0)
    counts += "/" + llvm::utostr(total);
  if (counts.size() > columns)
    return {};
  size_t room = columns - counts.size();
  auto take = [&](size_t width) {
    bool fits = width <= room;
    room -= fits ? width : 0;
    return fits;
  };

  // Each part asks for room in the order of its importance.
  std::string line;
  if (!label.empty() && take(label.size() + 1))
    line = (label + " ").str();
  bool hasBar = total > 0 && take(kMinBarWidth + 1);
  std::string rate, remaining;
  if (done > 0 && seconds > 0) {
    double stepsPerSecond = static_cast<double>(done) / seconds;
    rate = "  " + formatRate(stepsPerSecond);
    if (!take(rate.size()))
      rate.clear();
    if (done < total) {
      double left = static_cast<double>(total - done) / stepsPerSecond;
      remaining = "  " + formatDuration(left) + " left";
      if (rate.empty() || !take(remaining.size()))
        remaining.clear();
    }
  }
  if (hasBar) {
    double share =
        static_cast<double>(std::min(done, total)) / static_cast<double>(total);
    size_t width = std::min(kMinBarWidth + room, kMaxBarWidth);
    line += formatBar(share, width) + " ";
  }
  return line + counts + rate + remaining;
}

ProgressTerminal ProgressTerminal::getStandardError() {
  ProgressTerminal terminal;
  terminal.getColumns = llvm::sys::Process::StandardErrColumns;
  terminal.getTime = std::chrono::steady_clock::now;
  std::optional<std::string> kind = llvm::sys::Process::GetEnv("TERM");
  if (kind && !kind->empty() && *kind != "dumb" &&
      llvm::sys::Process::StandardErrIsDisplayed())
    terminal.stream = &llvm::errs();
  return terminal;
}

ProgressBar::ProgressBar(llvm::StringRef label, uint64_t total,
                         ProgressTerminal terminal)
    : total(total), terminal(std::move(terminal)), label(label) {
  if (this->terminal.stream)
    start = this->terminal.getTime();
  nextDrawing = start + kDrawingInterval;
}

void ProgressBar::advance(uint64_t steps) {
  numDone.fetch_add(steps, std::memory_order_relaxed);
  if (!terminal.stream)
    return;
  TimePoint now = terminal.getTime();
  if (now < nextDrawing.load(std::memory_order_relaxed))
    return;
  // Whoever finds the bar being drawn goes on with its work.
  std::unique_lock<std::mutex> lock(mutex, std::try_to_lock);
  if (!lock || isFinished || now < nextDrawing.load())
    return;
  nextDrawing = now + kDrawingInterval;
  draw(now);
}

void ProgressBar::setLabel(llvm::StringRef newLabel) {
  std::lock_guard<std::mutex> lock(mutex);
  label = newLabel.str();
}

void ProgressBar::draw(TimePoint now) {
  double seconds = std::chrono::duration<double>(now - start).count();
  unsigned columns = terminal.getColumns();
  // The last column stays free: a character there would wrap the line.
  std::string line =
      formatProgress(label, numDone.load(std::memory_order_relaxed), total,
                     seconds, columns > 0 ? columns - 1 : 0);
  *terminal.stream << kReturn << line << kEraseRest;
  terminal.stream->flush();
  isDrawn = true;
}

void ProgressBar::finish() {
  std::lock_guard<std::mutex> lock(mutex);
  if (isDrawn && !isFinished) {
    *terminal.stream << kReturn << kEraseRest;
    terminal.stream->flush();
  }
  isFinished = true;
}
