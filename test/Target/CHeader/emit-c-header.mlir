// RUN: split-file %s %t
// RUN: ptq-translate --emit-c-header %t/samples.mlir | FileCheck %t/samples.mlir
// RUN: ptq-translate --emit-c-header %t/types.mlir | FileCheck %t/types.mlir
// RUN: ptq-translate --emit-c-header %t/names.mlir | FileCheck %t/names.mlir
// RUN: ptq-translate --emit-c-header %t/threads.mlir | FileCheck %t/threads.mlir

// The name of the function is that of all constants.
// RUN: ptq-translate --emit-c-header --c-name=Other_net %t/samples.mlir | FileCheck %s --check-prefix=NAME
// NAME: #ifndef OTHER_NET_H
// NAME: #define OTHER_NET_ALIGNMENT 64
// NAME: #define OTHER_NET_INPUT_ELEMENTS(samples)
// NAME: void Other_net(int64_t samples,

// All of it is C, and C++.
// RUN: ptq-translate --emit-c-header %t/samples.mlir -o %t/samples.h
// RUN: ptq-translate --emit-c-header %t/types.mlir -o %t/types.h
// RUN: ptq-translate --emit-c-header %t/names.mlir -o %t/names.h
// RUN: printf '#include "samples.h"\n#include "types.h"\n#include "names.h"\n' > %t/all.c
// RUN: %cc -std=c99 -fsyntax-only -Wall -Wextra -pedantic -Werror %t/all.c
// RUN: %cxx -x c++ -std=c++11 -fsyntax-only -Wall -Wextra -pedantic -Werror %t/all.c

//--- samples.mlir
// A number of samples that the caller chooses, codes and their meaning.
// CHECK:      /* Made by ptq
// CHECK:      #ifndef FORWARD_H
// CHECK-NEXT: #define FORWARD_H
// CHECK:      #include <stdint.h>
// CHECK:      /* The code is for x86_64, processor 'znver3', and needs:
// CHECK-NEXT:     +avx2 +fma */
// CHECK:      #define FORWARD_ALIGNMENT 64
// CHECK:      /* Input 'input': float [samples][8]. */
// CHECK-NEXT: #define FORWARD_INPUT_ELEMENTS(samples) ((int64_t)(samples) * 8)
// CHECK-NEXT: #define FORWARD_INPUT_BYTES(samples) ((int64_t)(samples) * 32)
// CHECK:      /* Output 'logits': int8_t [samples][4].
// CHECK-NEXT:    Codes of numbers: x = (code - zero point) * scale, and
// CHECK-NEXT:    code = round to even(x / scale) + zero point, from the lowest to the highest. */
// CHECK-NEXT: #define FORWARD_LOGITS_ELEMENTS(samples) ((int64_t)(samples) * 4)
// CHECK-NEXT: #define FORWARD_LOGITS_BYTES(samples) ((int64_t)(samples) * 4)
// CHECK-NEXT: #define FORWARD_LOGITS_SCALE 1.00000001e-01f
// CHECK-NEXT: #define FORWARD_LOGITS_ZERO_POINT (-3)
// CHECK-NEXT: #define FORWARD_LOGITS_LOWEST (-8)
// CHECK-NEXT: #define FORWARD_LOGITS_HIGHEST (7)
// CHECK:      #define FORWARD_WORKSPACE_BYTES 4096
// CHECK:      #ifdef __cplusplus
// CHECK-NEXT: extern "C" {
// CHECK-NEXT: #endif
// CHECK:      void forward(int64_t samples,
// CHECK-NEXT:              const float *input,
// CHECK-NEXT:              int8_t *logits,
// CHECK-NEXT:              void *workspace);
// CHECK:      #ifdef __cplusplus
// CHECK-NEXT: }
// CHECK-NEXT: #endif
// CHECK:      #endif /* FORWARD_H */
module attributes {llvm.target_triple = "x86_64-pc-linux-gnu"} {
  llvm.func @forward(
      %0: !llvm.ptr, %1: !llvm.ptr, %2: i64, %3: i64, %4: i64, %5: i64, %6: i64,
      %7: !llvm.ptr, %8: !llvm.ptr, %9: i64, %10: i64, %11: i64, %12: i64, %13: i64,
      %14: !llvm.ptr, %15: !llvm.ptr, %16: i64, %17: i64, %18: i64) attributes {
      ptq.entry, ptq.signature = {version = 1, cpu = "znver3", features = "+avx2,+fma",
        workspace_bytes = 4096,
        inputs = [{name = "input", type = tensor<?x8xf32>, sample_axis = 0}],
        outputs = [{name = "logits", type = tensor<?x4xi8>, sample_axis = 0,
                    scale = 0.1 : f32, zero_point = -3, lowest = -8, highest = 7}]}} {
    llvm.return
  }
  llvm.func @_mlir_ciface_forward(%x: !llvm.ptr, %y: !llvm.ptr, %z: !llvm.ptr) {
    llvm.return
  }
}

