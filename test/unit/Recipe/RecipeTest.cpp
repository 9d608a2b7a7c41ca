//===- RecipeTest.cpp - Parsing and matching of recipes -------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Recipe/Recipe.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::ptq;

/// The problems of a recipe, one "line:column: message" a line.
static std::string findProblems(StringRef text) {
  std::string problems;
  std::optional<Recipe> recipe =
      parseRecipe(text, [&](TextPosition position, const Twine &message) {
        problems += std::to_string(position.line) + ":" +
                    std::to_string(position.column) + ": " + message.str() +
                    "\n";
      });
  EXPECT_EQ(recipe.has_value(), problems.empty()) << text.str();
  return problems;
}

/// Parses a recipe of one rule.
static RecipeRule parseRule(StringRef rule) {
  std::string text = ("{\"version\": 1, \"rules\": [" + rule + "]}").str();
  std::optional<Recipe> recipe =
      parseRecipe(text, [](TextPosition, const Twine &message) {
        ADD_FAILURE() << message.str();
      });
  EXPECT_TRUE(recipe && recipe->rules.size() == 1);
  if (!recipe || recipe->rules.empty())
    return RecipeRule();
  return std::move(recipe->rules.front());
}

TEST(RecipeTest, EveryField) {
  RecipeRule rule = parseRule(R"({
    "name": "block3/.*", "kind": "matmul", "shape": [null, 12], "edge": "in",
    "scheme": "dynamic",
    "weights": {"storage": "i4", "bits": 3, "per": "channel", "block": 32,
                "symmetry": "asymmetric"},
    "activations": {"storage": "i8", "per": "token", "symmetry": "symmetric"},
    "estimator": "mse", "rounding": "adaround"})");
  EXPECT_EQ(rule.number, 1u);
  EXPECT_EQ(rule.position.line, 1u);
  EXPECT_EQ(rule.position.column, 26u);
  EXPECT_EQ(rule.describe(), "rule 1 (name 'block3/.*', kind 'matmul', shape "
                             "[null, 12], edge 'in')");
  const SchemeChoice &choice = rule.choice;
  EXPECT_EQ(choice.kind, SchemeKind::Dynamic);
  EXPECT_EQ(choice.weights.storage, WeightStorage::I4);
  EXPECT_EQ(choice.weights.bits, 3);
  EXPECT_EQ(choice.weights.granularity, WeightGranularity::Channel);
  EXPECT_EQ(choice.weights.block, 32);
  EXPECT_EQ(choice.weights.symmetry, Symmetry::Asymmetric);
  EXPECT_EQ(choice.activations.storage, ActivationStorage::I8);
  EXPECT_EQ(choice.activations.granularity, ActivationGranularity::Token);
  EXPECT_EQ(choice.activations.symmetry, ActivationSymmetry::Symmetric);
  EXPECT_EQ(choice.estimator, RangeEstimatorKind::MSE);
  EXPECT_EQ(choice.rounding, Rounding::AdaRound);
}

TEST(RecipeTest, Equalization) {
  RecipeRule rule = parseRule(R"({"equalization": "crosslayer"})");
  EXPECT_EQ(rule.choice.equalization, Equalization::CrossLayer);
}

TEST(RecipeTest, AnEmptyRuleSaysNothingOfAnything) {
  RecipeRule rule = parseRule("{}");
  EXPECT_EQ(rule.choice.kind, std::nullopt);
  EXPECT_EQ(rule.choice.weights.block, std::nullopt);
  EXPECT_EQ(rule.choice.estimator, std::nullopt);
  EXPECT_TRUE(rule.matchesOp({"anything", "conv", {1, 2, 3}}));
  EXPECT_EQ(rule.describe(), "rule 1");
}

TEST(RecipeTest, EnumsHaveTheirAliases) {
  RecipeRule rule = parseRule(R"({"estimator": "trt-entropy"})");
  EXPECT_EQ(rule.choice.estimator, RangeEstimatorKind::KL);
}

TEST(RecipeTest, ConditionsHoldTogether) {
  RecipeRule rule =
      parseRule(R"({"name": "a|b.", "kind": "matmul", "shape": [null, 12]})");
  int64_t shape[] = {-1, 12}, other[] = {-1, 13}, longer[] = {-1, 12, 1};
  EXPECT_TRUE(rule.matchesOp({"a", "matmul", shape}));
  EXPECT_TRUE(rule.matchesOp({"bc", "matmul", shape}));
  EXPECT_FALSE(rule.matchesOp({"ab", "matmul", shape})); // a part of a name
  EXPECT_FALSE(rule.matchesOp({"xa", "matmul", shape}));
  EXPECT_FALSE(rule.matchesOp({"a", "conv", shape}));
  EXPECT_FALSE(rule.matchesOp({"a", "matmul", other}));
  EXPECT_FALSE(rule.matchesOp({"a", "matmul", longer}));
}

