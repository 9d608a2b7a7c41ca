# The functions that every CMakeLists.txt of the tree uses to declare libraries, tools and generated
# code. All libraries are static, position independent, and linked against the shared MLIR and LLVM.

# ptq_tablegen_headers(<source.td> <generator flags and outputs...>)
#
# Runs mlir-tblgen once for each "output:generator[:flag...]" argument and hangs the results under
# the target `ptq-headers`, on which every library depends.
function(ptq_tablegen_headers source)
  set(LLVM_TARGET_DEFINITIONS ${source})
  get_filename_component(name ${source} NAME_WE)
  foreach(entry IN LISTS ARGN)
    string(REPLACE ":" ";" parts "${entry}")
    list(POP_FRONT parts output)
    mlir_tablegen(${output} ${parts} -I${PROJECT_SOURCE_DIR}/include)
  endforeach()
  string(MD5 unique "${CMAKE_CURRENT_SOURCE_DIR}/${source}")
  string(SUBSTRING ${unique} 0 6 unique)
  add_public_tablegen_target(PTQ${name}${unique}IncGen)
  add_dependencies(ptq-headers PTQ${name}${unique}IncGen)
endfunction()

# ptq_add_doc(<source.td> <output-name> <generator>)
#
# Generates Markdown reference documentation into <build>/docs; part of the target `ptq-doc`.
function(ptq_add_doc source output generator)
  set(file ${PROJECT_BINARY_DIR}/docs/${output}.md)
  get_property(includes DIRECTORY PROPERTY INCLUDE_DIRECTORIES)
  list(TRANSFORM includes PREPEND -I)
  separate_arguments(generator_args NATIVE_COMMAND ${generator})
  add_custom_command(
    OUTPUT ${file}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/docs
    COMMAND ${MLIR_TABLEGEN_EXE} ${generator_args} ${includes}
            ${CMAKE_CURRENT_SOURCE_DIR}/${source} -o ${file} -d ${file}.d
    DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${source}
    DEPFILE ${file}.d
    COMMENT "Writing docs/${output}.md" VERBATIM)
  add_custom_target(ptq-doc-${output} DEPENDS ${file})
  add_dependencies(ptq-doc ptq-doc-${output})
endfunction()

# The precompiled header that libraries with PCH share: the MLIR headers that dominate parsing.
function(ptq_declare_shared_pch)
  file(WRITE ${PROJECT_BINARY_DIR}/PTQPrecompiled.cpp "// Owns the precompiled header.\n")
  add_library(PTQPrecompiled OBJECT ${PROJECT_BINARY_DIR}/PTQPrecompiled.cpp)
  target_precompile_headers(PTQPrecompiled PRIVATE
    <mlir/Dialect/Arith/IR/Arith.h>
    <mlir/Dialect/Func/IR/FuncOps.h>
    <mlir/Dialect/Linalg/IR/Linalg.h>
    <mlir/Dialect/Math/IR/Math.h>
    <mlir/Dialect/SCF/IR/SCF.h>
    <mlir/Dialect/Tensor/IR/Tensor.h>
    <mlir/Dialect/Vector/IR/VectorOps.h>
    <mlir/IR/PatternMatch.h>
    <mlir/Pass/Pass.h>
    <mlir/Pass/PassManager.h>
    <mlir/Transforms/GreedyPatternRewriteDriver.h>)
endfunction()
if(PTQ_ENABLE_PCH)
  ptq_declare_shared_pch()
endif()

# ptq_add_library(<name> SOURCES <files...> [LINK <libraries...>] [PRIVATE_LINK <libraries...>]
#                 [NO_PCH])
#
# A static library of the project: depends on all generated headers, is installed and exported.
# NO_PCH: for pure C++ that includes no op headers.
function(ptq_add_library name)
  cmake_parse_arguments(ARG "NO_PCH" "" "SOURCES;LINK;PRIVATE_LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  add_library(PTQ::${name} ALIAS ${name})
  add_dependencies(${name} ptq-headers)
  target_include_directories(${name} INTERFACE
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
    $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(${name} PUBLIC ${ARG_LINK} MLIR LLVM PRIVATE ${ARG_PRIVATE_LINK})
  if(PTQ_ENABLE_PCH AND NOT ARG_NO_PCH)
    target_precompile_headers(${name} REUSE_FROM PTQPrecompiled)
  endif()
  install(TARGETS ${name} EXPORT PTQTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  set_property(GLOBAL APPEND PROPERTY PTQ_LIBRARIES ${name})
endfunction()

# ptq_add_tool(<name> SOURCES <files...> LINK <libraries...>)
#
# An executable of the project, installed into bin/.
function(ptq_add_tool name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  add_dependencies(${name} ptq-headers)
  target_link_libraries(${name} PRIVATE ${ARG_LINK} MLIR LLVM)
  install(TARGETS ${name} EXPORT PTQTargets RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endfunction()
