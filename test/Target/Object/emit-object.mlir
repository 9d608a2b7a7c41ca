// One symbol, for the processor of the signature.
// RUN: ptq-translate --emit-object %s -o %t.o
// RUN: llvm-readobj --file-headers %t.o | FileCheck %s --check-prefix=OBJECT
// RUN: llvm-nm --defined-only --extern-only %t.o | FileCheck %s --check-prefix=SYMBOLS
// OBJECT: Format: elf64-x86-64
// OBJECT: Type: Relocatable
// SYMBOLS: T forward
// SYMBOLS-NOT: {{.}}

// The function of C has the entry in it, called on descriptors of its arrays.
// RUN: ptq-translate --emit-assembly %s | FileCheck %s --check-prefix=ASSEMBLY
// ASSEMBLY:      .globl forward
// ASSEMBLY-NOT:  .globl
// ASSEMBLY:      forward:
// ASSEMBLY-NOT:  call
// ASSEMBLY:      vmovss (%rsi)
// ASSEMBLY:      vmulss {{.*}}(%rip)
// ASSEMBLY:      vmovss %xmm{{.*}}, (%rdx)
// ASSEMBLY:      retq

// RUN: ptq-translate --emit-assembly --c-name=net %s | FileCheck %s --check-prefix=NAME
// NAME-NOT: .globl forward
// NAME:     .globl net
// NAME-NOT: .globl forward

// Names that are taken in the module are given to C.
// RUN: ptq-translate --emit-object --c-name=weights %s -o %t.weights.o
// RUN: llvm-nm --defined-only --extern-only %t.weights.o | FileCheck %s --check-prefix=TAKEN
// TAKEN: T weights
// TAKEN-NOT: {{.}}

// For another architecture.
// RUN: sed -e 's/x86_64-pc-linux-gnu/aarch64-unknown-linux-gnu/; s/znver3/cortex-a72/; s/+avx2,+fma/+neon/' %s \
// RUN:   | ptq-translate --emit-object -o %t.aarch64.o
// RUN: llvm-readobj --file-headers %t.aarch64.o | FileCheck %s --check-prefix=AARCH64
// AARCH64: Format: elf64-littleaarch64
// AARCH64: Type: Relocatable

module attributes {llvm.target_triple = "x86_64-pc-linux-gnu"} {
  llvm.mlir.global constant @weights(3.0 : f32) : f32
  llvm.func @unused_declaration()
  llvm.func @forward(
      %0: !llvm.ptr, %1: !llvm.ptr, %2: i64, %3: i64, %4: i64,
      %5: !llvm.ptr, %6: !llvm.ptr, %7: i64, %8: i64, %9: i64) attributes {
      ptq.entry, ptq.signature = {version = 1, cpu = "znver3", features = "+avx2,+fma",
        inputs = [{name = "x", type = tensor<?xf32>, sample_axis = 0}],
        outputs = [{name = "y", type = tensor<?xf32>, sample_axis = 0}]}} {
    %weights = llvm.mlir.addressof @weights : !llvm.ptr
    %w = llvm.load %weights : !llvm.ptr -> f32
    %x = llvm.load %1 : !llvm.ptr -> f32
    %y = llvm.fmul %x, %w : f32
    llvm.store %y, %6 : f32, !llvm.ptr
    llvm.return
  }
  llvm.func @_mlir_ciface_forward(%x: !llvm.ptr, %y: !llvm.ptr) {
    llvm.return
  }
}
