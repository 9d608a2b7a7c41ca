//===- ConversionKernels.cpp - Between element types ----------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelTemplates.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "ptq/Interpreter/TensorValue.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/bit.h"
#include <cmath>
#include <limits>
#include <type_traits>

using namespace mlir;
using namespace mlir::ptq;

std::optional<ComputeType> mlir::ptq::getComputeType(Type elementType) {
  if (isa<Float16Type, BFloat16Type, Float32Type>(elementType))
    return ComputeType::F32;
  if (isa<Float64Type>(elementType))
    return ComputeType::F64;
  if (!elementType.isIntOrIndex())
    return std::nullopt;
  switch (getElementByteSize(elementType).value_or(0)) {
  case 1:
    return ComputeType::I8;
  case 2:
    return ComputeType::I16;
  case 4:
    return ComputeType::I32;
  case 8:
    return ComputeType::I64;
  default:
    return std::nullopt;
  }
}

namespace {
//===----------------------------------------------------------------------===//
// Half precision
//===----------------------------------------------------------------------===//

float readHalf(uint16_t bits) {
  uint32_t sign = static_cast<uint32_t>(bits & 0x8000) << 16;
  uint32_t exponent = (bits >> 10) & 0x1f;
  uint32_t mantissa = bits & 0x3ff;
  if (exponent == 0x1f)
    return llvm::bit_cast<float>(sign | 0x7f800000 | (mantissa << 13));
  if (exponent != 0)
    return llvm::bit_cast<float>(sign | ((exponent + 112) << 23) |
                                 (mantissa << 13));
  float magnitude = static_cast<float>(mantissa) * 0x1p-24f;
  return llvm::bit_cast<float>(sign | llvm::bit_cast<uint32_t>(magnitude));
}

uint16_t writeHalf(float value) {
  uint32_t bits = llvm::bit_cast<uint32_t>(value);
  auto sign = static_cast<uint16_t>((bits >> 16) & 0x8000);
  uint32_t magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000)
    return sign | 0x7e00;
  // From halfway between the largest half and the next power of two.
  if (magnitude >= 0x477ff000)
    return sign | 0x7c00;
  // Below the smallest normal half the unit is 2^-24; adding 0.5, whose unit is
  // 2^-24 as well, rounds to it.
  if (magnitude < 0x38800000) {
    float rounded = llvm::bit_cast<float>(magnitude) + 0.5f;
    return sign | static_cast<uint16_t>(llvm::bit_cast<uint32_t>(rounded) -
                                        llvm::bit_cast<uint32_t>(0.5f));
  }
  uint32_t odd = (magnitude >> 13) & 1;
  return sign |
         static_cast<uint16_t>((magnitude - (112u << 23) + 0xfff + odd) >> 13);
}

float readBrain(uint16_t bits) {
  return llvm::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
}

uint16_t writeBrain(float value) {
  uint32_t bits = llvm::bit_cast<uint32_t>(value);
  if ((bits & 0x7fffffff) > 0x7f800000)
    return static_cast<uint16_t>((bits >> 16) | 0x40);
  uint32_t odd = (bits >> 16) & 1;
  return static_cast<uint16_t>((bits + 0x7fff + odd) >> 16);
}

struct WidenHalf {
  static float apply(uint16_t a, int64_t) { return readHalf(a); }
};
struct WidenBrain {
  static float apply(uint16_t a, int64_t) { return readBrain(a); }
};
struct NarrowToHalf {
  static uint16_t apply(float a, int64_t) { return writeHalf(a); }
};
struct NarrowToBrain {
  static uint16_t apply(float a, int64_t) { return writeBrain(a); }
};

/// f64 rounded to odd in f32: the float of equal or next smaller magnitude,
/// with its last bit set if anything was cut off. Rounding that to a narrower
/// type is rounding the f64 to it once.
float roundToOdd(double value) {
  auto narrowed = static_cast<float>(value);
  if (static_cast<double>(narrowed) == value || value != value ||
      std::isinf(value))
    return narrowed;
  uint32_t bits = llvm::bit_cast<uint32_t>(narrowed);
  if (std::fabs(static_cast<double>(narrowed)) > std::fabs(value))
    --bits;
  return llvm::bit_cast<float>(bits | 1);
}
struct RoundToOdd {
  static float apply(double a, int64_t) { return roundToOdd(a); }
};

//===----------------------------------------------------------------------===//
// Odd integer widths
//===----------------------------------------------------------------------===//

