# Finds LLVM and MLIR 22 and loads their CMake modules.
#
# `find_package(MLIR 22)` cannot be used: the packaged version file compares major.minor ("22.1"),
# so any 22 is accepted by name first and checked afterwards.

if(NOT MLIR_DIR)
  find_program(PTQ_LLVM_CONFIG NAMES llvm-config-22 llvm-config)
  if(PTQ_LLVM_CONFIG)
    execute_process(COMMAND ${PTQ_LLVM_CONFIG} --prefix
                    OUTPUT_VARIABLE _ptq_llvm_prefix OUTPUT_STRIP_TRAILING_WHITESPACE)
    list(APPEND CMAKE_PREFIX_PATH ${_ptq_llvm_prefix})
  endif()
endif()
find_package(MLIR REQUIRED CONFIG)
if(NOT LLVM_VERSION_MAJOR EQUAL 22)
  message(FATAL_ERROR "ptq needs LLVM and MLIR 22, found ${LLVM_PACKAGE_VERSION} in ${LLVM_DIR}; "
                      "pass -DMLIR_DIR=<prefix>/lib/cmake/mlir")
endif()
if(NOT TARGET MLIR OR NOT TARGET LLVM)
  message(FATAL_ERROR "ptq links the shared libraries libMLIR and libLLVM, which this MLIR lacks")
endif()

list(APPEND CMAKE_MODULE_PATH ${MLIR_CMAKE_DIR} ${LLVM_CMAKE_DIR})
set(MLIR_LINK_MLIR_DYLIB ON)
set(LLVM_LINK_LLVM_DYLIB ON)
include(TableGen)
include(AddLLVM)
include(AddMLIR)
include_directories(SYSTEM ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
separate_arguments(_ptq_llvm_definitions NATIVE_COMMAND ${LLVM_DEFINITIONS})
add_definitions(${_ptq_llvm_definitions})
