// RUN: split-file %s %t
// RUN: not ptq-translate --emit-object %t/empty.mlir -o %t/x.o 2>&1 | FileCheck %t/empty.mlir
// RUN: not ptq-translate --emit-object %t/not-lowered.mlir -o %t/x.o 2>&1 | FileCheck %t/not-lowered.mlir
// RUN: not ptq-translate --emit-object %t/two-entries.mlir -o %t/x.o 2>&1 | FileCheck %t/two-entries.mlir
// RUN: not ptq-translate --emit-object %t/no-signature.mlir -o %t/x.o 2>&1 | FileCheck %t/no-signature.mlir
// RUN: not ptq-translate --emit-object %t/bad-signature.mlir -o %t/x.o 2>&1 | FileCheck %t/bad-signature.mlir
// RUN: not ptq-translate --emit-object %t/other-arguments.mlir -o %t/x.o 2>&1 | FileCheck %t/other-arguments.mlir
// RUN: not ptq-translate --emit-object %t/codes.mlir -o %t/x.o 2>&1 | FileCheck %t/codes.mlir
// RUN: not ptq-translate --emit-object %t/codes-in-floats.mlir -o %t/x.o 2>&1 | FileCheck %t/codes-in-floats.mlir
// RUN: not ptq-translate --emit-object %t/narrow-codes.mlir -o %t/x.o 2>&1 | FileCheck %t/narrow-codes.mlir
// RUN: not ptq-translate --emit-object %t/not-llvm-inside.mlir -o %t/x.o 2>&1 | FileCheck %t/not-llvm-inside.mlir
// RUN: not ptq-translate --emit-object %t/calls.mlir --c-name=expf -o %t/x.o 2>&1 | FileCheck %t/calls.mlir

// The processor.
// RUN: sed -e s/CPU/nosuchcpu/ -e s/FEATURES/+avx2/ %t/target.mlir | not ptq-translate --emit-object -o %t/x.o 2>&1 | FileCheck %s --check-prefix=CPU
// RUN: sed -e s/CPU/znver3/ -e s/FEATURES/+nosuchfeature/ %t/target.mlir | not ptq-translate --emit-object -o %t/x.o 2>&1 | FileCheck %s --check-prefix=FEATURE
// RUN: sed -e s/CPU/znver3/ -e s/FEATURES/avx2/ %t/target.mlir | not ptq-translate --emit-object -o %t/x.o 2>&1 | FileCheck %s --check-prefix=SIGN
// RUN: sed -e s/CPU/i386/ -e s/FEATURES// %t/target.mlir | not ptq-translate --emit-object -o %t/x.o 2>&1 | FileCheck %s --check-prefix=BASIC
// RUN: sed -e s/CPU/znver3/ -e s/FEATURES/-sse2/ %t/target.mlir | not ptq-translate --emit-object -o %t/x.o 2>&1 | FileCheck %s --check-prefix=SSE2
// RUN: sed -e s/CPU/cortex-a72/ -e s/FEATURES/-neon/ -e s/x86_64/aarch64/ %t/target.mlir | not ptq-translate --emit-object -o %t/x.o 2>&1 | FileCheck %s --check-prefix=NEON
// RUN: sed -e s/x86_64/nosuchmachine/ %t/target.mlir | not ptq-translate --emit-object -o %t/x.o 2>&1 | FileCheck %s --check-prefix=TRIPLE
// RUN: sed -e s/x86_64/i386/ %t/target.mlir | not ptq-translate --emit-object -o %t/x.o 2>&1 | FileCheck %s --check-prefix=WIDTH
// RUN: not ptq-translate --emit-object %t/function-target.mlir -o %t/x.o 2>&1 | FileCheck %t/function-target.mlir
// CPU: 2:{{[0-9]+}}: error: is for the unknown processor 'nosuchcpu' of x86_64
// FEATURE: 2:{{[0-9]+}}: error: is for the unknown feature '+nosuchfeature' of x86_64: expected a comma-separated list of +name and -name
// SIGN: error: is for the unknown feature 'avx2' of x86_64
// BASIC: error: is for processor 'i386' without 64bit, which the code needs
// SSE2: error: is for processor 'znver3' without sse2, which the code needs
// NEON: error: is for processor 'cortex-a72' without neon, which the code needs
// TRIPLE: error: is for 'nosuchmachine-pc-linux-gnu', which LLVM does not know
// WIDTH: error: is for 'i386-pc-linux-gnu', where pointers have fewer than 64 bits

// What LLVM itself gives up at is an error, no crash.
// RUN: not ptq-translate --emit-object %t/no-instruction.mlir -o %t/x.o 2>&1 | FileCheck %t/no-instruction.mlir
// RUN: not ptq-translate --emit-object %t/resource.mlir -o %t/x.o 2>&1 | FileCheck %t/resource.mlir

