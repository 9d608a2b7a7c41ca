//===- ProgressBarTest.cpp - What is drawn, and when ----------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Support/ProgressBar.h"
#include "gtest/gtest.h"
#include <limits>
#include <thread>
#include <vector>

using namespace mlir::ptq;

namespace {

/// A terminal of a settable width whose clock stands still until told.
struct FakeTerminal {
  ProgressTerminal get() {
    ProgressTerminal terminal;
    terminal.stream = &stream;
    terminal.getColumns = [this] { return columns; };
    terminal.getTime = [this] {
      return ProgressTerminal::TimePoint(std::chrono::milliseconds(now.load()));
    };
    return terminal;
  }

  size_t countDrawings() const { return llvm::StringRef(text).count('\r'); }

  std::string text;
  llvm::raw_string_ostream stream{text};
  unsigned columns = 81;
  std::atomic<int> now{0};
};

TEST(ProgressBar, DrawsAndErasesItself) {
  FakeTerminal terminal;
  {
    ProgressBar bar("calibrating", 1000, terminal.get());
    terminal.now = 10000;
    bar.advance(500);
    EXPECT_EQ(terminal.text,
              "\rcalibrating [===================>                  ] 500/1000"
              "  50.0/s  0:10 left\x1b[K");
  }
  EXPECT_TRUE(llvm::StringRef(terminal.text).ends_with("left\x1b[K\r\x1b[K"));
}

TEST(ProgressBar, SaysWhatIsBeingDone) {
  FakeTerminal terminal;
  ProgressBar bar("one", 10, terminal.get());
  bar.setLabel("another");
  terminal.now = 1000;
  bar.advance();
  EXPECT_TRUE(llvm::StringRef(terminal.text).starts_with("\ranother ["));
}

TEST(ProgressBar, ShortWorkIsSilent) {
  FakeTerminal terminal;
  {
    ProgressBar bar("calibrating", 2, terminal.get());
    bar.advance();
    terminal.now = 99;
    bar.advance();
  }
  EXPECT_EQ(terminal.text, "");
}

TEST(ProgressBar, DrawsAtMostTenTimesASecond) {
  FakeTerminal terminal;
  ProgressBar bar("calibrating", 1000, terminal.get());
  for (int i = 0; i < 1000; ++i) {
    terminal.now = i;
    bar.advance();
  }
  EXPECT_EQ(terminal.countDrawings(), 9u);
}

TEST(ProgressBar, IsSilentWithoutATerminal) {
  ProgressBar bar("calibrating", 10, ProgressTerminal());
  bar.advance(5);
  bar.finish();
}

TEST(ProgressBar, DrawsNothingAfterTheEnd) {
  FakeTerminal terminal;
  ProgressBar bar("calibrating", 10, terminal.get());
  terminal.now = 200;
  bar.advance();
  bar.finish();
  std::string erased = terminal.text;
  terminal.now = 400;
  bar.advance();
  bar.finish();
  EXPECT_EQ(terminal.text, erased);
}

TEST(ProgressBar, FollowsTheWidthOfTheTerminal) {
  FakeTerminal terminal;
  ProgressBar bar("calibrating", 1000, terminal.get());
  terminal.now = 1000;
  terminal.columns = 10;
  bar.advance(10);
  EXPECT_EQ(terminal.text, "\r10/1000\x1b[K");
  terminal.now = 2000;
  terminal.columns = 0;
  bar.advance(10);
  EXPECT_EQ(terminal.text, "\r10/1000\x1b[K\r\x1b[K");
}

TEST(ProgressBar, CountsTheStepsOfAllThreads) {
  FakeTerminal terminal;
  ProgressBar bar("calibrating", 4000, terminal.get());
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) {
        terminal.now += 1;
        bar.advance();
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  terminal.now += 1000;
  bar.advance(0);
  EXPECT_NE(terminal.text.find("] 4000/4000"), std::string::npos);
  EXPECT_LE(terminal.countDrawings(), 41u);
}

TEST(FormatProgress, LeavesOutWhatDoesNotFit) {
  auto format = [](unsigned columns) {
    return formatProgress("run", 250, 1000, 10, columns);
  };
  EXPECT_EQ(format(48), "run [===>          ] 250/1000  25.0/s  0:30 left");
  EXPECT_EQ(format(45), "run [==>        ] 250/1000  25.0/s  0:30 left");
  EXPECT_EQ(format(44), "run [==>       ] 250/1000  25.0/s  0:30 left");
  EXPECT_EQ(format(43), "run [=====>              ] 250/1000  25.0/s");
  EXPECT_EQ(format(32), "run [====>            ] 250/1000");
  EXPECT_EQ(format(12), "run 250/1000");
  EXPECT_EQ(format(8), "250/1000");
  EXPECT_EQ(format(7), "");
  for (unsigned columns = 0; columns < 200; ++columns)
    EXPECT_LE(format(columns).size(), columns);
}

TEST(FormatProgress, WithoutATotalOnlyCountAndRate) {
  EXPECT_EQ(formatProgress("run", 30, 0, 2, 80), "run 30  15.0/s");
}

TEST(FormatProgress, NothingDoneYet) {
  EXPECT_EQ(formatProgress("", 0, 4, 3, 80),
            "[>                                       ] 0/4");
}

TEST(FormatProgress, MoreDoneThanPlanned) {
  EXPECT_EQ(formatProgress("", 5, 4, 1, 24), "[==========] 5/4  5.00/s");
}

TEST(FormatProgress, LongTimesAndHighRates) {
  auto tail = [](uint64_t done, uint64_t total, double seconds) {
    std::string line = formatProgress("", done, total, seconds, 200);
    return line.substr(line.find("]") + 1);
  };
  EXPECT_EQ(tail(1, 3725, 1), " 1/3725  1.00/s  1:02:04 left");
  EXPECT_EQ(tail(1, 2, 1e6), " 1/2  0.000/s  days left");
  EXPECT_EQ(tail(100000, 200000, 0.5), " 100000/200000  200000/s  0:01 left");
  EXPECT_EQ(tail(1, std::numeric_limits<uint64_t>::max(), 1),
            " 1/18446744073709551615  1.00/s  days left");
}

} // namespace