TEST(RecipeTest, NamesMayHoldAnything) {
  RecipeRule rule = parseRule(
      "{ \"name\"\t:\r\n\"caf\\u00e9\\/\\\"x\\\" \xf0\x9f\x98\x80: #, \"}");
  EXPECT_TRUE(
      rule.matchesOp({"caf\xc3\xa9/\"x\" \xf0\x9f\x98\x80: #, ", "", {}}));
}

TEST(RecipeTest, SyntaxErrorsHavePositions) {
  EXPECT_EQ(findProblems("{\"version\": 1,\n \"rules\": [}"),
            "2:12: not JSON: Invalid JSON value\n");
  EXPECT_EQ(findProblems(""), "1:0: not JSON: Unexpected EOF\n");
  EXPECT_NE(findProblems("{\"version\": 1, \"rules\": [],}"), "");
  EXPECT_NE(findProblems("{'version': 1, 'rules': []}"), "");
  EXPECT_NE(findProblems("{version: 1, rules: []}"), "");
  EXPECT_NE(findProblems("version: 1\nrules: []\n"), "");
  EXPECT_NE(findProblems("{\"version\": 1, \"rules\": []} {}"), "");
  EXPECT_NE(findProblems("{\"version\": 1, \"rules\": [\"\xff\"]}"), "");
}

TEST(RecipeTest, DeepNestingIsAnError) {
  EXPECT_EQ(findProblems(std::string(1000000, '[')),
            "1:33: brackets are nested too deeply\n");
  // Brackets in strings do not count.
  RecipeRule rule =
      parseRule("{\"kind\": \"\\\"" + std::string(100, '{') + "\"}");
  EXPECT_EQ(rule.kind->size(), 101u);
}

TEST(RecipeTest, DuplicateFields) {
  EXPECT_EQ(findProblems("{\"version\": 1, \"rules\": [{\n"
                         "  \"kind\": \"conv\",\n"
                         "  \"scheme\": \"float\",\n"
                         "  \"kind\": \"matmul\"}]}"),
            "4:3: field 'kind' is there already, in line 2\n");
}

TEST(RecipeTest, AllProblemsAreReported) {
  EXPECT_EQ(
      findProblems(R"({"version": 1, "rules": [
  {"nam": "x"},
  {"scheme": "statical"},
  {"name": "("},
  {"kind": 3},
  {"weights": {"storage": "i16"}},
  {"weights": {"block": -1}},
  {"weights": {"block": 1.5}},
  {"weights": "i8"},
  {"activations": {"storage": "i8", "block": 32}},
  {"estimator": null},
  {"shape": [1, "2"]},
  {"shape": 4},
  "rule"
]})"),
      "2:4: unknown field 'nam'; expected one of name, kind, shape, edge, "
      "scheme, weights, activations, estimator, rounding, equalization\n"
      "3:14: unknown value 'statical'; expected one of static, dynamic, "
      "weight-only, float\n"
      "4:12: '(' is no regular expression: parentheses not balanced\n"
      "5:12: expected a string\n"
      "6:27: unknown value 'i16'; expected one of i8, i4, i2\n"
      "7:25: expected a number of weights, or 0 for no blocks\n"
      "8:25: expected a number of weights, or 0 for no blocks\n"
      "9:15: expected an object\n"
      "10:37: unknown field 'block'; expected one of storage, per, symmetry\n"
      "11:17: expected one of minmax, percentile, mse, kl, entropy, omse, "
      "auto\n"
      "12:17: expected a size, or null for any\n"
      "13:13: expected an array of sizes\n"
      "14:3: expected an object\n");
}

TEST(RecipeTest, PatternsAreValidOnTheirOwn) {
  EXPECT_NE(findProblems("{\"version\": 1, \"rules\": [{\"name\": \"a)(b\"}]}"),
            "");
}

TEST(RecipeTest, TheWholeIsAnObjectOfAVersion) {
  EXPECT_EQ(findProblems("[]"), "1:1: expected an object\n");
  EXPECT_EQ(findProblems("{}"), "1:1: a recipe needs a field 'version'\n"
                                "1:1: a recipe needs a field 'rules'\n");
  EXPECT_EQ(findProblems("{\"version\": 2, \"rules\": []}"),
            "1:13: version 2 of recipes is not known; expected 1\n");
  EXPECT_EQ(findProblems("{\"version\": \"1\", \"rules\": {}}"),
            "1:13: version 1 of recipes is not known; expected 1\n"
            "1:27: expected an array of rules\n");
  EXPECT_EQ(findProblems("{\"version\": 1, \"rules\": []}"), "");
}