// The name in C.
// RUN: not ptq-translate --emit-object --c-name=2nd %t/function-target.mlir -o %t/x.o 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: not ptq-translate --emit-c-header --c-name=float %t/function-target.mlir -o %t/x.h 2>&1 | FileCheck %s --check-prefix=KEYWORD
// RUN: not ptq-translate --emit-c-header --c-name=_x %t/function-target.mlir -o %t/x.h 2>&1 | FileCheck %s --check-prefix=UNDERSCORE
// NAME: error: cannot be called '2nd' in C: pass a name of letters, digits and underscores that begins with a letter and is no keyword
// KEYWORD: error: cannot be called 'float' in C
// UNDERSCORE: error: cannot be called '_x' in C

// The header asks for the same; nothing is left of files that could not be written.
// RUN: not ptq-translate --emit-c-header %t/not-lowered.mlir -o %t/x.h 2>&1 | FileCheck %t/not-lowered.mlir
// RUN: not ptq-translate --emit-c-header %t/samples.mlir -o %t/x.h 2>&1 | FileCheck %t/samples.mlir
// RUN: not ptq-translate --emit-c-header %t/too-large.mlir -o %t/x.h 2>&1 | FileCheck %t/too-large.mlir
// RUN: not ls %t/x.o
// RUN: not ls %t/x.h

//--- empty.mlir
// CHECK: error: no function in LLVM form is marked 'ptq.entry'
module {
}

//--- not-lowered.mlir
// CHECK: error: no function in LLVM form is marked 'ptq.entry'
// CHECK: [[#@LINE+1]]:1: note: 'forward' has not been lowered: 'ptq-opt --ptq-lower' does that
func.func @forward(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}

//--- two-entries.mlir
llvm.func @a() attributes {ptq.entry} {
  llvm.return
}
// CHECK: [[#@LINE+2]]:1: error: a second function is marked 'ptq.entry'
// CHECK: [[#@LINE-4]]:1: note: the first one is here
llvm.func @b() attributes {ptq.entry} {
  llvm.return
}

//--- no-signature.mlir
// CHECK: [[#@LINE+1]]:1: error: the entry function 'forward' has no 'ptq.signature'
llvm.func @forward() attributes {ptq.entry} {
  llvm.return
}

//--- bad-signature.mlir
// CHECK: [[#@LINE+1]]:1: error: 'llvm.func' op 'ptq.signature' needs a list 'outputs'
llvm.func @forward() attributes {ptq.entry, ptq.signature = {version = 1, inputs = []}} {
  llvm.return
}

//--- other-arguments.mlir
// CHECK: [[#@LINE+1]]:1: error: the entry function 'forward' does not follow the calling convention: its arguments are not the memrefs of its signature
llvm.func @forward() attributes {ptq.entry, ptq.signature = {version = 1, inputs = [{name = "x", type = tensor<4xf32>}], outputs = []}} {
  llvm.return
}
llvm.func @_mlir_ciface_forward(%x: !llvm.ptr) {
  llvm.return
}

//--- codes.mlir
// CHECK: [[#@LINE+1]]:1: error: 'llvm.func' op 'ptq.signature' gives 'x' codes that need i64 'zero_point', 'lowest' and 'highest' which 'i8' can hold
llvm.func @forward(%0: !llvm.ptr, %1: !llvm.ptr, %2: i64, %3: i64, %4: i64) attributes {ptq.entry, ptq.signature = {version = 1, inputs = [{name = "x", type = tensor<4xi8>, scale = 1.0 : f32, zero_point = 128, lowest = -128, highest = 127}], outputs = []}} {
  llvm.return
}

//--- codes-in-floats.mlir
// CHECK: [[#@LINE+1]]:1: error: 'llvm.func' op 'ptq.signature' gives 'x' a scale, but its type 'tensor<4xf32>' holds no codes of up to 16 bits
llvm.func @forward() attributes {ptq.entry, ptq.signature = {version = 1, inputs = [{name = "x", type = tensor<4xf32>, scale = 1.0 : f32}], outputs = []}} {
  llvm.return
}

//--- narrow-codes.mlir
// CHECK: [[#@LINE+1]]:1: error: input 'x' of type 'tensor<4xi4>' has elements that calls cannot pass
llvm.func @forward() attributes {ptq.entry, ptq.signature = {version = 1, inputs = [{name = "x", type = tensor<4xi4>}], outputs = []}} {
  llvm.return
}

//--- not-llvm-inside.mlir
llvm.func @forward(%0: !llvm.ptr, %1: !llvm.ptr, %2: i64, %3: i64, %4: i64) attributes {ptq.entry, ptq.signature = {version = 1, inputs = [{name = "x", type = tensor<4xf32>}], outputs = []}} {
  // CHECK: [[#@LINE+1]]:8: error: cannot be converted to LLVM IR: missing `LLVMTranslationDialectInterface` registration for dialect for op: arith.addi
  %5 = arith.addi %2, %3 : i64
  llvm.return
}
llvm.func @_mlir_ciface_forward(%x: !llvm.ptr) {
  llvm.return
}

