# How lit finds and runs the tests of ptq.
import os

import lit.formats
import lit.util

config.name = "ptq"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test", ".py"]
config.excludes = ["Benchmark", "Inputs", "consumer", "digits", "unit", "lit.cfg.py", "CMakeLists.txt"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.ptq_build_dir, "test")

# Tools by name: ours first, then FileCheck and its companions.
config.environment["PATH"] = os.pathsep.join(
    [config.ptq_tools_dir, config.llvm_tools_dir, config.environment["PATH"]]
)
# A capture of one function must not leak into the next.
config.environment["FILECHECK_OPTS"] = "-enable-var-scope"

config.substitutions.append(("%ptq_src", config.ptq_source_dir))
config.substitutions.append(("%ptq_lib", config.ptq_library_dir))
config.substitutions.append(("%ptq_build", config.ptq_build_dir))
config.substitutions.append(("%models", config.ptq_models_dir))
config.substitutions.append(("%cxx", config.cxx_compiler))
config.substitutions.append(("%cc", config.c_compiler))
config.substitutions.append(("%python", config.python))

# Tests on trained networks that are not part of the repository.
if os.path.isdir(config.ptq_models_dir):
    config.available_features.add("models")
if config.host_arch in ("x86_64", "AMD64"):
    config.available_features.add("x86_64-host")
# LLVM's OpenMP runtime, for code that uses threads.
config.substitutions.append(("%openmp", config.llvm_library_dir))
if os.path.exists(os.path.join(config.llvm_library_dir, "libomp.so")):
    config.available_features.add("openmp")
# Not part of the default build.
if os.path.exists(os.path.join(config.ptq_tools_dir, "ptq-benchmark")):
    config.available_features.add("ptq-benchmark")
# Programs for another processor can be built and run.
if lit.util.which("qemu-aarch64") and lit.util.which("aarch64-linux-gnu-gcc"):
    config.available_features.add("aarch64-emulation")
# Machines with another processor of this kind can be emulated, without a display; the emulator
# says so before it misses the machine's ROM.
if lit.util.which("bochs") and config.host_arch in ("x86_64", "AMD64"):
    options = ["display_library: term", "cpu: model=corei7_icelake_u", "romimage: file=/dev/null"]
    command = ["bochs", "-q", "-n", *options, "log: /dev/null"]
    if "cmdline args:" not in "".join(lit.util.executeCommand(command, input="")[:2]):
        config.available_features.add("x86_64-emulation")
# A device that takes nothing.
if os.path.exists("/dev/full"):
    config.available_features.add("full-disk")
for module in ("numpy", "onnx", "onnxruntime"):
    command = [config.python, "-c", "import " + module]
    if lit.util.executeCommand(command)[2] == 0:
        config.available_features.add(module)
