//===- NpzArchiveTest.cpp - Members, checksums, writing -------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SampleFiles.h"
#include "llvm/Support/MemoryBuffer.h"
#include <sys/stat.h>

using namespace mlir::ptq;

namespace {

std::string readFile(llvm::StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  return buffer ? (*buffer)->getBuffer().str() : "";
}

/// The first error of opening `path` and reading all its arrays.
std::string getErrorOf(llvm::StringRef path) {
  llvm::Expected<NpzArchive> archive = NpzArchive::open(path);
  if (!archive)
    return llvm::toString(archive.takeError());
  for (const std::string &name : archive->getNames())
    if (llvm::Expected<NumpyArray> array = archive->read(name); !array)
      return llvm::toString(array.takeError());
  return "";
}

TEST(NpzArchive, RoundTrips) {
  TemporaryDirectory directory;
  std::string path = directory.getFile("x.npz");
  NumpyArray a = makeCounting({3, 2}), b = makeCounting({5});
  ASSERT_FALSE(static_cast<bool>(writeNpzFile(path, {{"a", a}, {"b/0:c", b}})));
  llvm::Expected<NpzArchive> archive = NpzArchive::open(path);
  ASSERT_TRUE(static_cast<bool>(archive));
  EXPECT_EQ(archive->getNames(), llvm::ArrayRef<std::string>({"a", "b/0:c"}));
  EXPECT_TRUE(archive->contains("a"));
  EXPECT_FALSE(archive->contains("a.npy"));
  for (const auto &[name, array] : {std::pair("a", a), std::pair("b/0:c", b)}) {
    llvm::Expected<NumpyArray> read = archive->read(name);
    ASSERT_TRUE(static_cast<bool>(read)) << llvm::toString(read.takeError());
    EXPECT_EQ(read->shape, array.shape);
    EXPECT_EQ(read->data, array.data);
  }
}

TEST(NpzArchive, UnknownArrayIsNamedWithTheOthers) {
  TemporaryDirectory directory;
  std::string path = directory.getFile("x.npz");
  NumpyArray array = makeCounting({1});
  ASSERT_FALSE(
      static_cast<bool>(writeNpzFile(path, {{"a", array}, {"b", array}})));
  llvm::Expected<NpzArchive> archive = NpzArchive::open(path);
  ASSERT_TRUE(static_cast<bool>(archive));
  llvm::Expected<NumpyArray> read = archive->read("c");
  ASSERT_FALSE(static_cast<bool>(read));
  EXPECT_EQ(llvm::toString(read.takeError()),
            path + ": has no array 'c'; it has 'a', 'b'");
}

TEST(NpzArchive, RefusesWhatIsNoArchive) {
  TemporaryDirectory directory;
  EXPECT_NE(getErrorOf(directory.getFile("missing.npz")), "");
  EXPECT_NE(getErrorOf(directory.write("empty.npz", "")), "");
  EXPECT_NE(getErrorOf(directory.write("text.npz", "no archive")), "");
  EXPECT_NE(getErrorOf(directory.getPath()), "");
}

TEST(NpzArchive, DetectsEveryChangedByteOfTheData) {
  TemporaryDirectory directory;
  std::string path = directory.getFile("x.npz");
  ASSERT_FALSE(
      static_cast<bool>(writeNpzFile(path, {{"a", makeCounting({64})}})));
  std::string contents = readFile(path);
  ASSERT_GT(contents.size(), 100u);
  // The name starts behind 30 bytes of local header; data follow.
  for (size_t at = 40; at < contents.size() / 2; at += 7) {
    std::string changed = contents;
    changed[at] ^= 0x20;
    EXPECT_NE(getErrorOf(directory.write("changed.npz", changed)), "") << at;
  }
}

TEST(NpzArchive, NoTruncationIsRead) {
  TemporaryDirectory directory;
  std::string path = directory.getFile("x.npz");
  ASSERT_FALSE(
      static_cast<bool>(writeNpzFile(path, {{"a", makeCounting({8})}})));
  std::string contents = readFile(path);
  for (size_t size = 0; size < contents.size(); ++size)
    EXPECT_NE(getErrorOf(directory.write(
                  "cut.npz", llvm::StringRef(contents).take_front(size))),
              "")
        << size;
}

TEST(NpzArchive, WritingReplacesAsAWhole) {
  TemporaryDirectory directory;
  std::string path = directory.write("x.npz", "something else");
  ASSERT_FALSE(
      static_cast<bool>(writeNpzFile(path, {{"a", makeCounting({2})}})));
  EXPECT_EQ(getErrorOf(path), "");

  std::string unwritable = directory.getFile("no/such/folder.npz");
  llvm::Error error = writeNpzFile(unwritable, {{"a", makeCounting({2})}});
  EXPECT_TRUE(static_cast<bool>(error));
  EXPECT_TRUE(llvm::StringRef(llvm::toString(std::move(error)))
                  .starts_with(unwritable + ": cannot be written: "));
  EXPECT_FALSE(llvm::sys::fs::exists(unwritable));
}

TEST(NpzArchive, WritesThroughLinks) {
  TemporaryDirectory directory;
  std::string path = directory.write("x.npz", "");
  std::string link = directory.getFile("link.npz");
  ASSERT_FALSE(llvm::sys::fs::create_link(path, link));
  ASSERT_FALSE(
      static_cast<bool>(writeNpzFile(link, {{"a", makeCounting({2})}})));
  EXPECT_EQ(getErrorOf(path), "");
  EXPECT_TRUE(llvm::sys::fs::is_symlink_file(link));
}

TEST(NpzArchive, ReplacesNothingButFiles) {
  TemporaryDirectory directory;
  std::string pipe = directory.getFile("pipe.npz");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  for (const std::string &path : {pipe, directory.getPath()}) {
    llvm::Error error = writeNpzFile(path, {{"a", makeCounting({2})}});
    ASSERT_TRUE(static_cast<bool>(error));
    EXPECT_EQ(llvm::toString(std::move(error)),
              path + ": cannot be written: it is not a regular file");
  }
  EXPECT_FALSE(llvm::sys::fs::is_regular_file(pipe));
}

} // namespace