/// i1 is 0 or 1 in memory, and 0 or -1 for ops that read it as signed.
struct NegateBit {
  template <typename T>
  static T apply(T a, int64_t) {
    return static_cast<T>(-a);
  }
};
/// Zero-extends; the immediate is the mask of the width.
struct Mask {
  template <typename T>
  static T apply(T a, int64_t mask) {
    return static_cast<T>(a & static_cast<T>(mask));
  }
};
/// Sign-extends; the immediate is the number of bits above the width.
struct SignExtend {
  template <typename T>
  static T apply(T a, int64_t above) {
    return static_cast<T>(static_cast<std::make_unsigned_t<T>>(a)
                          << static_cast<unsigned>(above)) >>
           above;
  }
};

//===----------------------------------------------------------------------===//
// Conversions
//===----------------------------------------------------------------------===//

struct Convert {
  template <typename T>
  static T apply(T a, int64_t) {
    return a;
  }
};

/// Integer to integer, extending by the sign.
template <typename From, typename To>
bool convertKernel(const KernelArguments &args) {
  return mapKernel<Convert, To, From>(args);
}

/// Float to integer: toward zero, saturating to the range of `bits` bits, NaN
/// to 0. The immediate is the width, negative for a signed result.
struct Saturate {
  template <typename T>
  static int64_t apply(T a, int64_t width) {
    if (a != a)
      return 0;
    bool isSigned = width < 0;
    int bits = static_cast<int>(isSigned ? -width : width);
    double value = std::trunc(static_cast<double>(a));
    if (isSigned) {
      double limit = std::ldexp(1.0, bits - 1);
      if (value >= limit)
        return static_cast<int64_t>((uint64_t{1} << (bits - 1)) - 1);
      if (value < -limit)
        return static_cast<int64_t>(~uint64_t{0} << (bits - 1));
      return static_cast<int64_t>(value);
    }
    if (value <= 0)
      return 0;
    if (value >= std::ldexp(1.0, bits))
      return bits == 64 ? -1 : static_cast<int64_t>((uint64_t{1} << bits) - 1);
    return static_cast<int64_t>(static_cast<uint64_t>(value));
  }
};

template <template <typename, typename> class Pick, typename From>
Kernel selectTarget(ComputeType to) {
  switch (to) {
  case ComputeType::I8:
    return Pick<From, int8_t>::kernel;
  case ComputeType::I16:
    return Pick<From, int16_t>::kernel;
  case ComputeType::I32:
    return Pick<From, int32_t>::kernel;
  case ComputeType::I64:
    return Pick<From, int64_t>::kernel;
  case ComputeType::F32:
    return Pick<From, float>::kernel;
  case ComputeType::F64:
    return Pick<From, double>::kernel;
  }
  return nullptr;
}

template <typename From, typename To>
struct PickConvert {
  static constexpr Kernel kernel = [] {
    if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>)
      return Kernel(mapKernel<Saturate, To, From>);
    else
      return Kernel(convertKernel<From, To>);
  }();
};
/// The source is read as unsigned.
template <typename From, typename To>
struct PickConvertUnsigned {
  static constexpr Kernel kernel =
      convertKernel<std::make_unsigned_t<From>, To>;
};

Kernel selectConvert(ComputeType from, ComputeType to) {
  switch (from) {
  case ComputeType::I8:
    return selectTarget<PickConvert, int8_t>(to);
  case ComputeType::I16:
    return selectTarget<PickConvert, int16_t>(to);
  case ComputeType::I32:
    return selectTarget<PickConvert, int32_t>(to);
  case ComputeType::I64:
    return selectTarget<PickConvert, int64_t>(to);
  case ComputeType::F32:
    return selectTarget<PickConvert, float>(to);
  case ComputeType::F64:
    return selectTarget<PickConvert, double>(to);
  }
  return nullptr;
}

Kernel selectConvertUnsigned(ComputeType from, ComputeType to) {
  switch (from) {
  case ComputeType::I8:
    return selectTarget<PickConvertUnsigned, int8_t>(to);
  case ComputeType::I16:
    return selectTarget<PickConvertUnsigned, int16_t>(to);
  case ComputeType::I32:
    return selectTarget<PickConvertUnsigned, int32_t>(to);
  case ComputeType::I64:
    return selectTarget<PickConvertUnsigned, int64_t>(to);
  default:
    return nullptr;
  }
}