//--- calls.mlir
// CHECK: [[#@LINE+1]]:1: error: 'expf' is a function that the code calls: pass another --c-name
llvm.func @expf(f32) -> f32
llvm.func @forward(%0: !llvm.ptr, %1: !llvm.ptr, %2: i64, %3: i64, %4: i64) attributes {ptq.entry, ptq.signature = {version = 1, inputs = [{name = "x", type = tensor<4xf32>}], outputs = []}} {
  %x = llvm.load %1 : !llvm.ptr -> f32
  %y = llvm.call @expf(%x) : (f32) -> f32
  llvm.return
}
llvm.func @_mlir_ciface_forward(%x: !llvm.ptr) {
  llvm.return
}

//--- target.mlir
module attributes {llvm.target_triple = "x86_64-pc-linux-gnu"} {
  llvm.func @forward(%0: !llvm.ptr, %1: !llvm.ptr, %2: i64, %3: i64, %4: i64) attributes {ptq.entry, ptq.signature = {version = 1, cpu = "CPU", features = "FEATURES", inputs = [{name = "x", type = tensor<4xf32>}], outputs = []}} {
    llvm.return
  }
  llvm.func @_mlir_ciface_forward(%x: !llvm.ptr) {
    llvm.return
  }
}

//--- function-target.mlir
module attributes {llvm.target_triple = "x86_64-pc-linux-gnu"} {
  llvm.func @forward(%0: !llvm.ptr, %1: !llvm.ptr, %2: i64, %3: i64, %4: i64) attributes {target_cpu = "znver3", ptq.entry, ptq.signature = {version = 1, cpu = "znver3", features = "+avx2", inputs = [{name = "x", type = tensor<4xf32>}], outputs = []}} {
    llvm.return
  }
  // CHECK: [[#@LINE+1]]:3: error: is for processor 'x86-64' without avx2, which the code needs
  llvm.func @_mlir_ciface_forward(%x: !llvm.ptr) attributes {target_cpu = "x86-64"} {
    llvm.return
  }
}

//--- samples.mlir
// CHECK: [[#@LINE+1]]:1: error: input 'x' of type 'tensor<4xf32>' fixes the number of samples that others leave open
llvm.func @forward(%0: !llvm.ptr, %1: !llvm.ptr, %2: i64, %3: i64, %4: i64, %5: !llvm.ptr, %6: !llvm.ptr, %7: i64, %8: i64, %9: i64) attributes {ptq.entry, ptq.signature = {version = 1, inputs = [{name = "x", type = tensor<4xf32>, sample_axis = 0}], outputs = [{name = "y", type = tensor<?xf32>, sample_axis = 0}]}} {
  llvm.return
}
llvm.func @_mlir_ciface_forward(%x: !llvm.ptr, %y: !llvm.ptr) {
  llvm.return
}

//--- too-large.mlir
// CHECK: [[#@LINE+1]]:1: error: input 'x' of type 'tensor<4611686018427387904xf32>' is too large
llvm.func @forward(%0: !llvm.ptr, %1: !llvm.ptr, %2: i64, %3: i64, %4: i64) attributes {ptq.entry, ptq.signature = {version = 1, inputs = [{name = "x", type = tensor<4611686018427387904xf32>}], outputs = []}} {
  llvm.return
}
llvm.func @_mlir_ciface_forward(%x: !llvm.ptr) {
  llvm.return
}

//--- no-instruction.mlir
// CHECK-NOT: Stack dump
// CHECK: error: LLVM cannot generate this code: {{.+}}
// CHECK-NOT: Stack dump
module attributes {llvm.target_triple = "x86_64-pc-linux-gnu"} {
  llvm.func @forward(%0: !llvm.ptr, %1: !llvm.ptr, %2: i64, %3: i64, %4: i64) attributes {ptq.entry, ptq.signature = {version = 1, cpu = "x86-64", inputs = [{name = "x", type = tensor<16xi32>}], outputs = []}} {
    %a = llvm.load %1 : !llvm.ptr -> vector<16xi32>
    %b = llvm.load %1 : !llvm.ptr -> vector<64xi8>
    %c = llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"(%a, %b, %b) : (vector<16xi32>, vector<64xi8>, vector<64xi8>) -> vector<16xi32>
    llvm.store %c, %1 : vector<16xi32>, !llvm.ptr
    llvm.return
  }
  llvm.func @_mlir_ciface_forward(%x: !llvm.ptr) {
    llvm.return
  }
}

//--- resource.mlir
// CHECK: error: resource 'missing' has no data: the file does not define it
llvm.mlir.global private constant @w(dense_resource<missing> : tensor<4xf32>) : !llvm.array<4 x f32>
llvm.func @forward(%0: !llvm.ptr, %1: !llvm.ptr, %2: i64, %3: i64, %4: i64) attributes {ptq.entry, ptq.signature = {version = 1, inputs = [{name = "x", type = tensor<4xf32>}], outputs = []}} {
  llvm.return
}
llvm.func @_mlir_ciface_forward(%x: !llvm.ptr) {
  llvm.return
}
