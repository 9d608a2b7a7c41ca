//===- WriteRecipe.cpp - Recipes that programs write ----------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Recipe/Recipe.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::ptq;
namespace json = llvm::json;

static void writeWeights(json::OStream &os, const WeightChoice &weights) {
  if (weights.storage)
    os.attribute("storage", stringifyWeightStorage(*weights.storage));
  if (weights.bits.value_or(0) > 0)
    os.attribute("bits", *weights.bits);
  if (weights.block.value_or(0) > 0)
    os.attribute("block", *weights.block);
  else if (weights.granularity)
    os.attribute("per", stringifyWeightGranularity(*weights.granularity));
  if (weights.symmetry)
    os.attribute("symmetry", stringifySymmetry(*weights.symmetry));
}

static void writeActivations(json::OStream &os,
                             const ActivationChoice &activations) {
  if (activations.storage && *activations.storage != ActivationStorage::Auto)
    os.attribute("storage", stringifyActivationStorage(*activations.storage));
  if (activations.granularity)
    os.attribute("per",
                 stringifyActivationGranularity(*activations.granularity));
  if (activations.symmetry && *activations.symmetry != ActivationSymmetry::Auto)
    os.attribute("symmetry",
                 stringifyActivationSymmetry(*activations.symmetry));
}

static void writeChoice(json::OStream &os, const SchemeChoice &choice) {
  os.attribute("scheme", stringifySchemeKind(choice.getKind()));
  os.attributeObject("weights", [&] { writeWeights(os, choice.weights); });
  os.attributeObject("activations",
                     [&] { writeActivations(os, choice.activations); });
  if (choice.estimator)
    os.attribute("estimator", stringifyRangeEstimatorKind(*choice.estimator));
  if (choice.rounding)
    os.attribute("rounding", stringifyRounding(*choice.rounding));
  if (choice.equalization)
    os.attribute("equalization", stringifyEqualization(*choice.equalization));
}

void mlir::ptq::writeRecipe(raw_ostream &stream, const SchemeChoice &base,
                            StringRef given, ArrayRef<std::string> inFloat) {
  json::OStream os(stream, /*IndentSize=*/2);
  auto writeGivenRules = [&] {
    llvm::Expected<json::Value> value = json::parse(given);
    if (!value)
      return llvm::consumeError(value.takeError());
    json::Object *object = value->getAsObject();
    if (json::Array *rules = object ? object->getArray("rules") : nullptr)
      for (const json::Value &rule : *rules)
        os.value(rule);
  };
  os.object([&] {
    os.attribute("version", 1);
    os.attributeArray("rules", [&] {
      os.object([&] { writeChoice(os, base); });
      if (!given.empty())
        writeGivenRules();
      for (const std::string &name : inFloat)
        os.object([&] {
          os.attribute("name", llvm::Regex::escape(name));
          os.attribute("scheme", stringifySchemeKind(SchemeKind::Float));
        });
    });
  });
  stream << '\n';
}