//--- types.mlir
// Every type that calls pass; fixed shapes, numbers of samples and scalars.
// CHECK:      /* The code is for x86_64. */
// CHECK:      /* Input 'half': uint16_t [2][3], samples along dimension 1.
// CHECK-NEXT:    The bits of IEEE half precision floats (_Float16). */
// CHECK-NEXT: #define TYPES_HALF_ELEMENTS 6
// CHECK-NEXT: #define TYPES_HALF_BYTES 12
// CHECK:      /* Input 'brain': uint16_t [1].
// CHECK-NEXT:    The bits of bfloat16 numbers: the upper half of a float's. */
// CHECK:      /* Input 'pixels': uint8_t [4]. */
// CHECK:      /* Input 'index': int64_t [1]. */
// CHECK:      /* Input 'mask': uint8_t [5].
// CHECK-NEXT:    Each is 0 or 1. */
// CHECK:      /* Input 'short_': int16_t [2]. */
// CHECK:      /* Output 'wide': double [1]. */
// CHECK-NEXT: #define TYPES_WIDE_ELEMENTS 1
// CHECK-NEXT: #define TYPES_WIDE_BYTES 8
// CHECK-NOT:  WORKSPACE
// CHECK:      void types(const uint16_t *half,
// CHECK-NEXT:            const uint16_t *brain,
// CHECK-NEXT:            const uint8_t *pixels,
// CHECK-NEXT:            const int64_t *index,
// CHECK-NEXT:            const uint8_t *mask,
// CHECK-NEXT:            const int16_t *short_,
// CHECK-NEXT:            double *wide);
module attributes {llvm.target_triple = "x86_64-pc-linux-gnu"} {
  llvm.func @types(
      %a0: !llvm.ptr, %a1: !llvm.ptr, %a2: i64, %a3: i64, %a4: i64, %a5: i64, %a6: i64,
      %b0: !llvm.ptr, %b1: !llvm.ptr, %b2: i64,
      %c0: !llvm.ptr, %c1: !llvm.ptr, %c2: i64, %c3: i64, %c4: i64,
      %d0: !llvm.ptr, %d1: !llvm.ptr, %d2: i64, %d3: i64, %d4: i64,
      %e0: !llvm.ptr, %e1: !llvm.ptr, %e2: i64, %e3: i64, %e4: i64,
      %f0: !llvm.ptr, %f1: !llvm.ptr, %f2: i64, %f3: i64, %f4: i64,
      %g0: !llvm.ptr, %g1: !llvm.ptr, %g2: i64) attributes {
      ptq.entry, ptq.signature = {version = 1,
        inputs = [{name = "half", type = tensor<2x3xf16>, sample_axis = 1},
                  {name = "brain", type = tensor<bf16>},
                  {name = "pixels", type = tensor<4xi8>, unsigned},
                  {name = "index", type = tensor<1xindex>},
                  {name = "mask", type = tensor<5xi1>},
                  {name = "short_", type = tensor<2xi16>}],
        outputs = [{name = "wide", type = tensor<f64>}]}} {
    llvm.return
  }
  llvm.func @_mlir_ciface_types(%a: !llvm.ptr, %b: !llvm.ptr, %c: !llvm.ptr, %d: !llvm.ptr,
                                %e: !llvm.ptr, %f: !llvm.ptr, %g: !llvm.ptr) {
    llvm.return
  }
}

