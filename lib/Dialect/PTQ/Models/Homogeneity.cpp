//===- Homogeneity.cpp - Ops whose results scale with operands ------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Dialect/PTQ/Models/Homogeneity.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Matchers.h"
#include "ptq/Dialect/PTQ/Models/UniformValue.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::ptq;

namespace {

/// What becomes of a scalar when the scaled operands are multiplied by a
/// factor.
enum class Response {
  /// It is multiplied as well.
  Scales,
  /// It stays what it is.
  Stays,
  /// Both at once: it is 0 or infinite.
  Either,
  /// Something else.
  Neither
};

/// Finds the responses of the scalars in the body of a structured op.
class ResponseAnalysis {
public:
  /// `arguments` holds the responses of the body's arguments.
  explicit ResponseAnalysis(ArrayRef<Response> arguments)
      : arguments(arguments) {}

  Response get(Value value) {
    if (auto argument = dyn_cast<BlockArgument>(value))
      return argument.getArgNumber() < arguments.size()
                 ? arguments[argument.getArgNumber()]
                 : Response::Stays;
    FloatAttr constant;
    if (matchPattern(value, m_Constant(&constant)))
      return isZeroOrInfinite(constant) ? Response::Either : Response::Stays;
    auto [it, isNew] = known.try_emplace(value, Response::Neither);
    if (isNew) {
      Response response = compute(value.getDefiningOp());
      known[value] = response;
      return response;
    }
    return it->second;
  }

  static bool isZeroOrInfinite(FloatAttr constant) {
    return constant.getValue().isZero() || constant.getValue().isInfinity();
  }

private:
  Response compute(Operation *op);

  /// The response of what is computed from two numbers of the same unit.
  static Response join(Response a, Response b) {
    if (a == Response::Either)
      return b;
    return b == Response::Either || a == b ? a : Response::Neither;
  }

  static Response multiply(Response a, Response b) {
    if (a == Response::Neither || b == Response::Neither)
      return Response::Neither;
    if (a == Response::Either || b == Response::Either)
      return Response::Either;
    if (a == Response::Scales && b == Response::Scales)
      return Response::Neither;
    return a == Response::Scales ? a : b;
  }

  static Response divide(Response a, Response b) {
    if (a == Response::Scales && b == Response::Scales)
      return Response::Stays;
    return b == Response::Scales ? Response::Neither : multiply(a, b);
  }

  ArrayRef<Response> arguments;
  DenseMap<Value, Response> known;
};

} // namespace

Response ResponseAnalysis::compute(Operation *op) {
  // A value from outside of the body.
  if (!op || op->getNumRegions() != 0)
    return Response::Neither;
  SmallVector<Response> x =
      llvm::map_to_vector(op->getOperands(), [&](Value v) { return get(v); });
  bool allStay = llvm::all_of(x, [](Response response) {
    return response == Response::Stays || response == Response::Either;
  });
  return llvm::TypeSwitch<Operation *, Response>(op)
      .Case<arith::AddFOp, arith::SubFOp, arith::MaximumFOp, arith::MinimumFOp,
            arith::MaxNumFOp, arith::MinNumFOp>(
          [&](auto) { return join(x[0], x[1]); })
      .Case<arith::NegFOp, math::AbsFOp>([&](auto) { return x[0]; })
      .Case<arith::MulFOp>([&](auto) { return multiply(x[0], x[1]); })
      .Case<arith::DivFOp>([&](auto) { return divide(x[0], x[1]); })
      .Case<arith::CmpFOp>([&](auto) {
        return join(x[0], x[1]) == Response::Neither ? Response::Neither
                                                     : Response::Stays;
      })
      .Case<arith::SelectOp>([&](auto) {
        return x[0] == Response::Stays ? join(x[1], x[2]) : Response::Neither;
      })
      .Default([&](Operation *other) {
        return allStay && isPure(other) ? Response::Stays : Response::Neither;
      });
}

/// The response of the initial value of a result.
static Response getInitResponse(Value init, bool isScaled) {
  auto constant = dyn_cast_or_null<FloatAttr>(matchUniformValue(init));
  if (constant && ResponseAnalysis::isZeroOrInfinite(constant))
    return Response::Either;
  return isScaled ? Response::Scales : Response::Stays;
}

bool mlir::ptq::isHomogeneous(linalg::LinalgOp op,
                              const llvm::SmallBitVector &scaled) {
  if (op->getNumResults() != 1)
    return false;
  SmallVector<Response> arguments;
  for (OpOperand &operand : op->getOpOperands()) {
    bool isScaled = scaled.test(operand.getOperandNumber());
    arguments.push_back(op.isDpsInit(&operand)
                            ? getInitResponse(operand.get(), isScaled)
                        : isScaled ? Response::Scales
                                   : Response::Stays);
  }
  ResponseAnalysis analysis(arguments);
  Response result = analysis.get(op.getBlock()->getTerminator()->getOperand(0));
  return result == Response::Scales || result == Response::Either;
}
