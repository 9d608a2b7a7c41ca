//===- Recipe.cpp - Rules that choose schemes -----------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Recipe/Recipe.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::ptq;

NamePattern::NamePattern(StringRef regex, std::string &error)
    : text(regex), regex(("^(" + regex + ")$").str()) {
  // A bracket that closes ours would make a valid whole of an invalid part.
  llvm::Regex part(regex);
  if (part.isValid(error))
    this->regex.isValid(error);
}

static bool matchesShape(ArrayRef<std::optional<int64_t>> pattern,
                         ArrayRef<int64_t> shape) {
  if (pattern.size() != shape.size())
    return false;
  return llvm::all_of(llvm::zip_equal(pattern, shape), [](auto sizes) {
    auto [asked, size] = sizes;
    return !asked || *asked == size;
  });
}

bool RecipeRule::matchesOp(const OpFacts &op) const {
  return (!name || name->matches(op.name)) && (!kind || *kind == op.kind) &&
         (!shape || matchesShape(*shape, op.shape));
}

std::string RecipeRule::describe() const {
  SmallVector<std::string> conditions;
  if (name)
    conditions.push_back("name '" + name->getText().str() + "'");
  if (kind)
    conditions.push_back("kind '" + *kind + "'");
  if (shape) {
    auto print = [](std::optional<int64_t> size) {
      return size ? std::to_string(*size) : "null";
    };
    conditions.push_back(
        "shape [" + llvm::join(llvm::map_range(*shape, print), ", ") + "]");
  }
  if (edge)
    conditions.push_back("edge '" + edge->getText().str() + "'");
  std::string words = "rule " + std::to_string(number);
  if (!conditions.empty())
    words += " (" + llvm::join(conditions, ", ") + ")";
  return words;
}
