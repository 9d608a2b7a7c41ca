//===- TargetDescription.h - What generated code may use -*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The only place of the code generator that knows processors. Algorithms ask it
// for widths, register counts and dot products, and never name hardware.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_CODEGEN_TARGETDESCRIPTION_H
#define PTQ_CODEGEN_TARGETDESCRIPTION_H

#include "mlir/IR/Location.h"
#include "mlir/Support/LLVM.h"
#include "llvm/TargetParser/Triple.h"
#include <string>

namespace mlir::ptq {

/// Where the buffers of generated code begin, in bytes: at cache lines,
/// and where the widest vectors are aligned.
inline constexpr int64_t kBufferAlignment = 64;

/// An instruction that sums products of neighbouring integers into lanes,
/// reached through an LLVM intrinsic.
struct DotInstruction {
  /// How many products are summed into one lane, and the width of the factors.
  int64_t factor;
  unsigned elementWidth;
  /// Whether the first factor is read as unsigned.
  bool unsignedA;
  /// The lanes of the result.
  int64_t lanes;
  /// The intrinsic, and whether it adds to an accumulator (its first operand).
  StringRef intrinsic;
  bool accumulates;
  /// The width of a lane. Sums of bytes in lanes of 16 bits are exact only
  /// where they fit, which the factors have to be small enough for.
  unsigned laneWidth = 32;
  /// The rows and columns of the squares that the lanes are; each run of a
  /// factor then serves as many of them.
  int64_t rows = 1;
  /// If not 0, there is no such instruction, but a dot product of pairs in
  /// lanes of half the width, whose lanes a second one adds up: exact for
  /// second factors of at most this magnitude.
  int64_t largestFactor = 0;
  /// Whether the second factor is read as unsigned, too.
  bool unsignedB = false;

  bool isOfPairs() const { return largestFactor != 0; }
};

/// An instruction that reads bytes from a table in registers, at positions that
/// are the bytes of another one.
struct LookupInstruction {
  /// What comes of a position beyond the end of the table.
  enum class Beyond {
    /// It counts from the beginning again, and gives 0 if its highest bit is
    /// set. The table is repeated in each part of the register.
    HighBitClears,
    /// It counts from the beginning again.
    Wraps,
    /// The result keeps what another register has there.
    Keeps,
  };
  /// The bytes of the table, of one of its registers, and of the positions.
  int64_t tableBytes;
  int64_t lanes;
  Beyond beyond;
  StringRef intrinsic;
  /// With `Keeps`: the same without a register to keep, for a first table.
  StringRef firstIntrinsic = {};
};

/// An instruction that looks up i32, by their lowest bits, in a register of as
/// many f32 as it has lanes.
struct FloatLookupInstruction {
  int64_t lanes;
  StringRef intrinsic;
};

/// Instructions that narrow the elements of two registers to half their width,
/// with saturation: each part of the result has those of the first one in the
/// same part, then those of the second one.
struct NarrowingInstructions {
  /// The size of a register, and of its parts.
  int64_t bytes;
  int64_t partBytes;
  /// The intrinsics, which give i16, i8, and bytes without sign.
  StringRef fromI32;
  StringRef fromI16;
  StringRef unsignedFromI16;
};

/// What the code for one processor may use.
struct TargetDescription {
  llvm::Triple triple;
  /// Name and features as LLVM spells them ("+avx2,-avx512f").
  std::string cpu;
  std::string features;
  /// The features that a processor must have to run the code, without sign.
  SmallVector<std::string> requiredFeatures;
  /// Size and number of the vector registers.
  int64_t vectorBytes = 16;
  int64_t numVectorRegisters = 16;
  /// The size of the parts of a register within which elements of two registers
  /// are interleaved by one instruction.
  int64_t interleavedBytes = 16;
  /// Whether arithmetic on vectors takes an operand from memory.
  bool hasMemoryOperands = false;
  /// Whether a * b + c is one fast instruction.
  bool hasFusedMultiplyAdd = false;
  /// Whether converting a float to an integer can round to nearest even.
  bool hasRoundingConversion = false;
  /// The dot products of this processor, the preferred one first.
  SmallVector<DotInstruction> dots;
  /// The lookups of bytes of this processor, the preferred one first.
  SmallVector<LookupInstruction> lookups;
  /// The lookups of floats of this processor, the largest one first.
  SmallVector<FloatLookupInstruction> floatLookups;
  /// How registers are narrowed, the largest ones first.
  SmallVector<NarrowingInstructions> narrowings;

  /// How many elements of `width` bits fill a vector register.
  int64_t getLanes(unsigned width) const { return vectorBytes * 8 / width; }

  /// The dot product that kernels on activations of `width` bits should be
  /// built from, null if there is none.
  const DotInstruction *getPreferredDot(unsigned width) const {
    return findDot([&](const DotInstruction &dot) {
      return dot.laneWidth == 32 && dot.elementWidth >= width &&
             dot.rows == 1 && !dot.isOfPairs() && !dot.unsignedB;
    });
  }

  /// The dot product of bytes by way of pairs, null if there is none.
  const DotInstruction *getDotOfPairs() const {
    return findDot([](const DotInstruction &dot) { return dot.isOfPairs(); });
  }

  /// The dot product that makes more of each factor where there are several
  /// rows of activations of `width` bits, as they are; null if there is none.
  const DotInstruction *getSquareDot(unsigned width) const {
    return findDot([&](const DotInstruction &dot) {
      return dot.laneWidth == 32 && dot.elementWidth >= width && dot.rows > 1 &&
             !dot.unsignedA;
    });
  }

  /// The dot product in the shape of `like`, which is not one of pairs, whose
  /// first factors are unsigned bytes. The second ones must be the same with
  /// and without sign. Null if there is none.
  const DotInstruction *getUnsignedDot(const DotInstruction &like) const {
    return findDot([&](const DotInstruction &dot) {
      return dot.unsignedA && dot.elementWidth == 8 && !dot.isOfPairs() &&
             dot.factor == like.factor && dot.lanes == like.lanes &&
             dot.laneWidth == like.laneWidth && dot.rows == like.rows;
    });
  }

  /// How registers of `bytes` are narrowed; null if that is not known.
  const NarrowingInstructions *getNarrowing(int64_t bytes) const {
    const auto *narrowing = llvm::find_if(
        narrowings, [&](const auto &known) { return known.bytes == bytes; });
    return narrowing == narrowings.end() ? nullptr : narrowing;
  }

  /// The first dot product that `accepts`, null if there is none.
  const DotInstruction *
  findDot(function_ref<bool(const DotInstruction &)> accepts) const {
    const auto *dot = llvm::find_if(dots, accepts);
    return dot == dots.end() ? nullptr : dot;
  }

  /// The target for processor `cpu` ("host" or a name known to LLVM) with
  /// `features` added and taken away. Reports an unknown processor or feature
  /// at `loc`.
  static FailureOr<TargetDescription> get(Location loc, StringRef cpu,
                                          StringRef features);
};

} // namespace mlir::ptq

#endif // PTQ_CODEGEN_TARGETDESCRIPTION_H
