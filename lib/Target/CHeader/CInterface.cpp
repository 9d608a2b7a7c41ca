//===- CInterface.cpp - A network as a C function -------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Target/CHeader/CInterface.h"
#include "ptq/Interpreter/TensorValue.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/CommandLine.h"

using namespace mlir;
using namespace mlir::ptq;

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

/// Words that C or C++ do not allow, or that the header means something by.
static bool isReserved(StringRef word) {
  static const llvm::StringSet<> words = {"alignas",
                                          "alignof",
                                          "and",
                                          "and_eq",
                                          "asm",
                                          "auto",
                                          "bitand",
                                          "bitor",
                                          "bool",
                                          "break",
                                          "case",
                                          "catch",
                                          "char",
                                          "char16_t",
                                          "char32_t",
                                          "char8_t",
                                          "class",
                                          "co_await",
                                          "co_return",
                                          "co_yield",
                                          "compl",
                                          "concept",
                                          "const",
                                          "const_cast",
                                          "consteval",
                                          "constexpr",
                                          "constinit",
                                          "continue",
                                          "decltype",
                                          "default",
                                          "delete",
                                          "do",
                                          "double",
                                          "dynamic_cast",
                                          "else",
                                          "enum",
                                          "explicit",
                                          "export",
                                          "extern",
                                          "false",
                                          "float",
                                          "for",
                                          "friend",
                                          "goto",
                                          "if",
                                          "inline",
                                          "int",
                                          "int16_t",
                                          "int32_t",
                                          "int64_t",
                                          "int8_t",
                                          "linux",
                                          "long",
                                          "main",
                                          "mutable",
                                          "namespace",
                                          "new",
                                          "noexcept",
                                          "not",
                                          "not_eq",
                                          "nullptr",
                                          "operator",
                                          "or",
                                          "or_eq",
                                          "private",
                                          "protected",
                                          "public",
                                          "register",
                                          "reinterpret_cast",
                                          "requires",
                                          "restrict",
                                          "return",
                                          "short",
                                          "signed",
                                          "sizeof",
                                          "static",
                                          "static_assert",
                                          "static_cast",
                                          "struct",
                                          "switch",
                                          "template",
                                          "this",
                                          "thread_local",
                                          "throw",
                                          "true",
                                          "try",
                                          "typedef",
                                          "typeid",
                                          "typename",
                                          "typeof",
                                          "typeof_unqual",
                                          "uint16_t",
                                          "uint32_t",
                                          "uint64_t",
                                          "uint8_t",
                                          "union",
                                          "unix",
                                          "unsigned",
                                          "using",
                                          "virtual",
                                          "void",
                                          "volatile",
                                          "wchar_t",
                                          "while",
                                          "xor",
                                          "xor_eq"};
  return words.contains(word);
}

static bool isIdentifier(StringRef name) {
  return !name.empty() && !llvm::isDigit(name.front()) && name.front() != '_' &&
         llvm::all_of(name,
                      [](char c) { return llvm::isAlnum(c) || c == '_'; }) &&
         !isReserved(name);
}

/// `name` as a C identifier: "serving_default_input:0" becomes
/// "serving_default_input_0". What is left of a name that begins with a digit
/// comes after `fallback`, which is all where nothing is left.
static std::string toIdentifier(StringRef name, StringRef fallback) {
  std::string identifier;
  for (char c : name)
    identifier += llvm::isAlnum(c) ? c : '_';
  // Leading underscores belong to the compiler.
  StringRef trimmed = StringRef(identifier).ltrim('_');
  if (trimmed.empty())
    return fallback.str();
  if (llvm::isDigit(trimmed.front()))
    return (fallback + "_" + trimmed).str();
  return isReserved(trimmed) ? (trimmed + "_").str() : trimmed.str();
}

