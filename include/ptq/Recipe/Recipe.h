//===- Recipe.h - Rules that choose schemes ---------------------*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A recipe is a JSON file of ordered rules. A rule has conditions on an op, or
// on an edge of it, and says in part which scheme to use where they hold; what
// a later rule says counts.
//
//   {"version": 1, "rules": [
//     {"scheme": "static", "activations": {"storage": "i8"},
//      "estimator": "mse"},
//     {"name": "block3/.*", "weights": {"storage": "i4", "block": 32}},
//     {"edge": "input", "activations": {"storage": "i16"}},
//     {"kind": "matmul", "shape": [null, 12], "scheme": "float"}]}
//
// All fields are optional. Conditions:
//
//   name     regular expression for the whole name of the op's result
//   kind     as of QuantizableOpInterface: matmul, conv, depthwise_conv, ...
//   shape    sizes of the op's result; null stands for any
//   edge     regular expression for the whole name of an edge that the op
//            reads: the rule is about that operand only
//
// Choices:
//
//   scheme       static, dynamic, weight-only, float
//   weights      {storage: i8, i4, i2; bits: 0 or fewer than the storage has;
//                 per: channel, tensor;
//                 block: 0 or a size; symmetry: symmetric, asymmetric}
//   activations  {storage: i8, i16, i4, f32, f16, bf16; per: tensor, token,
//   block;
//                 symmetry: symmetric, asymmetric}
//   estimator    minmax, percentile, mse, kl, ...
//   rounding     nearest, adaround, gptq, descent
//   equalization none, crosslayer, smoothquant
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_RECIPE_RECIPE_H
#define PTQ_RECIPE_RECIPE_H

#include "mlir/Support/LLVM.h"
#include "ptq/Recipe/SchemeChoice.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Regex.h"
#include <vector>

namespace mlir::ptq {

/// A position in a text, counted from 1; 0 where it is not known.
struct TextPosition {
  unsigned line = 0;
  unsigned column = 0;
};

/// Takes a problem of a text and its position.
using ReportFn =
    function_ref<void(TextPosition position, const Twine &message)>;

/// A regular expression for a whole name.
class NamePattern {
public:
  /// The pattern that `regex` describes; `error` says what is wrong with it,
  /// and stays empty otherwise.
  NamePattern(StringRef regex, std::string &error);

  bool matches(StringRef name) const { return regex.match(name); }
  StringRef getText() const { return text; }

private:
  std::string text;
  llvm::Regex regex;
};

/// What a rule asks about an op.
struct OpFacts {
  std::string name;
  StringRef kind;
  /// The shape of the result; negative for a dynamic size.
  ArrayRef<int64_t> shape;
};

/// One rule of a recipe.
struct RecipeRule {
  TextPosition position;
  /// The number of the rule, from 1.
  unsigned number = 0;

  std::optional<NamePattern> name;
  std::optional<std::string> kind;
  std::optional<SmallVector<std::optional<int64_t>>> shape;
  std::optional<NamePattern> edge;

  SchemeChoice choice;

  /// Whether the conditions on the op hold.
  bool matchesOp(const OpFacts &op) const;

  /// The rule's number and conditions in words.
  std::string describe() const;
};

/// The rules of a recipe, in order.
struct Recipe {
  std::vector<RecipeRule> rules;
};

/// Parses a recipe; reports all that is wrong and returns nothing if anything
/// is.
std::optional<Recipe> parseRecipe(StringRef text, ReportFn report);

/// Writes a recipe that asks for `base` in general, then for what the rules of
/// the valid recipe `given` say (empty: no rules), and then leaves the ops
/// called `inFloat` in float. Of `base`, what `auto` stands for is left open.
void writeRecipe(raw_ostream &os, const SchemeChoice &base, StringRef given,
                 ArrayRef<std::string> inFloat);

} // namespace mlir::ptq

#endif // PTQ_RECIPE_RECIPE_H
