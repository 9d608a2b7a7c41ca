//===- MathKernels.cpp - Elementary functions on many elements ------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelTemplates.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "ptq/Support/ElementaryFunctions.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace mlir::ptq;

namespace {
// The functions of the C library that have the name of their functor.
#define PTQ_UNARY_FUNCTOR(Name, function)                                      \
  struct Name {                                                                \
    template <typename T>                                                      \
    static T apply(T a, int64_t) {                                             \
      return std::function(a);                                                 \
    }                                                                          \
  };
PTQ_UNARY_FUNCTOR(Acos, acos)
PTQ_UNARY_FUNCTOR(Acosh, acosh)
PTQ_UNARY_FUNCTOR(Asin, asin)
PTQ_UNARY_FUNCTOR(Asinh, asinh)
PTQ_UNARY_FUNCTOR(Atan, atan)
PTQ_UNARY_FUNCTOR(Atanh, atanh)
PTQ_UNARY_FUNCTOR(Cbrt, cbrt)
PTQ_UNARY_FUNCTOR(Cos, cos)
PTQ_UNARY_FUNCTOR(Cosh, cosh)
PTQ_UNARY_FUNCTOR(Erfc, erfc)
PTQ_UNARY_FUNCTOR(Log10, log10)
PTQ_UNARY_FUNCTOR(Log2, log2)
PTQ_UNARY_FUNCTOR(Sin, sin)
PTQ_UNARY_FUNCTOR(Sinh, sinh)
PTQ_UNARY_FUNCTOR(Sqrt, sqrt)
PTQ_UNARY_FUNCTOR(Tan, tan)
#undef PTQ_UNARY_FUNCTOR

// Those of f32 that compiled code computes in the same way.
#define PTQ_SHARED_FUNCTOR(Name, function)                                     \
  struct Name {                                                                \
    static LLVM_ATTRIBUTE_ALWAYS_INLINE float apply(float a, int64_t) {        \
      return elementary::function(a);                                          \
    }                                                                          \
    static double apply(double a, int64_t) { return std::function(a); }        \
  };
PTQ_SHARED_FUNCTOR(Erf, erf)
PTQ_SHARED_FUNCTOR(Exp, exp)
PTQ_SHARED_FUNCTOR(Exp2, exp2)
PTQ_SHARED_FUNCTOR(ExpM1, expm1)
PTQ_SHARED_FUNCTOR(Log, log)
PTQ_SHARED_FUNCTOR(Log1p, log1p)
PTQ_SHARED_FUNCTOR(Tanh, tanh)
#undef PTQ_SHARED_FUNCTOR

struct Rsqrt {
  template <typename T>
  static T apply(T a, int64_t) {
    return T(1) / std::sqrt(a);
  }
};
struct Atan2 {
  template <typename T>
  static T apply(T a, T b, int64_t) {
    return std::atan2(a, b);
  }
};
struct Power {
  template <typename T>
  static T apply(T a, T b, int64_t) {
    return std::pow(a, b);
  }
};
/// A float to the power of an integer; computed in f64, rounded once.
struct PowerOfInteger {
  template <typename T, typename I>
  static T apply(T a, I b, int64_t) {
    return static_cast<T>(
        std::pow(static_cast<double>(a), static_cast<double>(b)));
  }
};

template <typename T>
Kernel selectPowerOfIntegerKernel(ComputeType exponent) {
  switch (exponent) {
  case ComputeType::I8:
    return mapKernel<PowerOfInteger, T, T, int8_t>;
  case ComputeType::I16:
    return mapKernel<PowerOfInteger, T, T, int16_t>;
  case ComputeType::I32:
    return mapKernel<PowerOfInteger, T, T, int32_t>;
  case ComputeType::I64:
    return mapKernel<PowerOfInteger, T, T, int64_t>;
  default:
    return nullptr;
  }
}
} // namespace

std::optional<KernelCall> mlir::ptq::getMathKernelCall(Operation *op) {
  std::optional<ComputeType> maybeType =
      getComputeType(getElementTypeOrSelf(op->getOperand(0).getType()));
  if (!maybeType)
    return std::nullopt;
  ComputeType type = *maybeType;
  using Result = std::optional<KernelCall>;
#define PTQ_UNARY_CASE(Op, Functor)                                            \
  Case([&](math::Op) -> Result {                                               \
    return KernelCall{selectFloatKernel<Functor, 1>(type)};                    \
  })
  return llvm::TypeSwitch<Operation *, Result>(op)
      .PTQ_UNARY_CASE(AcosOp, Acos)
      .PTQ_UNARY_CASE(AcoshOp, Acosh)
      .PTQ_UNARY_CASE(AsinOp, Asin)
      .PTQ_UNARY_CASE(AsinhOp, Asinh)
      .PTQ_UNARY_CASE(AtanOp, Atan)
      .PTQ_UNARY_CASE(AtanhOp, Atanh)
      .PTQ_UNARY_CASE(CbrtOp, Cbrt)
      .PTQ_UNARY_CASE(CosOp, Cos)
      .PTQ_UNARY_CASE(CoshOp, Cosh)
      .PTQ_UNARY_CASE(ErfOp, Erf)
      .PTQ_UNARY_CASE(ErfcOp, Erfc)
      .PTQ_UNARY_CASE(ExpOp, Exp)
      .PTQ_UNARY_CASE(Exp2Op, Exp2)
      .PTQ_UNARY_CASE(ExpM1Op, ExpM1)
      .PTQ_UNARY_CASE(LogOp, Log)
      .PTQ_UNARY_CASE(Log10Op, Log10)
      .PTQ_UNARY_CASE(Log1pOp, Log1p)
      .PTQ_UNARY_CASE(Log2Op, Log2)
      .PTQ_UNARY_CASE(RsqrtOp, Rsqrt)
      .PTQ_UNARY_CASE(SinOp, Sin)
      .PTQ_UNARY_CASE(SinhOp, Sinh)
      .PTQ_UNARY_CASE(SqrtOp, Sqrt)
      .PTQ_UNARY_CASE(TanOp, Tan)
      .PTQ_UNARY_CASE(TanhOp, Tanh)
      .Case([&](math::Atan2Op) -> Result {
        return KernelCall{selectFloatKernel<Atan2, 2>(type)};
      })
      .Case([&](math::PowFOp) -> Result {
        return KernelCall{selectFloatKernel<Power, 2>(type)};
      })
      .Case([&](math::FPowIOp power) -> Result {
        std::optional<ComputeType> exponent =
            getComputeType(getElementTypeOrSelf(power.getRhs().getType()));
        if (!exponent)
          return std::nullopt;
        Kernel kernel = type == ComputeType::F64
                            ? selectPowerOfIntegerKernel<double>(*exponent)
                            : selectPowerOfIntegerKernel<float>(*exponent);
        return KernelCall{kernel, 0, IntegerReading::Signed};
      })
      .Default([](Operation *) { return std::nullopt; });
#undef PTQ_UNARY_CASE
}
