//===- ExpandMath.cpp - Elementary functions as arithmetic ----------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Emits the sequences of `ptq/Support/ElementaryFunctions.h`, which the
// interpreter runs as well. Upstream's approximations are made of `math.fma`:
// on a processor without it each is a call, and one with it computes other bits
// than the interpreter. Ops are emitted without fast-math flags, whatever the
// function's op had: nothing may be contracted or reordered.
//
//===----------------------------------------------------------------------===//

#include "ElementaryOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "ptq/CodeGen/Passes.h"
#include "ptq/Support/ElementaryFunctions.h"

using namespace mlir;
using namespace mlir::ptq;

namespace mlir::ptq {
#define GEN_PASS_DEF_EXPANDMATHPASS
#include "ptq/CodeGen/Passes.h.inc"
} // namespace mlir::ptq

namespace {

//===----------------------------------------------------------------------===//
// SSA values that are computed with like numbers
//===----------------------------------------------------------------------===//

/// A value and where to emit what is computed from it: a scalar or a vector of
/// any shape.
struct Emitted {
  ImplicitLocOpBuilder *builder;
  Value value;

  /// `attr` in each element of a value of this shape.
  Value createConstant(TypedAttr attr) const {
    if (auto type = dyn_cast<VectorType>(value.getType()))
      attr = DenseElementsAttr::get(type.clone(attr.getType()), attr);
    return arith::ConstantOp::create(*builder, attr);
  }

  /// This shape with other elements.
  Type getType(Type element) const {
    if (auto type = dyn_cast<VectorType>(value.getType()))
      return type.clone(element);
    return element;
  }
};

struct Mask : Emitted {};

/// Of 32 bits.
struct Integer : Emitted {
  Integer createConstantLike(uint32_t constant) const {
    return {{builder, createConstant(builder->getI32IntegerAttr(
                          static_cast<int32_t>(constant)))}};
  }
};

/// Of f32.
struct Float : Emitted {};

/// The result of OpTy on operands of one shape.
template <typename OpTy, typename T>
T emit(T lhs, T rhs) {
  return {{lhs.builder, OpTy::create(*lhs.builder, lhs.value, rhs.value)}};
}

Integer operator+(Integer a, Integer b) { return emit<arith::AddIOp>(a, b); }
Integer operator-(Integer a, Integer b) { return emit<arith::SubIOp>(a, b); }
Integer operator|(Integer a, Integer b) { return emit<arith::OrIOp>(a, b); }
Integer operator+(Integer a, uint32_t b) { return a + a.createConstantLike(b); }
Integer operator-(Integer a, uint32_t b) { return a - a.createConstantLike(b); }
Integer operator-(uint32_t a, Integer b) { return b.createConstantLike(a) - b; }
Integer operator&(Integer a, uint32_t b) {
  return emit<arith::AndIOp>(a, a.createConstantLike(b));
}
Integer operator<<(Integer a, uint32_t b) {
  return emit<arith::ShLIOp>(a, a.createConstantLike(b));
}
Integer operator>>(Integer a, uint32_t b) {
  return emit<arith::ShRUIOp>(a, a.createConstantLike(b));
}

Float like(Float a, float constant) {
  return {{a.builder, a.createConstant(a.builder->getF32FloatAttr(constant))}};
}
Float operator+(Float a, Float b) { return emit<arith::AddFOp>(a, b); }
Float operator-(Float a, Float b) { return emit<arith::SubFOp>(a, b); }
Float operator*(Float a, Float b) { return emit<arith::MulFOp>(a, b); }
Float operator/(Float a, Float b) { return emit<arith::DivFOp>(a, b); }
Float operator+(Float a, float b) { return a + like(a, b); }
Float operator-(Float a, float b) { return a - like(a, b); }
Float operator*(Float a, float b) { return a * like(a, b); }

Mask compare(arith::CmpFPredicate predicate, Float a, Float b) {
  return {{a.builder,
           arith::CmpFOp::create(*a.builder, predicate, a.value, b.value)}};
}
Mask operator<(Float a, float b) {
  return compare(arith::CmpFPredicate::OLT, a, like(a, b));
}
Mask operator>(Float a, float b) {
  return compare(arith::CmpFPredicate::OGT, a, like(a, b));
}
Mask operator==(Float a, float b) {
  return compare(arith::CmpFPredicate::OEQ, a, like(a, b));
}
Mask isNaN(Float a) { return compare(arith::CmpFPredicate::UNO, a, a); }

Float select(Mask mask, Float a, Float b) {
  return {{a.builder,
           arith::SelectOp::create(*a.builder, mask.value, a.value, b.value)}};
}
Integer bitsOf(Float a) {
  Type type = a.getType(a.builder->getI32Type());
  return {{a.builder, arith::BitcastOp::create(*a.builder, type, a.value)}};
}
Float floatOf(Integer a) {
  Type type = a.getType(a.builder->getF32Type());
  return {{a.builder, arith::BitcastOp::create(*a.builder, type, a.value)}};
}
Float convert(Integer a) {
  Type type = a.getType(a.builder->getF32Type());
  return {{a.builder, arith::SIToFPOp::create(*a.builder, type, a.value)}};
}

/// 1 / sqrt(x); both ops round correctly wherever they are.
Float rsqrt(Float x) {
  Value root = math::SqrtOp::create(*x.builder, x.value);
  return like(x, 1.0f) / Float{{x.builder, root}};
}

//===----------------------------------------------------------------------===//
// Patterns
//===----------------------------------------------------------------------===//

/// Whether the values of this type are computed in f32: scalars and vectors of
/// f32, f16 and bf16.
bool isComputedInF32(Type type) {
  Type element = type;
  if (auto vector = dyn_cast<VectorType>(type))
    element = vector.getElementType();
  return element.isF32() || element.isF16() || element.isBF16();
}

/// An op with one operand becomes the sequence of `expand`.
template <typename OpTy, Float (*expand)(Float)>
struct ExpandFunction : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    Type type = op.getType();
    if (!isComputedInF32(type))
      return rewriter.notifyMatchFailure(
          op, "neither a scalar nor a vector of f32, f16 or bf16");
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    Float operand{{&builder, op.getOperand()}};
    bool isWidened = !getElementTypeOrSelf(type).isF32();
    if (isWidened)
      operand.value = arith::ExtFOp::create(
          builder, operand.getType(builder.getF32Type()), operand.value);
    Value result = expand(operand).value;
    if (isWidened)
      result = arith::TruncFOp::create(builder, type, result);
    rewriter.replaceOp(op, result);
    return success();
  }
};

struct ExpandMathPass : ptq::impl::ExpandMathPassBase<ExpandMathPass> {
  using Base::Base;

  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateExpandMathPatterns(patterns);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
    getOperation().walk([&](Operation *op) {
      if (isa<math::RsqrtOp>(op) || isElementaryFunction(*op))
        ++numLeft;
    });
  }
};

} // namespace

void mlir::ptq::populateExpandMathPatterns(RewritePatternSet &patterns) {
  patterns.add<ExpandFunction<math::ErfOp, elementary::erf<Float>>,
               ExpandFunction<math::Exp2Op, elementary::exp2<Float>>,
               ExpandFunction<math::ExpM1Op, elementary::expm1<Float>>,
               ExpandFunction<math::ExpOp, elementary::exp<Float>>,
               ExpandFunction<math::Log1pOp, elementary::log1p<Float>>,
               ExpandFunction<math::LogOp, elementary::log<Float>>,
               ExpandFunction<math::RsqrtOp, rsqrt>,
               ExpandFunction<math::TanhOp, elementary::tanh<Float>>>(
      patterns.getContext());
}
