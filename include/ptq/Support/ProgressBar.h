//===- ProgressBar.h - How far long work has come ---------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_SUPPORT_PROGRESSBAR_H
#define PTQ_SUPPORT_PROGRESSBAR_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"
#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <string>

namespace mlir::ptq {

/// The terminal that a progress bar draws on. Tests put their own in its place.
struct ProgressTerminal {
  using TimePoint = std::chrono::steady_clock::time_point;

  /// Where to draw; null means that nothing is ever drawn.
  llvm::raw_ostream *stream = nullptr;
  /// The width of a line. Asked for every time, so that the bar follows a
  /// window that changes its size.
  std::function<unsigned()> getColumns;
  std::function<TimePoint()> getTime;

  /// Standard error where it is a terminal that can erase a line; otherwise
  /// (redirected, TERM unset or `dumb`) a terminal without a stream.
  static ProgressTerminal getStandardError();
};

/// One line that shows how far long work has come, how fast it goes and how
/// long it will take:
///
///   calibrating [=========>          ] 471/1000  52.3/s  0:10 left
///
/// The line appears after a tenth of a second, so that short work stays silent,
/// is drawn at most ten times a second, leaves out what does not fit, and
/// erases itself at the end. Every function may be called from several threads.
class ProgressBar {
public:
  /// `total` is the number of steps to do; 0 if that is not known, which leaves
  /// the bar and the remaining time out.
  ProgressBar(llvm::StringRef label, uint64_t total,
              ProgressTerminal terminal = ProgressTerminal::getStandardError());
  ~ProgressBar() { finish(); }
  ProgressBar(const ProgressBar &) = delete;
  ProgressBar &operator=(const ProgressBar &) = delete;

  /// Notes that `steps` more steps are done, and draws when it is time to.
  void advance(uint64_t steps = 1);

  /// Says from now on what is being done.
  void setLabel(llvm::StringRef newLabel);

  /// Erases the line. Nothing is drawn afterwards.
  void finish();

private:
  using TimePoint = ProgressTerminal::TimePoint;

  void draw(TimePoint now);

  const uint64_t total;
  ProgressTerminal terminal;
  TimePoint start;
  std::atomic<uint64_t> numDone{0};
  /// When the line may be drawn again.
  std::atomic<TimePoint> nextDrawing;
  /// Guards the stream and what follows.
  std::mutex mutex;
  std::string label;
  bool isDrawn = false;
  bool isFinished = false;
};

/// The line that ProgressBar draws: `label`, `done` of `total` steps (0: not
/// known) after `seconds`, in at most `columns` characters. The bar shrinks
/// first, then remaining time, rate, bar, and label give way; a line too
/// narrow for the counts is empty.
std::string formatProgress(llvm::StringRef label, uint64_t done, uint64_t total,
                           double seconds, unsigned columns);

} // namespace mlir::ptq

#endif // PTQ_SUPPORT_PROGRESSBAR_H