TEST(RecipeTest, ContradictionsWithinARule) {
  EXPECT_EQ(findProblems("{\"version\": 1, \"rules\": [\n {\"scheme\": "
                         "\"static\", \"activations\": {\"storage\": "
                         "\"f16\"}}]}"),
            "2:2: scheme 'static' quantizes activations, and cannot leave them "
            "'f16'; 'weight-only' does\n");
  // Without a scheme of its own the rule may be about a weight-only op.
  EXPECT_EQ(findProblems("{\"version\": 1, \"rules\": [{\"activations\": "
                         "{\"storage\": \"f16\"}}]}"),
            "");
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

/// Writes a recipe and parses it again.
static Recipe writeAndParse(const SchemeChoice &base, StringRef given,
                            ArrayRef<std::string> inFloat) {
  std::string text;
  llvm::raw_string_ostream os(text);
  writeRecipe(os, base, given, inFloat);
  std::optional<Recipe> recipe =
      parseRecipe(text, [&](TextPosition, const Twine &message) {
        ADD_FAILURE() << message.str() << "\n" << text;
      });
  return recipe ? std::move(*recipe) : Recipe();
}

TEST(WriteRecipeTest, SaysWhatOptionsSay) {
  SchemeChoice base;
  base.kind = SchemeKind::Dynamic;
  base.weights = {WeightStorage::I4, /*bits=*/3, WeightGranularity::Channel,
                  /*block=*/32, Symmetry::Asymmetric};
  base.activations = {ActivationStorage::I8, ActivationGranularity::Token,
                      ActivationSymmetry::Symmetric};
  base.estimator = RangeEstimatorKind::OMSE;
  base.rounding = Rounding::GPTQ;
  base.equalization = Equalization::SmoothQuant;
  Recipe recipe = writeAndParse(base, "", {});
  ASSERT_EQ(recipe.rules.size(), 1u);
  const SchemeChoice &choice = recipe.rules[0].choice;
  EXPECT_EQ(choice.kind, SchemeKind::Dynamic);
  EXPECT_EQ(choice.weights.storage, WeightStorage::I4);
  EXPECT_EQ(choice.weights.bits, 3);
  EXPECT_EQ(choice.weights.block, 32);
  EXPECT_EQ(choice.weights.symmetry, Symmetry::Asymmetric);
  EXPECT_EQ(choice.activations.storage, ActivationStorage::I8);
  EXPECT_EQ(choice.activations.granularity, ActivationGranularity::Token);
  EXPECT_EQ(choice.activations.symmetry, ActivationSymmetry::Symmetric);
  EXPECT_EQ(choice.estimator, RangeEstimatorKind::OMSE);
  EXPECT_EQ(choice.rounding, Rounding::GPTQ);
  EXPECT_EQ(choice.equalization, Equalization::SmoothQuant);
  EXPECT_TRUE(recipe.rules[0].matchesOp(OpFacts()));
}

TEST(WriteRecipeTest, LeavesOpenWhatAutoStandsFor) {
  SchemeChoice base;
  base.activations = {ActivationStorage::Auto, ActivationGranularity::Tensor,
                      ActivationSymmetry::Auto};
  SchemeChoice choice = writeAndParse(base, "", {}).rules[0].choice;
  EXPECT_FALSE(choice.activations.storage);
  // A later rule that makes activations i16 makes them symmetric.
  EXPECT_FALSE(choice.activations.symmetry);
}

TEST(WriteRecipeTest, GivenRulesComeBeforeOpsInFloat) {
  Recipe recipe = writeAndParse(
      SchemeChoice(),
      R"({"version": 1, "rules": [{"kind": "add", "scheme": "float"}]})",
      {"block/conv.1", "a+b(c)[0]"});
  ASSERT_EQ(recipe.rules.size(), 4u);
  EXPECT_EQ(recipe.rules[1].kind, "add");
  // Names are not expressions.
  EXPECT_TRUE(recipe.rules[2].name->matches("block/conv.1"));
  EXPECT_FALSE(recipe.rules[2].name->matches("block/conv21"));
  EXPECT_TRUE(recipe.rules[3].name->matches("a+b(c)[0]"));
  EXPECT_EQ(recipe.rules[3].choice.kind, SchemeKind::Float);
}
