//===- HostProcessorTest.cpp - What this machine lacks --------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Execution/HostProcessor.h"
#include "ptq/MachineCode/TargetMachine.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"
#include "gtest/gtest.h"

using namespace mlir::ptq;

namespace {

std::vector<std::string> getMissing(llvm::StringRef cpu,
                                    llvm::StringRef features) {
  auto missing = getMissingHostFeatures(cpu, features);
  if (!missing)
    return {"error: " + llvm::toString(missing.takeError())};
  return {missing->begin(), missing->end()};
}

TEST(HostProcessor, RunsItsOwnCode) {
  std::string features;
  for (const auto &[name, isPresent] : llvm::sys::getHostCPUFeatures())
    features += (isPresent ? ",+" : ",-") + name.str();
  EXPECT_TRUE(getMissing("", "").empty());
  EXPECT_TRUE(getMissing(llvm::sys::getHostCPUName(), "").empty());
  EXPECT_TRUE(
      getMissing(llvm::sys::getHostCPUName(), features.substr(1)).empty());
}

TEST(HostProcessor, NamesWhatIsMissing) {
  EXPECT_EQ(getMissing("", "+no-such-thing,-nor-this,+another"),
            (std::vector<std::string>{"another", "no-such-thing"}));
}

TEST(HostProcessor, FeaturesDecideOverTheProcessor) {
  // Code shaped for another processor may need none of its instructions.
  EXPECT_TRUE(getMissing("no-such-cpu", "-anything").empty());
  std::vector<std::string> missing = getMissing("no-such-cpu", "");
  ASSERT_EQ(missing.size(), 1u);
  EXPECT_TRUE(llvm::StringRef(missing[0])
                  .starts_with("error: unknown processor 'no-such-cpu'"));
}

TEST(HostProcessor, HasACodeGenerator) {
  auto machine = createHostTargetMachine();
  ASSERT_TRUE(static_cast<bool>(machine));
  EXPECT_EQ((*machine)->getTargetTriple().getArch(),
            llvm::Triple(llvm::sys::getProcessTriple()).getArch());
}

} // namespace
