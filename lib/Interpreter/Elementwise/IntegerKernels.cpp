//===- IntegerKernels.cpp - Integer arithmetic on many elements -----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelTemplates.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "ptq/Interpreter/TensorValue.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/ADT/bit.h"
#include <limits>
#include <type_traits>

using namespace mlir;
using namespace mlir::ptq;

namespace {
/// The unsigned type in which T wraps. Not narrower than int, since narrower
/// types are promoted to int, whose overflow is undefined.
template <typename T>
using Wrapping = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;
template <typename T>
using Unsigned = std::make_unsigned_t<T>;

//===----------------------------------------------------------------------===//
// Functors
//===----------------------------------------------------------------------===//

// Widening to the wrapping type goes through the signed type on purpose: the
// low bits of the result do not depend on it.
struct Add {
  template <typename T>
  static T apply(T a, T b, int64_t) {
    return static_cast<T>(static_cast<Wrapping<T>>(a) +
                          static_cast<Wrapping<T>>(b));
  }
};
struct Subtract {
  template <typename T>
  static T apply(T a, T b, int64_t) {
    return static_cast<T>(static_cast<Wrapping<T>>(a) -
                          static_cast<Wrapping<T>>(b));
  }
};
struct Multiply {
  template <typename T>
  static T apply(T a, T b, int64_t) {
    return static_cast<T>(static_cast<Wrapping<T>>(a) *
                          static_cast<Wrapping<T>>(b));
  }
};
struct And {
  template <typename T>
  static T apply(T a, T b, int64_t) {
    return a & b;
  }
};
struct Or {
  template <typename T>
  static T apply(T a, T b, int64_t) {
    return a | b;
  }
};
struct Xor {
  template <typename T>
  static T apply(T a, T b, int64_t) {
    return a ^ b;
  }
};
struct MaxSigned {
  template <typename T>
  static T apply(T a, T b, int64_t) {
    return a > b ? a : b;
  }
};
struct MinSigned {
  template <typename T>
  static T apply(T a, T b, int64_t) {
    return a < b ? a : b;
  }
};
struct MaxUnsigned {
  template <typename T>
  static T apply(T a, T b, int64_t) {
    return static_cast<Unsigned<T>>(a) > static_cast<Unsigned<T>>(b) ? a : b;
  }
};
struct MinUnsigned {
  template <typename T>
  static T apply(T a, T b, int64_t) {
    return static_cast<Unsigned<T>>(a) < static_cast<Unsigned<T>>(b) ? a : b;
  }
};

/// Shifts; the immediate is the width of the type.
struct ShiftLeft {
  template <typename T>
  static T apply(T a, T b, int64_t width) {
    auto amount = static_cast<Unsigned<T>>(b);
    return amount >= static_cast<uint64_t>(width)
               ? T(0)
               : static_cast<T>(static_cast<Wrapping<T>>(a) << amount);
  }
};
struct ShiftRightUnsigned {
  template <typename T>
  static T apply(T a, T b, int64_t width) {
    auto amount = static_cast<Unsigned<T>>(b);
    return amount >= static_cast<uint64_t>(width)
               ? T(0)
               : static_cast<T>(static_cast<Unsigned<T>>(a) >> amount);
  }
};
struct ShiftRightSigned {
  template <typename T>
  static T apply(T a, T b, int64_t width) {
    auto amount = static_cast<Unsigned<T>>(b);
    auto last = static_cast<Unsigned<T>>(width - 1);
    return static_cast<T>(a >> (amount > last ? last : amount));
  }
};

struct DivideSigned {
  template <typename T>
  static bool apply(T a, T b, T &result) {
    if (b == 0 || (b == -1 && a == std::numeric_limits<T>::min()))
      return false;
    result = a / b;
    return true;
  }
};
struct FloorDivideSigned {
  template <typename T>
  static bool apply(T a, T b, T &result) {
    if (!DivideSigned::apply(a, b, result))
      return false;
    if (a % b != 0 && (a < 0) != (b < 0))
      --result;
    return true;
  }
};
struct CeilDivideSigned {
  template <typename T>
  static bool apply(T a, T b, T &result) {
    if (!DivideSigned::apply(a, b, result))
      return false;
    if (a % b != 0 && (a < 0) == (b < 0))
      ++result;
    return true;
  }
};
struct RemainderSigned {
  template <typename T>
  static bool apply(T a, T b, T &result) {
    if (b == 0)
      return false;
    result = b == -1 ? T(0) : static_cast<T>(a % b);
    return true;
  }
};
struct DivideUnsigned {
  template <typename T>
  static bool apply(T a, T b, T &result) {
    if (b == 0)
      return false;
    result = static_cast<T>(static_cast<Unsigned<T>>(a) /
                            static_cast<Unsigned<T>>(b));
    return true;
  }
};
struct CeilDivideUnsigned {
  template <typename T>
  static bool apply(T a, T b, T &result) {
    if (b == 0)
      return false;
    auto dividend = static_cast<Unsigned<T>>(a);
    auto divisor = static_cast<Unsigned<T>>(b);
    result = static_cast<T>(dividend / divisor + (dividend % divisor != 0));
    return true;
  }
};
struct RemainderUnsigned {
  template <typename T>
  static bool apply(T a, T b, T &result) {
    if (b == 0)
      return false;
    result = static_cast<T>(static_cast<Unsigned<T>>(a) %
                            static_cast<Unsigned<T>>(b));
    return true;
  }
};

/// Comparisons; the immediate is a set of these outcomes.
enum : int64_t { kEqual = 1, kGreater = 2, kLess = 4 };

struct CompareSigned {
  template <typename T>
  static uint8_t apply(T a, T b, int64_t accepted) {
    auto outcome = a == b ? kEqual : a > b ? kGreater : kLess;
    return (accepted & outcome) != 0;
  }
};
struct CompareUnsigned {
  template <typename T>
  static uint8_t apply(T a, T b, int64_t accepted) {
    return CompareSigned::apply(static_cast<Unsigned<T>>(a),
                                static_cast<Unsigned<T>>(b), accepted);
  }
};

struct Select {
  template <typename T>
  static T apply(uint8_t condition, T a, T b, int64_t) {
    return condition ? a : b;
  }
};

struct Absolute {
  template <typename T>
  static T apply(T a, int64_t) {
    return a < 0 ? Subtract::apply(T(0), a, 0) : a;
  }
};

/// Bit counts; the immediate is the width of the type.
struct CountLeadingZeros {
  template <typename T>
  static T apply(T a, int64_t width) {
    return static_cast<T>(
        llvm::countl_zero(static_cast<uint64_t>(static_cast<Unsigned<T>>(a))) -
        (64 - width));
  }
};
struct CountTrailingZeros {
  template <typename T>
  static T apply(T a, int64_t width) {
    int64_t count =
        llvm::countr_zero(static_cast<uint64_t>(static_cast<Unsigned<T>>(a)));
    return static_cast<T>(count < width ? count : width);
  }
};
struct PopulationCount {
  template <typename T>
  static T apply(T a, int64_t) {
    return static_cast<T>(llvm::popcount(static_cast<Unsigned<T>>(a)));
  }
};

/// Integer power by squaring, wrapping. A negative exponent gives the integer
/// part of the quotient, as math.ipowi says.
struct Power {
  template <typename T>
  static bool apply(T base, T exponent, T &result) {
    if (exponent < 0) {
      if (base == 0)
        return false;
      if (base == 1)
        result = 1;
      else if (base == -1)
        result = exponent % 2 == 0 ? 1 : -1;
      else
        result = 0;
      return true;
    }
    result = 1;
    for (auto rest = static_cast<Unsigned<T>>(exponent); rest != 0;
         rest >>= 1) {
      if (rest & 1)
        result = Multiply::apply(result, base, 0);
      base = Multiply::apply(base, base, 0);
    }
    return true;
  }
};

//===----------------------------------------------------------------------===//
// Selection
//===----------------------------------------------------------------------===//

template <typename Fn>
Kernel selectCheckedKernel(ComputeType type) {
  switch (type) {
  case ComputeType::I8:
    return checkedKernel<Fn, int8_t>;
  case ComputeType::I16:
    return checkedKernel<Fn, int16_t>;
  case ComputeType::I32:
    return checkedKernel<Fn, int32_t>;
  case ComputeType::I64:
    return checkedKernel<Fn, int64_t>;
  default:
    return nullptr;
  }
}

template <typename Fn>
Kernel selectCompareKernel(ComputeType type) {
  switch (type) {
  case ComputeType::I8:
    return mapKernel<Fn, uint8_t, int8_t, int8_t>;
  case ComputeType::I16:
    return mapKernel<Fn, uint8_t, int16_t, int16_t>;
  case ComputeType::I32:
    return mapKernel<Fn, uint8_t, int32_t, int32_t>;
  case ComputeType::I64:
    return mapKernel<Fn, uint8_t, int64_t, int64_t>;
  default:
    return nullptr;
  }
}

/// Selection moves bits, so it needs a size, not a type.
Kernel selectSelectKernel(Type elementType) {
  switch (getElementByteSize(elementType).value_or(0)) {
  case 1:
    return mapKernel<Select, int8_t, uint8_t, int8_t, int8_t>;
  case 2:
    return mapKernel<Select, int16_t, uint8_t, int16_t, int16_t>;
  case 4:
    return mapKernel<Select, int32_t, uint8_t, int32_t, int32_t>;
  case 8:
    return mapKernel<Select, int64_t, uint8_t, int64_t, int64_t>;
  default:
    return nullptr;
  }
}

KernelCall getCompareCall(arith::CmpIPredicate predicate, ComputeType type) {
  auto make = [&](int64_t accepted, bool isUnsigned) {
    if (isUnsigned)
      return KernelCall{selectCompareKernel<CompareUnsigned>(type), accepted,
                        IntegerReading::Unsigned};
    return KernelCall{selectCompareKernel<CompareSigned>(type), accepted,
                      IntegerReading::Signed};
  };
  switch (predicate) {
  case arith::CmpIPredicate::eq:
    return make(kEqual, false);
  case arith::CmpIPredicate::ne:
    return make(kGreater | kLess, false);
  case arith::CmpIPredicate::slt:
    return make(kLess, false);
  case arith::CmpIPredicate::sle:
    return make(kLess | kEqual, false);
  case arith::CmpIPredicate::sgt:
    return make(kGreater, false);
  case arith::CmpIPredicate::sge:
    return make(kGreater | kEqual, false);
  case arith::CmpIPredicate::ult:
    return make(kLess, true);
  case arith::CmpIPredicate::ule:
    return make(kLess | kEqual, true);
  case arith::CmpIPredicate::ugt:
    return make(kGreater, true);
  case arith::CmpIPredicate::uge:
    return make(kGreater | kEqual, true);
  }
  return {};
}

constexpr const char *kDivisionFailure =
    "integer division by zero, or of the smallest integer by -1";
} // namespace

