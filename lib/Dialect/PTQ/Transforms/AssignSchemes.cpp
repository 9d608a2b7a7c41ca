//===- AssignSchemes.cpp - Say for each op how it shall be quantized ------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SchemeAttributes.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Support/FileUtilities.h"
#include "ptq/Dialect/PTQ/Models/EdgeTracing.h"
#include "ptq/Dialect/PTQ/Transforms/Passes.h"
#include "ptq/Recipe/Recipe.h"
#include "llvm/Support/MemoryBuffer.h"

namespace mlir::ptq {
#define GEN_PASS_DEF_ASSIGNSCHEMESPASS
#include "ptq/Dialect/PTQ/Transforms/Passes.h.inc"
} // namespace mlir::ptq

using namespace mlir;
using namespace mlir::ptq;

/// Pipelines given as plain flags run in the order of the command line;
/// lowering first leaves nothing to calibrate.
static LogicalResult verifyNotLowered(ModuleOp module) {
  for (auto function : module.getOps<FunctionOpInterface>())
    if (function->hasAttr(kEntryAttrName) &&
        llvm::none_of(function.getArgumentTypes(), llvm::IsaPred<TensorType>) &&
        function.getNumArguments() > 0)
      return function.emitError(
          "is already lowered; run ptq-calibrate before ptq-lower");
  return success();
}

/// Whether `choice` has anything to say of an operand with this role.
static bool isAbout(const SchemeChoice &choice, OperandRole role) {
  if (role != OperandRole::Activation && role != OperandRole::Weight)
    return false;
  if (choice.kind || choice.estimator || choice.equalization)
    return true;
  return role == OperandRole::Weight ? choice.weights || choice.rounding
                                     : !!choice.activations;
}

namespace {

/// What has come of a rule.
enum class RuleUse {
  /// Its conditions have never held.
  Unmatched,
  /// They have, but for operands that it says nothing of.
  WithoutEffect,
  Used
};

/// Lays the rules of a recipe over what the options of the pass ask for.
class SchemeChooser {
public:
  SchemeChooser(const SchemeChoice &base, const Recipe &recipe)
      : base(base), recipe(recipe),
        uses(recipe.rules.size(), RuleUse::Unmatched) {}

  /// What is chosen for `op`, by rules that are not about one edge.
  SchemeChoice chooseForOp(QuantizableOpInterface op) {
    return choose(op, [&](const RecipeRule &rule) {
      if (rule.edge)
        return RuleUse::Unmatched;
      for (OpOperand &operand : op->getOpOperands())
        if (isAbout(rule.choice, op.getOperandRole(operand.getOperandNumber())))
          return RuleUse::Used;
      return RuleUse::WithoutEffect;
    });
  }

  /// What is chosen for an operand of `op`.
  SchemeChoice chooseForOperand(QuantizableOpInterface op, OpOperand &operand) {
    std::string edge = getEdgeName(traceToRoot(operand).root);
    OperandRole role = op.getOperandRole(operand.getOperandNumber());
    return choose(op, [&](const RecipeRule &rule) {
      if (rule.edge && !rule.edge->matches(edge))
        return RuleUse::Unmatched;
      return isAbout(rule.choice, role) ? RuleUse::Used
                                        : RuleUse::WithoutEffect;
    });
  }

  /// The rule that had the last word in the last choice; null for none.
  const RecipeRule *getLastRule() const { return lastRule; }

  bool hasEdgeRules() const {
    return llvm::any_of(recipe.rules,
                        [](const RecipeRule &rule) { return !!rule.edge; });
  }

  /// Calls `report` for each rule that has done nothing.
  void
  reportUnused(function_ref<void(const RecipeRule &, RuleUse)> report) const {
    for (auto [rule, use] : llvm::zip_equal(recipe.rules, uses))
      if (use != RuleUse::Used)
        report(rule, use);
  }

private:
  static OpFacts getFacts(QuantizableOpInterface op) {
    OpFacts facts;
    facts.kind = op.getQuantizableKind();
    if (op->getNumResults() == 0)
      return facts;
    facts.name = getEdgeName(op->getResult(0));
    if (auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType()))
      facts.shape = type.getShape();
    return facts;
  }

  SchemeChoice choose(QuantizableOpInterface op,
                      function_ref<RuleUse(const RecipeRule &)> getUse) {
    SchemeChoice choice = base;
    lastRule = nullptr;
    if (recipe.rules.empty())
      return choice;
    OpFacts facts = getFacts(op);
    for (auto [index, rule] : llvm::enumerate(recipe.rules)) {
      if (!rule.matchesOp(facts))
        continue;
      RuleUse use = getUse(rule);
      if (use == RuleUse::Unmatched)
        continue;
      uses[index] = std::max(uses[index], use);
      lastRule = &rule;
      choice.overrideWith(rule.choice);
    }
    return choice;
  }