//--- names.mlir
// Names that C does not have, and names that become the same.
// CHECK:      #ifndef NET_0_MAIN_H
// CHECK:      /* Input 'serving_default_input:0': float [1]. */
// CHECK-NEXT: #define NET_0_MAIN_SERVING_DEFAULT_INPUT_0_ELEMENTS 1
// CHECK:      /* Input 'serving_default_input.0': float [1]. */
// CHECK-NEXT: #define NET_0_MAIN_SERVING_DEFAULT_INPUT_0_2_ELEMENTS 1
// CHECK:      /* Input '* / end / * ?': float [1]. */
// CHECK:      #define NET_0_MAIN_WORKSPACE_2_ELEMENTS 1
// CHECK:      #define NET_0_MAIN_X_ELEMENTS 1
// CHECK:      #define NET_0_MAIN_X_2_ELEMENTS 1
// CHECK:      void net_0_main(const float *serving_default_input_0,
// CHECK-NEXT:                 const float *serving_default_input_0_2,
// CHECK-NEXT:                 const float *float_,
// CHECK-NEXT:                 const float *input_7,
// CHECK-NEXT:                 const float *end_____,
// CHECK-NEXT:                 const float *workspace,
// CHECK-NEXT:                 float *output,
// CHECK-NEXT:                 float *x,
// CHECK-NEXT:                 float *X);
module attributes {llvm.target_triple = "x86_64-pc-linux-gnu"} {
  llvm.func @"net:0/main"(
      %a0: !llvm.ptr, %a1: !llvm.ptr, %a2: i64, %b0: !llvm.ptr, %b1: !llvm.ptr, %b2: i64,
      %c0: !llvm.ptr, %c1: !llvm.ptr, %c2: i64, %d0: !llvm.ptr, %d1: !llvm.ptr, %d2: i64,
      %e0: !llvm.ptr, %e1: !llvm.ptr, %e2: i64, %f0: !llvm.ptr, %f1: !llvm.ptr, %f2: i64,
      %g0: !llvm.ptr, %g1: !llvm.ptr, %g2: i64, %h0: !llvm.ptr, %h1: !llvm.ptr, %h2: i64,
      %i0: !llvm.ptr, %i1: !llvm.ptr, %i2: i64) attributes {
      ptq.entry, ptq.signature = {version = 1,
        inputs = [{name = "serving_default_input:0", type = tensor<f32>},
                  {name = "serving_default_input.0", type = tensor<f32>},
                  {name = "float", type = tensor<f32>},
                  {name = "7", type = tensor<f32>},
                  {name = "*/ end /* \0A", type = tensor<f32>},
                  {name = "workspace", type = tensor<f32>}],
        outputs = [{name = "", type = tensor<f32>},
                   {name = "x", type = tensor<f32>},
                   {name = "X", type = tensor<f32>}]}} {
    llvm.return
  }
  llvm.func @"_mlir_ciface_net:0/main"(
      %a: !llvm.ptr, %b: !llvm.ptr, %c: !llvm.ptr, %d: !llvm.ptr, %e: !llvm.ptr,
      %f: !llvm.ptr, %g: !llvm.ptr, %h: !llvm.ptr, %i: !llvm.ptr) {
    llvm.return
  }
}

//--- threads.mlir
// What starts threads needs a runtime.
// CHECK:      /* Computes the outputs from the inputs
// CHECK:      Link with the mathematical library (-lm)
// CHECK-NEXT: and LLVM's OpenMP runtime (-lomp). */
// CHECK-NEXT: void forward(const float *x,
module attributes {llvm.target_triple = "x86_64-pc-linux-gnu"} {
  llvm.func @forward(
      %0: !llvm.ptr, %1: !llvm.ptr, %2: i64, %3: !llvm.ptr, %4: !llvm.ptr, %5: i64) attributes {
      ptq.entry, ptq.signature = {version = 1,
        inputs = [{name = "x", type = tensor<f32>}],
        outputs = [{name = "y", type = tensor<f32>}]}} {
    omp.parallel {
      omp.terminator
    }
    llvm.return
  }
  llvm.func @_mlir_ciface_forward(%x: !llvm.ptr, %y: !llvm.ptr) {
    llvm.return
  }
}
