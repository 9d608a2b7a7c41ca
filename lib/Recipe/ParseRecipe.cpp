//===- ParseRecipe.cpp - Recipes from JSON --------------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LocatedJSON.h"
#include "ptq/Dialect/PTQ/IR/EnumValues.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include <functional>

using namespace mlir;
using namespace mlir::ptq;
using Kind = LocatedValue::Kind;

/// The names of all cases of an ODS enum, whose cases are numbered 0, 1, 2...
template <typename EnumT>
static std::string listCases() {
  SmallVector<StringRef> names;
  for (uint32_t raw = 0;; ++raw) {
    StringRef name = stringifyEnum(static_cast<EnumT>(raw));
    if (name.empty())
      return llvm::join(names, ", ");
    names.push_back(name);
  }
}

namespace {

/// Reads the values of a recipe; problems are reported, and reading goes on.
class RecipeParser {
public:
  explicit RecipeParser(ReportFn report) : report(report) {}

  std::optional<Recipe> parse(const LocatedValue &root);

private:
  /// Reads the value of one field.
  using FieldFn = std::function<void(const LocatedValue &)>;
  /// A field that an object may have.
  struct Field {
    StringRef name;
    FieldFn read;
  };

  void parseFields(const LocatedValue &object, ArrayRef<Field> fields);
  RecipeRule parseRule(const LocatedValue &value, unsigned number);

  FieldFn readWeights(WeightChoice &choice);
  FieldFn readActivations(ActivationChoice &choice);
  FieldFn readPattern(std::optional<NamePattern> &pattern);
  FieldFn readString(std::optional<std::string> &string);
  FieldFn readShape(std::optional<SmallVector<std::optional<int64_t>>> &shape);
  FieldFn readBlock(std::optional<int64_t> &block);
  FieldFn readBits(std::optional<int64_t> &bits);
  template <typename EnumT>
  FieldFn readEnum(std::optional<EnumT> &choice);

  /// Whether `value` is of `kind`, called `name`; reports if it is not.
  bool expect(const LocatedValue &value, Kind kind, StringRef name);
  /// A number that is not negative; reports anything else.
  std::optional<int64_t> parseCount(const LocatedValue &value, StringRef name);
  void complain(TextPosition position, const Twine &message) {
    anyProblem = true;
    report(position, message);
  }

  ReportFn report;
  bool anyProblem = false;
};

} // namespace

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

bool RecipeParser::expect(const LocatedValue &value, Kind kind,
                          StringRef name) {
  if (value.kind == kind)
    return true;
  complain(value.position, "expected " + name);
  return false;
}

std::optional<int64_t> RecipeParser::parseCount(const LocatedValue &value,
                                                StringRef name) {
  int64_t number = 0;
  if (value.kind == Kind::Number &&
      !StringRef(value.text).getAsInteger(10, number) && number >= 0)
    return number;
  complain(value.position, "expected " + name);
  return std::nullopt;
}

template <typename EnumT>
RecipeParser::FieldFn RecipeParser::readEnum(std::optional<EnumT> &choice) {
  return [this, &choice](const LocatedValue &value) {
    if (!expect(value, Kind::String, "one of " + listCases<EnumT>()))
      return;
    choice = symbolizeEnum<EnumT>(value.text);
    for (auto [alias, meaning] : getEnumAliases<EnumT>())
      if (alias == value.text)
        choice = meaning;
    if (!choice)
      complain(value.position, "unknown value '" + value.text +
                                   "'; expected one of " + listCases<EnumT>());
  };
}

RecipeParser::FieldFn
RecipeParser::readPattern(std::optional<NamePattern> &pattern) {
  return [this, &pattern](const LocatedValue &value) {
    if (!expect(value, Kind::String, "a regular expression in quotes"))
      return;
    std::string error;
    pattern.emplace(value.text, error);
    if (!error.empty())
      complain(value.position,
               "'" + value.text + "' is no regular expression: " + error);
  };
}

RecipeParser::FieldFn
RecipeParser::readString(std::optional<std::string> &string) {
  return [this, &string](const LocatedValue &value) {
    if (expect(value, Kind::String, "a string"))
      string = value.text;
  };
}

RecipeParser::FieldFn RecipeParser::readShape(
    std::optional<SmallVector<std::optional<int64_t>>> &shape) {
  return [this, &shape](const LocatedValue &value) {
    if (!expect(value, Kind::Array, "an array of sizes"))
      return;
    shape.emplace();
    for (const LocatedValue &size : value.elements)
      shape->push_back(size.kind == Kind::Null
                           ? std::nullopt
                           : parseCount(size, "a size, or null for any"));
  };
}