/// The bits of one type as another of the same width, in memory form.
Kernel selectCopy(unsigned bytes) {
  switch (bytes) {
  case 1:
    return convertKernel<int8_t, int8_t>;
  case 2:
    return convertKernel<int16_t, int16_t>;
  case 4:
    return convertKernel<int32_t, int32_t>;
  default:
    return convertKernel<int64_t, int64_t>;
  }
}

int64_t getWidth(Type type) {
  return type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
}
} // namespace

std::optional<KernelCall> mlir::ptq::getConversionKernelCall(Operation *op) {
  if (!isa<arith::ExtSIOp, arith::ExtUIOp, arith::TruncIOp, arith::ExtFOp,
           arith::TruncFOp, arith::SIToFPOp, arith::UIToFPOp, arith::FPToSIOp,
           arith::FPToUIOp, arith::IndexCastOp, arith::IndexCastUIOp,
           arith::BitcastOp>(op))
    return std::nullopt;
  Type fromType = getElementTypeOrSelf(op->getOperand(0).getType());
  Type toType = getElementTypeOrSelf(op->getResult(0).getType());
  std::optional<ComputeType> from = getComputeType(fromType);
  std::optional<ComputeType> to = getComputeType(toType);
  if (!from || !to)
    return std::nullopt;

  if (isa<arith::BitcastOp>(op))
    return KernelCall{selectCopy(*getElementByteSize(fromType)), 0,
                      IntegerReading::Any, /*failure=*/nullptr,
                      /*inMemoryForm=*/true};
  if (isa<arith::ExtUIOp, arith::UIToFPOp, arith::IndexCastUIOp>(op))
    return KernelCall{selectConvertUnsigned(*from, *to), 0,
                      IntegerReading::Unsigned};
  if (isa<arith::FPToSIOp>(op))
    return KernelCall{selectConvert(*from, *to), -getWidth(toType)};
  if (isa<arith::FPToUIOp>(op))
    return KernelCall{selectConvert(*from, *to), getWidth(toType)};
  // The f32 that is narrowed further must not have been rounded before.
  if (isa<arith::TruncFOp>(op) && fromType.isF64() && !toType.isF32())
    return KernelCall{mapKernel<RoundToOdd, float, double>};
  return KernelCall{selectConvert(*from, *to), 0, IntegerReading::Signed};
}

KernelCall mlir::ptq::getReadingKernelCall(Type elementType,
                                           IntegerReading reading) {
  if (isa<Float16Type>(elementType))
    return {mapKernel<WidenHalf, float, uint16_t>};
  if (isa<BFloat16Type>(elementType))
    return {mapKernel<WidenBrain, float, uint16_t>};
  auto integer = dyn_cast<IntegerType>(elementType);
  if (!integer || reading == IntegerReading::Any)
    return {};
  if (reading == IntegerReading::Signed) {
    if (integer.getWidth() != 1)
      return {};
    return {selectIntegerKernel<NegateBit, 1>(ComputeType::I8)};
  }
  unsigned container = 8 * *getElementByteSize(elementType);
  if (integer.getWidth() == container)
    return {};
  return {selectIntegerKernel<Mask, 1>(*getComputeType(elementType)),
          (int64_t{1} << integer.getWidth()) - 1};
}

KernelCall mlir::ptq::getWritingKernelCall(Type elementType) {
  if (isa<Float16Type>(elementType))
    return {mapKernel<NarrowToHalf, uint16_t, float>};
  if (isa<BFloat16Type>(elementType))
    return {mapKernel<NarrowToBrain, uint16_t, float>};
  auto integer = dyn_cast<IntegerType>(elementType);
  if (!integer)
    return {};
  unsigned container = 8 * *getElementByteSize(elementType);
  if (integer.getWidth() == container)
    return {};
  ComputeType type = *getComputeType(elementType);
  if (integer.getWidth() == 1)
    return {selectIntegerKernel<Mask, 1>(type), 1};
  return {selectIntegerKernel<SignExtend, 1>(type),
          static_cast<int64_t>(container - integer.getWidth())};
}

std::optional<KernelCall> mlir::ptq::getKernelCall(Operation *op) {
  if (op->getNumResults() != 1 || op->getNumOperands() == 0 ||
      op->getNumOperands() > 3)
    return std::nullopt;
  for (auto get :
       {getConversionKernelCall, getFloatKernelCall, getIntegerKernelCall,
        getMathKernelCall, getLookupKernelCall})
    if (std::optional<KernelCall> call = get(op); call && call->kernel)
      return call;
  return std::nullopt;
}
