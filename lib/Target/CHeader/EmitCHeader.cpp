//===- EmitCHeader.cpp - How to call a network from C ---------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Target/CHeader/EmitCHeader.h"
#include "mlir/InitAllDialects.h"
#include "mlir/Tools/mlir-translate/Translation.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"
#include "ptq/Target/CHeader/CInterface.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"

using namespace mlir;
using namespace mlir::ptq;

/// `text` as it may stand in a comment of one line.
static std::string toComment(StringRef text) {
  std::string comment;
  for (char c : text) {
    // Neither the end of a comment nor the beginning of another.
    if (c == '/' && (!comment.empty() && comment.back() == '*'))
      comment += ' ';
    if (c == '*' && (!comment.empty() && comment.back() == '/'))
      comment += ' ';
    comment += llvm::isPrint(c) ? c : '?';
  }
  return comment;
}

/// "float [samples][8]".
static std::string describeType(const CInterface &interface,
                                const CArray &array) {
  std::string text = array.type + " ";
  if (array.entry.type.getRank() == 0)
    text += "[1]";
  for (int64_t size : array.entry.type.getShape())
    text += "[" +
            (ShapedType::isDynamic(size) ? interface.samples
                                         : std::to_string(size)) +
            "]";
  return text;
}

/// What elements are that C has no type for.
static StringRef describeElements(Type type) {
  if (type.isF16())
    return "The bits of IEEE half precision floats (_Float16).";
  if (type.isBF16())
    return "The bits of bfloat16 numbers: the upper half of a float's.";
  if (type.isInteger(1))
    return "Each is 0 or 1.";
  return {};
}

namespace {
/// Writes the header of one interface.
class HeaderWriter {
public:
  HeaderWriter(const EntryPoint &entry, const CInterface &interface,
               raw_ostream &os)
      : entry(entry), interface(interface), os(os) {}

  void write() {
    std::string guard = interface.macroPrefix + "_H";
    os << "/* Made by ptq from its network; changes are lost. */\n\n"
       << "#ifndef " << guard << "\n#define " << guard << "\n\n"
       << "#include <stdint.h>\n\n";
    writeTarget();
    os << "/* Arrays are row-major and start at multiples of so many bytes. "
          "*/\n"
       << "#define " << interface.macroPrefix << "_ALIGNMENT "
       << kArgumentAlignment << "\n\n";
    for (const CArray &array : interface.inputs)
      writeArray("Input", array);
    for (const CArray &array : interface.outputs)
      writeArray("Output", array);
    if (interface.workspaceBytes > 0)
      os << "/* Memory that a call needs for itself, aligned as arrays are. "
            "*/\n"
         << "#define " << interface.macroPrefix << "_WORKSPACE_BYTES "
         << interface.workspaceBytes << "\n\n";
    os << "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n";
    writeFunction();
    os << "\n#ifdef __cplusplus\n}\n#endif\n\n#endif /* " << guard << " */\n";
  }

private:
  void writeTarget() {
    os << "/* The code is for " << entry.getTriple().getArchName();
    if (!entry.cpu.empty())
      os << ", processor '" << toComment(entry.cpu) << "'";
    if (entry.features.empty()) {
      os << ". */\n\n";
      return;
    }
    os << ", and needs:\n";
    constexpr size_t kWidth = 76;
    std::string line;
    for (StringRef feature : llvm::split(entry.features, ',')) {
      if (line.size() + feature.size() > kWidth) {
        os << "  " << line << "\n";
        line.clear();
      }
      line += " " + toComment(feature);
    }
    os << "  " << line << " */\n\n";
  }

  void writeArray(StringRef what, const CArray &array) {
    const SignatureEntry &signature = array.entry;
    os << "/* " << what << " '" << toComment(signature.name)
       << "': " << describeType(interface, array);
    if (signature.sampleAxis && signature.type.hasStaticShape())
      os << ", samples along dimension " << *signature.sampleAxis;
    os << ".";
    StringRef elements = describeElements(signature.type.getElementType());
    if (!elements.empty())
      os << "\n   " << elements;
    if (signature.quantization)
      os << "\n   Codes of numbers: x = (code - zero point) * scale, and\n"
            "   code = round to even(x / scale) + zero point, from the lowest "
            "to the highest.";
    os << " */\n";
    writeSize(array, "ELEMENTS", array.getNumElements());
    writeSize(array, "BYTES", array.getNumElements() * array.elementBytes);
    if (signature.quantization)
      writeQuantization(array, *signature.quantization);
    os << "\n";
  }

  void writeSize(const CArray &array, StringRef what, int64_t size) {
    os << "#define " << array.macroPrefix << "_" << what;
    if (array.hasSamples())
      os << "(samples) ((int64_t)(samples) * " << size << ")\n";
    else
      os << " " << size << "\n";
  }

  void writeQuantization(const CArray &array,
                         const InterfaceQuantization &quantization) {
    // Nine digits tell any two floats apart.
    os << "#define " << array.macroPrefix << "_SCALE "
       << llvm::format("%.8ef", quantization.parameters.scale) << "\n";
    auto writeCode = [&](StringRef what, int64_t code) {
      os << "#define " << array.macroPrefix << "_" << what << " (" << code
         << ")\n";
    };
    writeCode("ZERO_POINT", quantization.parameters.zeroPoint);
    writeCode("LOWEST", quantization.codes.min);
    writeCode("HIGHEST", quantization.codes.max);
  }

  void writeFunction() {
    os << "/* Computes the outputs from the inputs, which it does not change "
          "and which may\n"
          "   not overlap the outputs. Threads may call it at once, each with "
          "its own\n"
          "   outputs"
       << (interface.workspace.empty() ? "" : " and workspace")
       << ". Link with the mathematical library (-lm)"
       << (entry.usesOpenMP ? "\n   and LLVM's OpenMP runtime (-lomp)" : "")
       << ". */\n"
       << "void " << interface.name << "(";
    SmallVector<std::string> parameters;
    if (!interface.samples.empty())
      parameters.push_back("int64_t " + interface.samples);
    for (const CArray &array : interface.inputs)
      parameters.push_back("const " + array.type + " *" + array.name);
    for (const CArray &array : interface.outputs)
      parameters.push_back(array.type + " *" + array.name);
    if (!interface.workspace.empty())
      parameters.push_back("void *" + interface.workspace);
    std::string indent(interface.name.size() + 6, ' ');
    os << (parameters.empty() ? "void" : llvm::join(parameters, ",\n" + indent))
       << ");\n";
  }

  const EntryPoint &entry;
  const CInterface &interface;
  raw_ostream &os;
};
} // namespace

LogicalResult mlir::ptq::emitCHeader(ModuleOp module, raw_ostream &output,
                                     StringRef name) {
  FailureOr<EntryPoint> entry = EntryPoint::find(module);
  if (failed(entry))
    return failure();
  FailureOr<CInterface> interface = CInterface::get(*entry, name);
  if (failed(interface))
    return failure();
  HeaderWriter(*entry, *interface, output).write();
  return success();
}

void mlir::ptq::registerCHeaderTranslation() {
  (void)getCNameOption();
  static TranslateFromMLIRRegistration registration(
      "emit-c-header",
      "write a C header for the object of a network in LLVM form",
      [](ModuleOp module, raw_ostream &output) {
        return emitCHeader(module, output, getCNameOption());
      },
      [](DialectRegistry &registry) {
        // A module in another form is told so.
        registerAllDialects(registry);
        registry.insert<PTQDialect>();
      });
}
