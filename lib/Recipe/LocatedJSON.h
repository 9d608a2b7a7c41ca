//===- LocatedJSON.h - JSON whose values know where they stand --*- C++ -*-===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// llvm::json forgets where a value came from. JSON is YAML, and the nodes of
// LLVM's YAML parser are ranges of the text; so the one checks the syntax and
// the other gives the positions.
//
//===----------------------------------------------------------------------===//

#ifndef PTQ_LIB_RECIPE_LOCATEDJSON_H
#define PTQ_LIB_RECIPE_LOCATEDJSON_H

#include "ptq/Recipe/Recipe.h"
#include <vector>

namespace mlir::ptq {

struct LocatedMember;

/// A JSON value and its position in the text.
struct LocatedValue {
  enum class Kind { Null, Boolean, Number, String, Array, Object };

  Kind kind = Kind::Null;
  TextPosition position;
  /// The contents of a string; any other scalar as it is written.
  std::string text;
  std::vector<LocatedValue> elements;
  std::vector<LocatedMember> members;
};

/// One member of an object. The names of an object differ.
struct LocatedMember {
  std::string name;
  TextPosition position;
  LocatedValue value;
};

/// Parses `text`; reports what is wrong and returns nothing if it is not JSON,
/// or if two members of an object have one name.
std::optional<LocatedValue> parseLocatedJSON(StringRef text, ReportFn report);

} // namespace mlir::ptq

#endif // PTQ_LIB_RECIPE_LOCATEDJSON_H