std::optional<KernelCall> mlir::ptq::getIntegerKernelCall(Operation *op) {
  Type elementType = getElementTypeOrSelf(op->getOperand(0).getType());
  if (auto select = dyn_cast<arith::SelectOp>(op))
    return KernelCall{selectSelectKernel(getElementTypeOrSelf(
                          select.getTrueValue().getType())),
                      0, IntegerReading::Any, /*failure=*/nullptr,
                      /*inMemoryForm=*/true};
  std::optional<ComputeType> maybeType = getComputeType(elementType);
  if (!maybeType || !elementType.isIntOrIndex())
    return std::nullopt;
  ComputeType type = *maybeType;
  int64_t width =
      elementType.isIndex() ? 64 : elementType.getIntOrFloatBitWidth();

  auto any = [](Kernel kernel) { return KernelCall{kernel}; };
  auto readSigned = [&](Kernel kernel) {
    return KernelCall{kernel, width, IntegerReading::Signed};
  };
  auto readUnsigned = [&](Kernel kernel) {
    return KernelCall{kernel, width, IntegerReading::Unsigned};
  };
  auto divideSigned = [&](Kernel kernel) {
    return KernelCall{kernel, 0, IntegerReading::Signed, kDivisionFailure};
  };
  auto divideUnsigned = [&](Kernel kernel) {
    return KernelCall{kernel, 0, IntegerReading::Unsigned, kDivisionFailure};
  };
  using Result = std::optional<KernelCall>;
  return llvm::TypeSwitch<Operation *, Result>(op)
      .Case(
          [&](arith::AddIOp) { return any(selectIntegerKernel<Add, 2>(type)); })
      .Case([&](arith::SubIOp) {
        return any(selectIntegerKernel<Subtract, 2>(type));
      })
      .Case([&](arith::MulIOp) {
        return any(selectIntegerKernel<Multiply, 2>(type));
      })
      .Case(
          [&](arith::AndIOp) { return any(selectIntegerKernel<And, 2>(type)); })
      .Case([&](arith::OrIOp) { return any(selectIntegerKernel<Or, 2>(type)); })
      .Case(
          [&](arith::XOrIOp) { return any(selectIntegerKernel<Xor, 2>(type)); })
      .Case([&](arith::MaxSIOp) {
        return readSigned(selectIntegerKernel<MaxSigned, 2>(type));
      })
      .Case([&](arith::MinSIOp) {
        return readSigned(selectIntegerKernel<MinSigned, 2>(type));
      })
      .Case([&](arith::MaxUIOp) {
        return readUnsigned(selectIntegerKernel<MaxUnsigned, 2>(type));
      })
      .Case([&](arith::MinUIOp) {
        return readUnsigned(selectIntegerKernel<MinUnsigned, 2>(type));
      })
      .Case([&](arith::ShLIOp) {
        return readUnsigned(selectIntegerKernel<ShiftLeft, 2>(type));
      })
      .Case([&](arith::ShRUIOp) {
        return readUnsigned(selectIntegerKernel<ShiftRightUnsigned, 2>(type));
      })
      .Case([&](arith::ShRSIOp) {
        return readSigned(selectIntegerKernel<ShiftRightSigned, 2>(type));
      })
      .Case([&](arith::DivSIOp) {
        return divideSigned(selectCheckedKernel<DivideSigned>(type));
      })
      .Case([&](arith::FloorDivSIOp) {
        return divideSigned(selectCheckedKernel<FloorDivideSigned>(type));
      })
      .Case([&](arith::CeilDivSIOp) {
        return divideSigned(selectCheckedKernel<CeilDivideSigned>(type));
      })
      .Case([&](arith::RemSIOp) {
        return divideSigned(selectCheckedKernel<RemainderSigned>(type));
      })
      .Case([&](arith::DivUIOp) {
        return divideUnsigned(selectCheckedKernel<DivideUnsigned>(type));
      })
      .Case([&](arith::CeilDivUIOp) {
        return divideUnsigned(selectCheckedKernel<CeilDivideUnsigned>(type));
      })
      .Case([&](arith::RemUIOp) {
        return divideUnsigned(selectCheckedKernel<RemainderUnsigned>(type));
      })
      .Case([&](arith::CmpIOp compare) {
        return getCompareCall(compare.getPredicate(), type);
      })
      .Case([&](math::AbsIOp) {
        return readSigned(selectIntegerKernel<Absolute, 1>(type));
      })
      .Case([&](math::CountLeadingZerosOp) {
        return readUnsigned(selectIntegerKernel<CountLeadingZeros, 1>(type));
      })
      .Case([&](math::CountTrailingZerosOp) {
        return readUnsigned(selectIntegerKernel<CountTrailingZeros, 1>(type));
      })
      .Case([&](math::CtPopOp) {
        return readUnsigned(selectIntegerKernel<PopulationCount, 1>(type));
      })
      .Case([&](math::IPowIOp) {
        return divideSigned(selectCheckedKernel<Power>(type));
      })
      .Default([](Operation *) { return std::nullopt; });
}
