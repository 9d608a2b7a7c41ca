# Compiler and linker settings shared by every target: warnings, lld, ccache.

# LLVM is built without exceptions; RTTI follows it, so that our classes and LLVM's link together.
add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions>)
if(NOT LLVM_ENABLE_RTTI)
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fno-rtti>)
endif()

# Every floating-point operation is written to be rounded once, as the numerics of the project say:
# the compiler may not contract a multiplication and an addition.
add_compile_options(-ffp-contract=off -Wall -Wextra -Wcast-qual -Wno-unused-parameter)
add_compile_options($<$<COMPILE_LANG_AND_ID:CXX,Clang>:-Wsuggest-override>)
if(PTQ_ENABLE_WERROR)
  add_compile_options(-Werror)
endif()

find_program(PTQ_LLD NAMES ld.lld-22 ld.lld)
if(PTQ_LLD)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    add_link_options(--ld-path=${PTQ_LLD})
  endif()
endif()

if(PTQ_ENABLE_CCACHE)
  find_program(PTQ_CCACHE NAMES ccache)
  if(PTQ_CCACHE)
    # Precompiled headers are cached only when their time stamps are left out of account.
    set(_ptq_ccache ${CMAKE_COMMAND} -E env
        CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${PTQ_CCACHE})
    set(CMAKE_C_COMPILER_LAUNCHER ${_ptq_ccache})
    set(CMAKE_CXX_COMPILER_LAUNCHER ${_ptq_ccache})
  endif()
endif()
if(PTQ_ENABLE_PCH AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>")
endif()
