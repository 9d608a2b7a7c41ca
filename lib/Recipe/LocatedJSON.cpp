//===- LocatedJSON.cpp - JSON whose values know where they stand ----------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LocatedJSON.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/YAMLParser.h"

using namespace mlir;
using namespace mlir::ptq;

/// Both parsers call themselves for each level of nesting.
static constexpr unsigned kMaxDepth = 32;

/// Where `location` is in a text that `sources` holds.
static TextPosition getPosition(const llvm::SourceMgr &sources,
                                llvm::SMLoc location) {
  auto [line, column] = sources.getLineAndColumn(location);
  return {line, column};
}

/// Checks that no bracket stands within kMaxDepth others.
static LogicalResult checkDepth(StringRef text, const llvm::SourceMgr &sources,
                                ReportFn report) {
  unsigned depth = 0;
  bool isString = false;
  for (const char *c = text.begin(); c != text.end(); ++c) {
    if (isString && *c == '\\' && c + 1 != text.end())
      ++c;
    else if (*c == '"')
      isString = !isString;
    else if (!isString && (*c == '[' || *c == '{'))
      ++depth;
    else if (!isString && (*c == ']' || *c == '}') && depth > 0)
      --depth;
    if (depth > kMaxDepth) {
      report(getPosition(sources, llvm::SMLoc::getFromPointer(c)),
             "brackets are nested too deeply");
      return failure();
    }
  }
  return success();
}

/// Checks that `text` is JSON.
static LogicalResult checkSyntax(StringRef text, ReportFn report) {
  llvm::Expected<llvm::json::Value> value = llvm::json::parse(text);
  if (value)
    return success();
  // The error keeps its position to itself, and prints as
  // "[line:column, byte=offset]: message".
  std::string printed = llvm::toString(value.takeError());
  StringRef message = printed;
  TextPosition position;
  if (message.consume_front("[") &&
      !message.consumeInteger(10, position.line) &&
      message.consume_front(":") &&
      !message.consumeInteger(10, position.column))
    message = message.split("]: ").second;
  else
    message = printed;
  report(position, "not JSON: " + message);
  return failure();
}

namespace {
/// Copies the nodes of the YAML parser, which can be walked only once.
class Converter {
public:
  Converter(const llvm::SourceMgr &sources, ReportFn report)
      : sources(sources), report(report) {}

  std::optional<LocatedValue> convert(llvm::yaml::Node *node) {
    if (!node)
      return std::nullopt;
    LocatedValue value;
    value.position = getPosition(sources, getStart(node));
    if (auto *scalar = dyn_cast<llvm::yaml::ScalarNode>(node)) {
      convertScalar(scalar, value);
      return value;
    }
    if (auto *sequence = dyn_cast<llvm::yaml::SequenceNode>(node)) {
      value.kind = LocatedValue::Kind::Array;
      for (llvm::yaml::Node &child : *sequence) {
        std::optional<LocatedValue> element = convert(&child);
        if (!element)
          return std::nullopt;
        value.elements.push_back(std::move(*element));
      }
      return value;
    }
    if (auto *mapping = dyn_cast<llvm::yaml::MappingNode>(node)) {
      value.kind = LocatedValue::Kind::Object;
      for (llvm::yaml::KeyValueNode &member : *mapping)
        if (failed(convertMember(member, value)))
          return std::nullopt;
      return value;
    }
    return value;
  }

private:
  /// The first character of `node`. The parser lets objects and arrays begin
  /// after their bracket.
  static llvm::SMLoc getStart(llvm::yaml::Node *node) {
    const char *start = node->getSourceRange().Start.getPointer();
    if (isa<llvm::yaml::MappingNode, llvm::yaml::SequenceNode>(node))
      do
        --start;
      while (*start != '{' && *start != '[');
    return llvm::SMLoc::getFromPointer(start);
  }

  static void convertScalar(llvm::yaml::ScalarNode *scalar,
                            LocatedValue &value) {
    SmallString<32> storage;
    value.text = scalar->getValue(storage).str();
    // The syntax is known to be that of JSON: one character tells.
    StringRef raw = scalar->getRawValue();
    value.kind = raw.starts_with("\"")             ? LocatedValue::Kind::String
                 : raw == "true" || raw == "false" ? LocatedValue::Kind::Boolean
                 : raw == "null"                   ? LocatedValue::Kind::Null
                                                   : LocatedValue::Kind::Number;
  }

  LogicalResult convertMember(llvm::yaml::KeyValueNode &node,
                              LocatedValue &object) {
    auto *key = dyn_cast_or_null<llvm::yaml::ScalarNode>(node.getKey());
    if (!key)
      return failure();
    SmallString<32> storage;
    LocatedMember member;
    member.name = key->getValue(storage).str();
    member.position = getPosition(sources, key->getSourceRange().Start);
    auto isSame = [&](const LocatedMember &other) {
      return other.name == member.name;
    };
    if (auto first = llvm::find_if(object.members, isSame);
        first != object.members.end()) {
      report(member.position, "field '" + member.name +
                                  "' is there already, in line " +
                                  Twine(first->position.line));
      return failure();
    }
    std::optional<LocatedValue> value = convert(node.getValue());
    if (!value)
      return failure();
    member.value = std::move(*value);
    object.members.push_back(std::move(member));
    return success();
  }

  const llvm::SourceMgr &sources;
  ReportFn report;
};
} // namespace

std::optional<LocatedValue> mlir::ptq::parseLocatedJSON(StringRef text,
                                                        ReportFn report) {
  llvm::SourceMgr sources;
  struct Context {
    ReportFn report;
    bool reported = false;
  } context{report};
  sources.setDiagHandler(
      [](const llvm::SMDiagnostic &diagnostic, void *opaque) {
        auto *context = static_cast<Context *>(opaque);
        context->reported = true;
        context->report({static_cast<unsigned>(diagnostic.getLineNo()),
                         static_cast<unsigned>(diagnostic.getColumnNo() + 1)},
                        diagnostic.getMessage());
      },
      &context);
  llvm::yaml::Stream stream(text, sources);
  if (failed(checkDepth(text, sources, report)) ||
      failed(checkSyntax(text, report)))
    return std::nullopt;
  llvm::yaml::document_iterator document = stream.begin();
  if (document == stream.end())
    return std::nullopt;
  std::optional<LocatedValue> value =
      Converter(sources, report).convert(document->getRoot());
  if (context.reported || stream.failed())
    return std::nullopt;
  return value;
}
