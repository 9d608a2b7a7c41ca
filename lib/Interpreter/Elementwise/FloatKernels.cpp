//===- FloatKernels.cpp - Float arithmetic on many elements ---------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelTemplates.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/ADT/bit.h"
#include <cmath>
#include <limits>
#include <type_traits>

using namespace mlir;
using namespace mlir::ptq;

namespace {
template <typename T>
using Bits = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;

struct Add {
  template <typename T>
  static T apply(T a, T b, int64_t) {
    return a + b;
  }
};
struct Subtract {
  template <typename T>
  static T apply(T a, T b, int64_t) {
    return a - b;
  }
};
struct Multiply {
  template <typename T>
  static T apply(T a, T b, int64_t) {
    return a * b;
  }
};
struct Divide {
  template <typename T>
  static T apply(T a, T b, int64_t) {
    return a / b;
  }
};
struct Remainder {
  template <typename T>
  static T apply(T a, T b, int64_t) {
    return std::fmod(a, b);
  }
};
struct Negate {
  template <typename T>
  static T apply(T a, int64_t) {
    return -a;
  }
};

/// The larger one; +0 is larger than -0. Of equal numbers, which differ at most
/// in the sign of zero, either order of the comparison gives another, and `and`
/// clears the sign. NaN compares unequal and is seen to by the callers.
template <typename T>
T maxOfNumbers(T a, T b) {
  return llvm::bit_cast<T>(llvm::bit_cast<Bits<T>>(a > b ? a : b) &
                           llvm::bit_cast<Bits<T>>(b > a ? b : a));
}
template <typename T>
T minOfNumbers(T a, T b) {
  return llvm::bit_cast<T>(llvm::bit_cast<Bits<T>>(a < b ? a : b) |
                           llvm::bit_cast<Bits<T>>(b < a ? b : a));
}

/// maximumf and minimumf: NaN if either is NaN.
struct Maximum {
  template <typename T>
  static T apply(T a, T b, int64_t) {
    T result = maxOfNumbers(a, b);
    return a != a || b != b ? a + b : result;
  }
};
struct Minimum {
  template <typename T>
  static T apply(T a, T b, int64_t) {
    T result = minOfNumbers(a, b);
    return a != a || b != b ? a + b : result;
  }
};

/// maxnumf and minnumf: the other one if one is NaN.
struct MaximumNumber {
  template <typename T>
  static T apply(T a, T b, int64_t) {
    T result = maxOfNumbers(a, b);
    result = a != a ? b : result;
    return b != b ? a : result;
  }
};
struct MinimumNumber {
  template <typename T>
  static T apply(T a, T b, int64_t) {
    T result = minOfNumbers(a, b);
    result = a != a ? b : result;
    return b != b ? a : result;
  }
};
struct Clamp {
  template <typename T>
  static T apply(T value, T low, T high, int64_t) {
    return Minimum::apply(Maximum::apply(value, low, 0), high, 0);
  }
};

/// Comparison; the immediate is the predicate. Its four bits are the outcomes
/// that it accepts: equal, greater, less, unordered.
struct Compare {
  template <typename T>
  static uint8_t apply(T a, T b, int64_t accepted) {
    int64_t outcome = a == b ? 1 : a > b ? 2 : a < b ? 4 : 8;
    return (accepted & outcome) != 0;
  }
};

/// The outcomes that `predicate` accepts, as `Compare` takes them. Not its
/// number: there the unordered predicates are in the order of the ordered ones.
int64_t getAcceptedOutcomes(arith::CmpFPredicate predicate) {
  using arith::CmpFPredicate;
  switch (predicate) {
  case CmpFPredicate::AlwaysFalse:
    return 0;
  case CmpFPredicate::OEQ:
    return 1;
  case CmpFPredicate::OGT:
    return 2;
  case CmpFPredicate::OGE:
    return 3;
  case CmpFPredicate::OLT:
    return 4;
  case CmpFPredicate::OLE:
    return 5;
  case CmpFPredicate::ONE:
    return 6;
  case CmpFPredicate::ORD:
    return 7;
  case CmpFPredicate::UNO:
    return 8;
  case CmpFPredicate::UEQ:
    return 9;
  case CmpFPredicate::UGT:
    return 10;
  case CmpFPredicate::UGE:
    return 11;
  case CmpFPredicate::ULT:
    return 12;
  case CmpFPredicate::ULE:
    return 13;
  case CmpFPredicate::UNE:
    return 14;
  case CmpFPredicate::AlwaysTrue:
    return 15;
  }
  return 0;
}

struct Absolute {
  template <typename T>
  static T apply(T a, int64_t) {
    return std::fabs(a);
  }
};
struct CopySign {
  template <typename T>
  static T apply(T a, T b, int64_t) {
    return std::copysign(a, b);
  }
};
struct MultiplyAdd {
  template <typename T>
  static T apply(T a, T b, T c, int64_t) {
    return std::fma(a, b, c);
  }
};

/// Rounding to integer, ties to even: adding and subtracting 2^(p-1), where
/// the unit in the last place is 1, rounds as every operation does. Unlike a
/// library call this is vectorized.
struct RoundEven {
  template <typename T>
  static T apply(T a, int64_t) {
    constexpr T kUnit =
        static_cast<T>(Bits<T>{1} << (std::numeric_limits<T>::digits - 1));
    T magnitude = std::fabs(a);
    T rounded = std::copysign((magnitude + kUnit) - kUnit, a);
    return magnitude < kUnit ? rounded : a;
  }
};
struct RoundAway {
  template <typename T>
  static T apply(T a, int64_t) {
    return std::round(a);
  }
};
struct Floor {
  template <typename T>
  static T apply(T a, int64_t) {
    return std::floor(a);
  }
};
struct Ceil {
  template <typename T>
  static T apply(T a, int64_t) {
    return std::ceil(a);
  }
};
struct Truncate {
  template <typename T>
  static T apply(T a, int64_t) {
    return std::trunc(a);
  }
};

struct IsNaN {
  template <typename T>
  static uint8_t apply(T a, int64_t) {
    return a != a;
  }
};
struct IsInf {
  template <typename T>
  static uint8_t apply(T a, int64_t) {
    return std::fabs(a) == std::numeric_limits<T>::infinity();
  }
};
struct IsFinite {
  template <typename T>
  static uint8_t apply(T a, int64_t) {
    return std::fabs(a) < std::numeric_limits<T>::infinity();
  }
};
/// The immediate is the exponent of the smallest normal number.
struct IsNormal {
  template <typename T>
  static uint8_t apply(T a, int64_t minExponent) {
    return std::fabs(a) >= std::ldexp(T(1), static_cast<int>(minExponent)) &&
           std::fabs(a) < std::numeric_limits<T>::infinity();
  }
};

template <typename Fn, typename... Repeated>
Kernel selectPredicateKernel(ComputeType type) {
  constexpr bool isBinary = sizeof...(Repeated) == 1;
  switch (type) {
  case ComputeType::F32:
    if constexpr (isBinary)
      return mapKernel<Fn, uint8_t, float, float>;
    else
      return mapKernel<Fn, uint8_t, float>;
  case ComputeType::F64:
    if constexpr (isBinary)
      return mapKernel<Fn, uint8_t, double, double>;
    else
      return mapKernel<Fn, uint8_t, double>;
  default:
    return nullptr;
  }
}
} // namespace