  const SchemeChoice &base;
  const Recipe &recipe;
  SmallVector<RuleUse> uses;
  const RecipeRule *lastRule = nullptr;
};

struct AssignSchemesPass
    : public ptq::impl::AssignSchemesPassBase<AssignSchemesPass> {
  using Base::Base;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    SchemeChoice base = getChoiceOfOptions();
    FailureOr<Recipe> rules = readRecipe();
    if (failed(verifyNotLowered(module)) || failed(rules))
      return signalPassFailure();
    if (std::string problem = base.findContradiction(); !problem.empty()) {
      module.emitError(problem);
      return signalPassFailure();
    }
    SchemeChooser chooser(base, *rules);
    WalkResult assigned = module.walk([&](QuantizableOpInterface op) {
      if (op.getQuantizableKind().empty())
        return WalkResult::advance();
      return WalkResult(assignScheme(op, chooser));
    });
    if (assigned.wasInterrupted())
      return signalPassFailure();
    chooser.reportUnused([&](const RecipeRule &rule, RuleUse use) {
      emitWarning(getLocation(rule))
          << rule.describe()
          << (use == RuleUse::Unmatched
                  ? " of the recipe matches nothing"
                  : " of the recipe is without effect: it says nothing of the "
                    "operands that it matches");
    });
  }

private:
  LogicalResult assignScheme(QuantizableOpInterface op, SchemeChooser &chooser);
  LogicalResult verifyChoice(const SchemeChoice &choice,
                             QuantizableOpInterface op,
                             const SchemeChooser &chooser);

  SchemeChoice getChoiceOfOptions() {
    SchemeChoice choice;
    choice.kind = scheme;
    choice.weights = {weights, weightsBits, weightsPer, block, weightsSymmetry};
    choice.activations = {activations, activationsPer, activationsSymmetry};
    choice.estimator = method;
    choice.rounding = rounding;
    choice.equalization = equalization;
    return choice;
  }

  Location getLocation(TextPosition position) {
    return FileLineColLoc::get(&getContext(), recipe, position.line,
                               position.column);
  }
  Location getLocation(const RecipeRule &rule) {
    return getLocation(rule.position);
  }

  FailureOr<Recipe> readRecipe() {
    if (recipe.empty())
      return Recipe();
    std::string error;
    std::unique_ptr<llvm::MemoryBuffer> file = openInputFile(recipe, &error);
    if (!file) {
      getOperation().emitError(error);
      return failure();
    }
    std::optional<Recipe> rules = parseRecipe(
        file->getBuffer(), [&](TextPosition position, const Twine &message) {
          emitError(getLocation(position)) << message;
        });
    if (!rules)
      return failure();
    return std::move(*rules);
  }
};

} // namespace

LogicalResult AssignSchemesPass::verifyChoice(const SchemeChoice &choice,
                                              QuantizableOpInterface op,
                                              const SchemeChooser &chooser) {
  std::string problem = choice.findContradiction();
  // The options alone do not contradict each other, so a rule has spoken.
  const RecipeRule *rule = chooser.getLastRule();
  if (problem.empty() || !rule)
    return success();
  InFlightDiagnostic diagnostic =
      emitError(getLocation(*rule))
      << rule->describe()
      << " does not go with what was said before: " << problem;
  diagnostic.attachNote(op->getLoc()) << "at this op";
  return diagnostic;
}

LogicalResult AssignSchemesPass::assignScheme(QuantizableOpInterface op,
                                              SchemeChooser &chooser) {
  // What the IR says counts, but a rule about this op has found something.
  bool isGiven = op->hasAttr(kSchemeAttrName);
  SchemeChoice choice = chooser.chooseForOp(op);
  if (!isGiven && failed(verifyChoice(choice, op, chooser)))
    return failure();
  SmallVector<Attribute> operands;
  for (OpOperand &operand : op->getOpOperands()) {
    unsigned number = operand.getOperandNumber();
    OperandRole role = op.getOperandRole(number);
    if (!chooser.hasEdgeRules() ||
        (role != OperandRole::Activation && role != OperandRole::Weight))
      continue;
    SchemeChoice edgeChoice = chooser.chooseForOperand(op, operand);
    if (!isGiven && failed(verifyChoice(edgeChoice, op, chooser)))
      return failure();
    OperandSchemeAttr own = buildOperandScheme(op, number, edgeChoice);
    if (own != buildOperandScheme(op, number, choice))
      operands.push_back(own);
  }
  if (isGiven) {
    ++numKept;
    return success();
  }
  SchemeAttr scheme = buildScheme(op, choice, operands);
  if (!scheme) {
    ++numLeft;
    return success();
  }
  op->setAttr(kSchemeAttrName, scheme);
  ++numAssigned;
  return success();
}
