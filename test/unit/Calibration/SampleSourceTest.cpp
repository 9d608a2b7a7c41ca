//===- SampleSourceTest.cpp - Where samples come from ---------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Calibration/SampleSource.h"
#include "SampleFiles.h"
#include "llvm/ADT/STLExtras.h"
#include <array>
#include <cmath>
#include <limits>

using namespace mlir::ptq;

namespace {

SampleInput makeInput(llvm::ArrayRef<int64_t> shape, std::string name = "x") {
  SampleInput input;
  input.name = std::move(name);
  input.kind = ElementKind::Float32;
  input.shape.assign(shape.begin(), shape.end());
  return input;
}

std::vector<float> readSample(const SampleSource &source, int64_t index,
                              const SampleInput &input, size_t number = 0) {
  std::vector<float> sample(input.getSampleBytes() / sizeof(float));
  source.read(index, number,
              {reinterpret_cast<char *>(sample.data()),
               static_cast<size_t>(input.getSampleBytes())});
  return sample;
}

std::unique_ptr<SampleSource> open(llvm::StringRef spec,
                                   llvm::ArrayRef<SampleInput> inputs,
                                   const SampleOptions &options = {}) {
  auto source = openSamples(spec, inputs, options);
  if (source)
    return std::move(*source);
  ADD_FAILURE() << llvm::toString(source.takeError());
  return nullptr;
}

std::string getErrorOf(llvm::StringRef spec,
                       llvm::ArrayRef<SampleInput> inputs) {
  auto source = openSamples(spec, inputs);
  return source ? "" : llvm::toString(source.takeError());
}

std::string
writeNpz(const TemporaryDirectory &directory,
         llvm::ArrayRef<std::pair<std::string, NumpyArray>> arrays) {
  std::string path = directory.getFile("x.npz");
  EXPECT_FALSE(static_cast<bool>(writeNpzFile(path, arrays)));
  return path;
}

std::string writeNpy(const TemporaryDirectory &directory, llvm::StringRef name,
                     const NumpyArray &array) {
  return directory.write(name, serializeNumpyArray(array));
}

TEST(SampleSource, ReadsArraysByName) {
  TemporaryDirectory directory;
  std::string path = writeNpz(directory, {{"labels", makeCounting({3})},
                                          {"y", makeCounting({3})},
                                          {"x", makeCounting({3, 2})}});
  SampleInput inputs[] = {makeInput({2}), makeInput({}, "y")};
  auto source = open(path, inputs);
  ASSERT_TRUE(source);
  EXPECT_EQ(source->getNumSamples(), 3);
  EXPECT_EQ(readSample(*source, 1, inputs[0]), (std::vector<float>{2, 3}));
  EXPECT_EQ(readSample(*source, 2, inputs[1], 1), (std::vector<float>{2}));
}

TEST(SampleSource, SingleArrayServesASingleInput) {
  TemporaryDirectory directory;
  std::string path = writeNpz(directory, {{"other", makeCounting({3, 2})}});
  auto source = open(path, makeInput({2}));
  ASSERT_TRUE(source);
  EXPECT_EQ(source->getNumSamples(), 3);
}

TEST(SampleSource, GathersAlongAnySampleAxis) {
  TemporaryDirectory directory;
  std::string path = writeNpy(directory, "x.npy", makeCounting({2, 3, 2}));
  SampleInput input = makeInput({2, 2});
  input.sampleAxis = 1;
  auto source = open(path, input);
  ASSERT_TRUE(source);
  EXPECT_EQ(source->getNumSamples(), 3);
  EXPECT_EQ(readSample(*source, 1, input), (std::vector<float>{2, 3, 8, 9}));
}

TEST(SampleSource, ArrayWithoutSampleAxisIsOneSample) {
  TemporaryDirectory directory;
  std::string path = writeNpy(directory, "x.npy", makeCounting({2, 3}));
  auto source = open(path, makeInput({2, 3}));
  ASSERT_TRUE(source);
  EXPECT_EQ(source->getNumSamples(), 1);
}

TEST(SampleSource, FilesOfADirectoryFollowEachOther) {
  TemporaryDirectory directory;
  writeNpy(directory, "b.npy", makeCounting({2, 2}));
  writeNpy(directory, "a.npy", makeCounting({2}));
  directory.write("notes.txt", "not an array");
  SampleInput input = makeInput({2});
  auto source = open(directory.getPath(), input);
  ASSERT_TRUE(source);
  EXPECT_EQ(source->getNumSamples(), 3);
  EXPECT_EQ(readSample(*source, 0, input), (std::vector<float>{0, 1}));
  EXPECT_EQ(readSample(*source, 2, input), (std::vector<float>{2, 3}));
}

TEST(SampleSource, FilesNamedLikeInputsBelongToThem) {
  TemporaryDirectory directory;
  writeNpy(directory, "x.npy", makeCounting({2, 2}));
  writeNpy(directory, "y.npy", makeCounting({2}));
  SampleInput inputs[] = {makeInput({2}), makeInput({}, "y")};
  auto source = open(directory.getPath(), inputs);
  ASSERT_TRUE(source);
  EXPECT_EQ(source->getNumSamples(), 2);
  EXPECT_EQ(readSample(*source, 1, inputs[1], 1), (std::vector<float>{1}));
}

TEST(SampleSource, LimitsTheNumberOfSamples) {
  TemporaryDirectory directory;
  std::string path = writeNpy(directory, "x.npy", makeCounting({5, 2}));
  SampleOptions options;
  options.maxSamples = 3;
  EXPECT_EQ(open(path, makeInput({2}), options)->getNumSamples(), 3);
  options.maxSamples = 9;
  EXPECT_EQ(open(path, makeInput({2}), options)->getNumSamples(), 5);
  EXPECT_EQ(open("random", makeInput({2}), options)->getNumSamples(), 9);
}

TEST(SampleSource, RandomSamplesDependOnTheSeedAlone) {
  SampleInput input = makeInput({1000});
  SampleOptions first, second;
  second.seed = 1;
  auto a = open("random", input, first), b = open("random", input, first),
       c = open("random", input, second);
  // In any order.
  std::vector<float> last = readSample(*a, 7, input);
  EXPECT_NE(last, readSample(*a, 6, input));
  readSample(*b, 3, input);
  EXPECT_EQ(last, readSample(*b, 7, input));
  EXPECT_NE(last, readSample(*c, 7, input));

  double sum = 0, squares = 0;
  for (float value : last) {
    sum += value;
    squares += value * value;
  }
  EXPECT_NEAR(sum / 1000, 0, 0.15);
  EXPECT_NEAR(squares / 1000, 1, 0.2);
}

TEST(SampleSource, RandomIntegersAreSmall) {
  SampleInput input = makeInput({100});
  input.kind = ElementKind::Int16;
  std::vector<int16_t> sample(100);
  open("random", input)
      ->read(0, 0,
             {reinterpret_cast<char *>(sample.data()),
              sample.size() * sizeof(int16_t)});
  for (int16_t value : sample) {
    EXPECT_GE(value, 0);
    EXPECT_LT(value, 16);
  }
}

TEST(SampleSource, RoundsFloat32ToBFloat16) {
  TemporaryDirectory directory;
  NumpyArray array = makeCounting({1, 4});
  // A tie, what lies above it, and what is beyond the largest number.
  const float values[] = {1.00390625f, 1.00391f, -2.5f, 3.4e38f};
  std::memcpy(array.data.data(), values, sizeof(values));
  std::string path = writeNpy(directory, "x.npy", array);
  SampleInput input = makeInput({4});
  input.kind = ElementKind::BFloat16;
  EXPECT_EQ(getErrorOf(path, input), path + ": element 3 is NaN or infinite");
  SampleOptions options;
  options.allowNonFinite = true;
  auto source = open(path, input, options);
  ASSERT_TRUE(source);
  std::array<uint16_t, 4> sample;
  source->read(0, 0, {reinterpret_cast<char *>(sample.data()), 8});
  EXPECT_EQ(sample, (std::array<uint16_t, 4>{0x3F80, 0x3F81, 0xC020, 0x7F80}));

  input.kind = ElementKind::Float16;
  EXPECT_EQ(getErrorOf(path, input),
            path + ": has elements of type float32, but input 'x' needs "
                   "float16");
}

TEST(SampleSource, RandomBFloat16IsNormal) {
  SampleInput input = makeInput({1000});
  SampleInput wide = input;
  input.kind = ElementKind::BFloat16;
  std::vector<uint16_t> sample(1000);
  open("random", input)
      ->read(7, 0, {reinterpret_cast<char *>(sample.data()), 2000});
  std::vector<float> same = readSample(*open("random", wide), 7, wide);
  for (auto [bits, value] : llvm::zip_equal(sample, same)) {
    uint32_t single = uint32_t{bits} << 16;
    float narrow;
    std::memcpy(&narrow, &single, sizeof(narrow));
    EXPECT_NEAR(narrow, value, std::fabs(value) / 256);
  }
}

TEST(SampleSource, RefusesOtherShapesAndTypes) {
  TemporaryDirectory directory;
  std::string path = writeNpz(directory, {{"x", makeCounting({3, 2})}});
  EXPECT_EQ(getErrorOf(path, makeInput({4})),
            path + ": array 'x': has shape [3, 2], but one sample of input 'x' "
                   "has shape [4]");
  SampleInput input = makeInput({2});
  input.kind = ElementKind::Int8;
  EXPECT_EQ(getErrorOf(path, input),
            path + ": array 'x': has elements of type float32, but input 'x' "
                   "needs int8");
}

TEST(SampleSource, RefusesMissingAndUnequalSamples) {
  TemporaryDirectory directory;
  std::string path = writeNpz(
      directory, {{"x", makeCounting({3, 2})}, {"z", makeCounting({2})}});
  SampleInput x = makeInput({2}), y = makeInput({}, "y"),
              z = makeInput({}, "z");
  EXPECT_EQ(getErrorOf(path, {x, y}),
            path + ": has no array 'y'; it has 'x', 'z'");
  EXPECT_EQ(getErrorOf(path, {x, z}),
            path + ": has 2 samples of input 'z', but 3 of 'x'");
  std::string none = writeNpy(directory, "none.npy", makeCounting({0, 2}));
  EXPECT_EQ(getErrorOf(none, x), none + ": has no samples");
}

TEST(SampleSource, RefusesNonFiniteUnlessAllowed) {
  TemporaryDirectory directory;
  for (float bad : {std::numeric_limits<float>::quiet_NaN(),
                    std::numeric_limits<float>::infinity()}) {
    NumpyArray array = makeCounting({3, 2});
    std::memcpy(&array.data[5 * sizeof(float)], &bad, sizeof(float));
    std::string path = writeNpy(directory, "x.npy", array);
    SampleInput input = makeInput({2});
    EXPECT_EQ(getErrorOf(path, input), path + ": element 5 is NaN or infinite");
    SampleOptions options;
    options.allowNonFinite = true;
    auto source = open(path, input, options);
    ASSERT_TRUE(source);
    EXPECT_FALSE(std::isfinite(readSample(*source, 2, input)[1]));
  }
}

TEST(SampleSource, RefusesWhatIsNoSource) {
  TemporaryDirectory directory;
  SampleInput x = makeInput({2}), y = makeInput({2}, "y");
  EXPECT_NE(getErrorOf("", x), "");
  EXPECT_NE(getErrorOf(directory.write("x.txt", ""), x), "");
  EXPECT_NE(getErrorOf("/no/such/file.npz", x), "");
  EXPECT_NE(getErrorOf("/no/such/folder", x), "");
  EXPECT_NE(getErrorOf(directory.getPath(), x), "");
  EXPECT_NE(getErrorOf("random", {}), "");
  std::string path = writeNpy(directory, "x.npy", makeCounting({3, 2}));
  EXPECT_NE(getErrorOf(path, {x, y}), "");
  EXPECT_NE(getErrorOf(directory.getPath(), {x, y}), "");
  EXPECT_NE(getErrorOf(directory.getPath(), {y, x}), "");
}

} // namespace