std::optional<KernelCall> mlir::ptq::getFloatKernelCall(Operation *op) {
  auto floatType =
      dyn_cast<FloatType>(getElementTypeOrSelf(op->getOperand(0).getType()));
  std::optional<ComputeType> maybeType =
      floatType ? getComputeType(floatType) : std::nullopt;
  if (!maybeType)
    return std::nullopt;
  ComputeType type = *maybeType;
  auto call = [](Kernel kernel, int64_t immediate = 0) {
    return KernelCall{kernel, immediate};
  };
  using Result = std::optional<KernelCall>;
  return llvm::TypeSwitch<Operation *, Result>(op)
      .Case(
          [&](arith::AddFOp) { return call(selectFloatKernel<Add, 2>(type)); })
      .Case([&](arith::SubFOp) {
        return call(selectFloatKernel<Subtract, 2>(type));
      })
      .Case([&](arith::MulFOp) {
        return call(selectFloatKernel<Multiply, 2>(type));
      })
      .Case([&](arith::DivFOp) {
        return call(selectFloatKernel<Divide, 2>(type));
      })
      .Case([&](arith::RemFOp) {
        return call(selectFloatKernel<Remainder, 2>(type));
      })
      .Case([&](arith::NegFOp) {
        return call(selectFloatKernel<Negate, 1>(type));
      })
      .Case([&](arith::MaximumFOp) {
        return call(selectFloatKernel<Maximum, 2>(type));
      })
      .Case([&](arith::MinimumFOp) {
        return call(selectFloatKernel<Minimum, 2>(type));
      })
      .Case([&](arith::MaxNumFOp) {
        return call(selectFloatKernel<MaximumNumber, 2>(type));
      })
      .Case([&](arith::MinNumFOp) {
        return call(selectFloatKernel<MinimumNumber, 2>(type));
      })
      .Case([&](arith::CmpFOp compare) {
        return call(selectPredicateKernel<Compare, void>(type),
                    getAcceptedOutcomes(compare.getPredicate()));
      })
      .Case([&](math::ClampFOp) {
        return call(selectFloatKernel<Clamp, 3>(type));
      })
      .Case([&](math::AbsFOp) {
        return call(selectFloatKernel<Absolute, 1>(type));
      })
      .Case([&](math::CopySignOp) {
        return call(selectFloatKernel<CopySign, 2>(type));
      })
      .Case([&](math::FmaOp) {
        return call(selectFloatKernel<MultiplyAdd, 3>(type));
      })
      .Case([&](math::RoundEvenOp) {
        return call(selectFloatKernel<RoundEven, 1>(type));
      })
      .Case([&](math::RoundOp) {
        return call(selectFloatKernel<RoundAway, 1>(type));
      })
      .Case([&](math::FloorOp) {
        return call(selectFloatKernel<Floor, 1>(type));
      })
      .Case(
          [&](math::CeilOp) { return call(selectFloatKernel<Ceil, 1>(type)); })
      .Case([&](math::TruncOp) {
        return call(selectFloatKernel<Truncate, 1>(type));
      })
      .Case([&](math::IsNaNOp) {
        return call(selectPredicateKernel<IsNaN>(type));
      })
      .Case([&](math::IsInfOp) {
        return call(selectPredicateKernel<IsInf>(type));
      })
      .Case([&](math::IsFiniteOp) {
        return call(selectPredicateKernel<IsFinite>(type));
      })
      .Case([&](math::IsNormalOp) {
        return call(
            selectPredicateKernel<IsNormal>(type),
            APFloat::semanticsMinExponent(floatType.getFloatSemantics()));
      })
      .Default([](Operation *) { return std::nullopt; });
}