RecipeParser::FieldFn RecipeParser::readBlock(std::optional<int64_t> &block) {
  return [this, &block](const LocatedValue &value) {
    block = parseCount(value, "a number of weights, or 0 for no blocks");
  };
}

RecipeParser::FieldFn RecipeParser::readBits(std::optional<int64_t> &bits) {
  return [this, &bits](const LocatedValue &value) {
    bits = parseCount(value, "a number of bits, or 0 for those of the storage");
  };
}

//===----------------------------------------------------------------------===//
// Objects
//===----------------------------------------------------------------------===//

void RecipeParser::parseFields(const LocatedValue &object,
                               ArrayRef<Field> fields) {
  if (!expect(object, Kind::Object, "an object"))
    return;
  for (const LocatedMember &member : object.members) {
    const Field *field = llvm::find_if(
        fields, [&](const Field &field) { return field.name == member.name; });
    if (field != fields.end()) {
      field->read(member.value);
      continue;
    }
    auto getName = [](const Field &field) { return field.name; };
    complain(member.position,
             "unknown field '" + member.name + "'; expected one of " +
                 llvm::join(llvm::map_range(fields, getName), ", "));
  }
}

RecipeParser::FieldFn RecipeParser::readWeights(WeightChoice &choice) {
  return [this, &choice](const LocatedValue &value) {
    parseFields(value, {{"storage", readEnum(choice.storage)},
                        {"bits", readBits(choice.bits)},
                        {"per", readEnum(choice.granularity)},
                        {"block", readBlock(choice.block)},
                        {"symmetry", readEnum(choice.symmetry)}});
  };
}

RecipeParser::FieldFn RecipeParser::readActivations(ActivationChoice &choice) {
  return [this, &choice](const LocatedValue &value) {
    parseFields(value, {{"storage", readEnum(choice.storage)},
                        {"per", readEnum(choice.granularity)},
                        {"symmetry", readEnum(choice.symmetry)}});
  };
}

RecipeRule RecipeParser::parseRule(const LocatedValue &value, unsigned number) {
  RecipeRule rule;
  rule.position = value.position;
  rule.number = number;
  SchemeChoice &choice = rule.choice;
  parseFields(value, {{"name", readPattern(rule.name)},
                      {"kind", readString(rule.kind)},
                      {"shape", readShape(rule.shape)},
                      {"edge", readPattern(rule.edge)},
                      {"scheme", readEnum(choice.kind)},
                      {"weights", readWeights(choice.weights)},
                      {"activations", readActivations(choice.activations)},
                      {"estimator", readEnum(choice.estimator)},
                      {"rounding", readEnum(choice.rounding)},
                      {"equalization", readEnum(choice.equalization)}});
  if (rule.edge && choice.equalization)
    complain(value.position,
             "equalization is for an op and what comes before it, not for one "
             "edge");
  // A rule that names no scheme may be about one that another rule has chosen.
  if (choice.kind)
    if (std::string problem = choice.findContradiction(); !problem.empty())
      complain(value.position, problem);
  return rule;
}

std::optional<Recipe> RecipeParser::parse(const LocatedValue &root) {
  Recipe recipe;
  bool hasVersion = false, hasRules = false;
  auto readVersion = [&](const LocatedValue &value) {
    hasVersion = true;
    if (value.kind != Kind::Number || value.text != "1")
      complain(value.position, "version " + value.text +
                                   " of recipes is not known; expected 1");
  };
  auto readRules = [&](const LocatedValue &value) {
    hasRules = true;
    if (!expect(value, Kind::Array, "an array of rules"))
      return;
    for (const LocatedValue &rule : value.elements)
      recipe.rules.push_back(parseRule(rule, recipe.rules.size() + 1));
  };
  parseFields(root, {{"version", readVersion}, {"rules", readRules}});
  if (root.kind == Kind::Object && !hasVersion)
    complain(root.position, "a recipe needs a field 'version'");
  if (root.kind == Kind::Object && !hasRules)
    complain(root.position, "a recipe needs a field 'rules'");
  if (anyProblem)
    return std::nullopt;
  return recipe;
}

std::optional<Recipe> mlir::ptq::parseRecipe(StringRef text, ReportFn report) {
  std::optional<LocatedValue> root = parseLocatedJSON(text, report);
  if (!root)
    return std::nullopt;
  return RecipeParser(report).parse(*root);
}