/// `name`, numbered if `used` has it already.
static std::string makeUnique(StringRef name, llvm::StringSet<> &used) {
  std::string unique = name.str();
  for (unsigned number = 2; !used.insert(unique).second; ++number)
    unique = (name + "_" + Twine(number)).str();
  return unique;
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

/// The C type of elements that calls pass as `numBytes` bytes.
static std::string getCType(const SignatureEntry &entry, unsigned numBytes) {
  Type type = entry.type.getElementType();
  if (type.isF32())
    return "float";
  if (type.isF64())
    return "double";
  bool isSigned =
      isa<IndexType>(type) ||
      (isa<IntegerType>(type) && !type.isInteger(1) && !entry.isUnsigned);
  return ((isSigned ? "int" : "uint") + Twine(numBytes * 8) + "_t").str();
}

int64_t CArray::getNumElements() const {
  int64_t count = 1;
  for (int64_t size : entry.type.getShape())
    if (!ShapedType::isDynamic(size))
      count *= size;
  return count;
}

/// Whether all sizes in bytes fit into 64 bits.
static bool hasSizeInBytes(const SignatureEntry &entry, unsigned numBytes) {
  int64_t bytes = numBytes;
  for (int64_t size : entry.type.getShape())
    if (!ShapedType::isDynamic(size) && llvm::MulOverflow(bytes, size, bytes))
      return false;
  return true;
}

//===----------------------------------------------------------------------===//
// The interface
//===----------------------------------------------------------------------===//

/// All inputs have as many samples, so a number that one of them fixes is that
/// of all, and dynamic ones beside it are no more than hidden sizes.
static LogicalResult verifySamples(const EntryPoint &entry) {
  auto isFixed = [](const SignatureEntry &input) {
    return input.sampleAxis && input.type.hasStaticShape();
  };
  auto isDynamic = [](const SignatureEntry &other) {
    return !other.type.hasStaticShape();
  };
  const Signature &signature = entry.signature;
  const auto *fixed = llvm::find_if(signature.inputs, isFixed);
  LLVM::LLVMFuncOp function = entry.function;
  if (fixed != signature.inputs.end() &&
      (llvm::any_of(signature.inputs, isDynamic) ||
       llvm::any_of(signature.outputs, isDynamic)))
    return function.emitError("input '")
           << fixed->name << "' of type " << fixed->type
           << " fixes the number of samples that others leave open";
  return success();
}

FailureOr<CInterface> CInterface::get(const EntryPoint &entry, StringRef name) {
  LLVM::LLVMFuncOp function = entry.function;
  if (!name.empty() && !isIdentifier(name)) {
    function.emitError("cannot be called '")
        << name
        << "' in C: pass a name of letters, digits and underscores that "
           "begins with a letter and is no keyword";
    return failure();
  }
  if (failed(verifySamples(entry)))
    return failure();

  CInterface interface;
  interface.name =
      name.empty() ? toIdentifier(function.getName(), "network") : name.str();
  interface.macroPrefix = StringRef(interface.name).upper();
  interface.workspaceBytes = entry.workspaceBytes;

  // Parameters keep clear of the constants, constants of each other.
  llvm::StringSet<> parameters, macros;
  parameters.insert(interface.name);
  bool hasSamples = false;
  auto addArrays = [&](ArrayRef<SignatureEntry> entries, StringRef what,
                       SmallVectorImpl<CArray> &arrays) -> LogicalResult {
    for (const SignatureEntry &signatureEntry : entries) {
      CArray array;
      array.entry = signatureEntry;
      unsigned bytes =
          *getElementByteSize(signatureEntry.type.getElementType());
      if (!hasSizeInBytes(signatureEntry, bytes))
        return function.emitError()
               << what << " '" << signatureEntry.name << "' of type "
               << signatureEntry.type << " is too large";
      array.elementBytes = bytes;
      array.type = getCType(signatureEntry, bytes);
      std::string identifier = toIdentifier(signatureEntry.name, what);
      if (StringRef(identifier).starts_with(interface.macroPrefix + "_"))
        identifier = (what + "_" + identifier).str();
      array.name = makeUnique(identifier, parameters);
      array.macroPrefix = interface.macroPrefix + "_" +
                          makeUnique(StringRef(array.name).upper(), macros);
      hasSamples |= array.hasSamples();
      arrays.push_back(std::move(array));
    }
    return success();
  };
  // FORWARD_WORKSPACE_BYTES is not the size of an input.
  macros.insert("WORKSPACE");
  if (failed(addArrays(entry.signature.inputs, "input", interface.inputs)) ||
      failed(addArrays(entry.signature.outputs, "output", interface.outputs)))
    return failure();
  if (hasSamples)
    interface.samples = makeUnique("samples", parameters);
  if (interface.workspaceBytes > 0)
    interface.workspace = makeUnique("workspace", parameters);
  return interface;
}

StringRef mlir::ptq::getCNameOption() {
  static llvm::cl::opt<std::string> name(
      "c-name",
      llvm::cl::desc("Name of the C function of an object and its header; that "
                     "of the entry function by default"),
      llvm::cl::value_desc("NAME"));
  return name;
}
