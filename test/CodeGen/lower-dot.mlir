// RUN: ptq-opt %s -ptq-lower-dot=cpu=znver4 | FileCheck %s --check-prefixes=CHECK,VNNI
// RUN: ptq-opt %s -ptq-lower-dot=cpu=alderlake | FileCheck %s --check-prefixes=CHECK,YMM
// RUN: ptq-opt %s -ptq-lower-dot=cpu=arrowlake | FileCheck %s --check-prefixes=CHECK,INT8
// RUN: ptq-opt %s -ptq-lower-dot=cpu=skylake-avx512 | FileCheck %s --check-prefixes=CHECK,BW
// RUN: ptq-opt %s -ptq-lower-dot=cpu=x86-64 | FileCheck %s --check-prefixes=CHECK,SSE
// RUN: ptq-opt %s -ptq-lower-dot='cpu=cortex-a53 features=+dotprod' | FileCheck %s --check-prefixes=CHECK,NEON
// RUN: ptq-opt %s -ptq-lower-dot=cpu=neoverse-v1 | FileCheck %s --check-prefixes=CHECK,NEON,I8MM
// RUN: ptq-opt %s -ptq-lower-dot=cpu=cortex-a53 | FileCheck %s --check-prefixes=CHECK,NONE

// An intrinsic appears only where the target has it: LLVM aborts on others.

// CHECK-LABEL: func.func @pairs
// SSE: %[[P:.*]] = llvm.call_intrinsic "llvm.x86.sse2.pmadd.wd"(%{{.*}}, %{{.*}})
// SSE: arith.addi %{{.*}}, %[[P]] : vector<4xi32>
// NEON-NOT: llvm.call_intrinsic
// NONE-NOT: llvm.call_intrinsic
func.func @pairs(%acc: vector<4xi32>, %a: vector<8xi16>, %b: vector<8xi16>) -> vector<4xi32> {
  %d = ptq.dot %acc, %a, %b : vector<4xi32>, vector<8xi16>, vector<8xi16>
  return %d : vector<4xi32>
}

// Pairs of products of bytes, in lanes of 16 bits.

// CHECK-LABEL: func.func @pairs_of_bytes
// BW: %[[P:.*]] = llvm.call_intrinsic "llvm.x86.avx2.pmadd.ub.sw"(%{{.*}}, %{{.*}})
// BW: arith.addi %{{.*}}, %[[P]] : vector<16xi16>
// SSE-NOT: llvm.call_intrinsic
// NONE: arith.muli {{.*}} : vector<32xi16>
func.func @pairs_of_bytes(%acc: vector<16xi16>, %a: vector<32xi8>, %b: vector<32xi8>) -> vector<16xi16> {
  %d = ptq.dot %acc, %a, %b unsigned_a : vector<16xi16>, vector<32xi8>, vector<32xi8>
  return %d : vector<16xi16>
}

// CHECK-LABEL: func.func @pairs_zmm
// VNNI: llvm.call_intrinsic "llvm.x86.avx512.vpdpwssd.512"(%{{.*}}, %{{.*}}, %{{.*}})
// YMM-NOT: llvm.call_intrinsic
// BW: %[[P:.*]] = llvm.call_intrinsic "llvm.x86.avx512.pmaddw.d.512"(%{{.*}}, %{{.*}})
// BW: arith.addi %{{.*}}, %[[P]] : vector<16xi32>
// NONE-NOT: llvm.call_intrinsic
func.func @pairs_zmm(%acc: vector<16xi32>, %a: vector<32xi16>, %b: vector<32xi16>) -> vector<16xi32> {
  %d = ptq.dot %acc, %a, %b : vector<16xi32>, vector<32xi16>, vector<32xi16>
  return %d : vector<16xi32>
}

// CHECK-LABEL: func.func @pairs_ymm
// VNNI: llvm.call_intrinsic "llvm.x86.avx512.vpdpwssd.256"
// YMM: llvm.call_intrinsic "llvm.x86.avx512.vpdpwssd.256"
// BW: llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"
// NONE-NOT: llvm.call_intrinsic
func.func @pairs_ymm(%acc: vector<8xi32>, %a: vector<16xi16>, %b: vector<16xi16>) -> vector<8xi32> {
  %d = ptq.dot %acc, %a, %b : vector<8xi32>, vector<16xi16>, vector<16xi16>
  return %d : vector<8xi32>
}

// CHECK-LABEL: func.func @quads_zmm
// VNNI: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"
// YMM-NOT: llvm.call_intrinsic
// BW-NOT: llvm.call_intrinsic
// SSE-NOT: llvm.call_intrinsic
// NEON-NOT: llvm.call_intrinsic
// NONE: arith.extui {{.*}} : vector<64xi8> to vector<64xi32>
// NONE: arith.muli
// NONE-COUNT-4: vector.shuffle
func.func @quads_zmm(%acc: vector<16xi32>, %a: vector<64xi8>, %b: vector<64xi8>) -> vector<16xi32> {
  %d = ptq.dot %acc, %a, %b unsigned_a : vector<16xi32>, vector<64xi8>, vector<64xi8>
  return %d : vector<16xi32>
}

// CHECK-LABEL: func.func @quads_ymm(
// VNNI: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.256"
// YMM: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.256"
// BW-NOT: llvm.call_intrinsic
// NONE-NOT: llvm.call_intrinsic
func.func @quads_ymm(%acc: vector<8xi32>, %a: vector<32xi8>, %b: vector<32xi8>) -> vector<8xi32> {
  %d = ptq.dot %acc, %a, %b unsigned_a : vector<8xi32>, vector<32xi8>, vector<32xi8>
  return %d : vector<8xi32>
}

// INT8-LABEL: func.func @quads_signed_ymm
// INT8: llvm.call_intrinsic "llvm.x86.avx2.vpdpbssd.256"(%{{.*}}, %{{.*}}, %{{.*}})
func.func @quads_signed_ymm(%acc: vector<8xi32>, %a: vector<32xi8>, %b: vector<32xi8>) -> vector<8xi32> {
  %d = ptq.dot %acc, %a, %b : vector<8xi32>, vector<32xi8>, vector<32xi8>
  return %d : vector<8xi32>
}

// CHECK-LABEL: func.func @quads_signed(
// VNNI-NOT: llvm.call_intrinsic
// NEON: llvm.call_intrinsic "llvm.aarch64.neon.sdot.v4i32.v16i8"
// NONE-NOT: llvm.call_intrinsic
func.func @quads_signed(%acc: vector<4xi32>, %a: vector<16xi8>, %b: vector<16xi8>) -> vector<4xi32> {
  %d = ptq.dot %acc, %a, %b : vector<4xi32>, vector<16xi8>, vector<16xi8>
  return %d : vector<4xi32>
}

// Squares of two rows and two columns; elsewhere each lane gets runs of its own.

// CHECK-LABEL: func.func @squares
// VNNI-NOT: llvm.call_intrinsic
// I8MM: llvm.call_intrinsic "llvm.aarch64.neon.smmla.v4i32.v16i8"(%{{.*}}, %{{.*}}, %{{.*}})
// NONE: vector.shuffle %[[A:.*]], %[[A]] [0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15]
// NONE: vector.shuffle %[[B:.*]], %[[B]] [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
// NONE: arith.muli {{.*}} : vector<32xi32>
// NONE-COUNT-8: arith.addi {{.*}} : vector<4xi32>
func.func @squares(%acc: vector<4xi32>, %a: vector<16xi8>, %b: vector<16xi8>) -> vector<4xi32> {
  %d = ptq.dot %acc, %a, %b rows 2 : vector<4xi32>, vector<16xi8>, vector<16xi8>
  return %d : vector<4xi32>
}

// CHECK-LABEL: func.func @quads_of_unsigned
// VNNI-NOT: llvm.call_intrinsic
// NEON: llvm.call_intrinsic "llvm.aarch64.neon.udot.v4i32.v16i8"(%{{.*}}, %{{.*}}, %{{.*}})
// NONE-COUNT-2: arith.extui {{.*}} : vector<16xi8> to vector<16xi32>
func.func @quads_of_unsigned(%acc: vector<4xi32>, %a: vector<16xi8>, %b: vector<16xi8>) -> vector<4xi32> {
  %d = ptq.dot %acc, %a, %b unsigned_a unsigned_b : vector<4xi32>, vector<16xi8>, vector<16xi8>
  return %d : vector<4xi32>
}

// CHECK-LABEL: func.func @squares_of_unsigned
// I8MM: llvm.call_intrinsic "llvm.aarch64.neon.ummla.v4i32.v16i8"(%{{.*}}, %{{.*}}, %{{.*}})
// NONE-NOT: llvm.call_intrinsic
func.func @squares_of_unsigned(%acc: vector<4xi32>, %a: vector<16xi8>, %b: vector<16xi8>) -> vector<4xi32> {
  %d = ptq.dot %acc, %a, %b unsigned_a unsigned_b rows 2 : vector<4xi32>, vector<16xi8>, vector<16xi8>
  return %d : vector<4xi32>
}

// CHECK-LABEL: func.func @squares_unsigned
// I8MM-NOT: llvm.call_intrinsic
func.func @squares_unsigned(%acc: vector<4xi32>, %a: vector<16xi8>, %b: vector<16xi8>) -> vector<4xi32> {
  %d = ptq.dot %acc, %a, %b unsigned_a rows 2 : vector<4xi32>, vector<16xi8>, vector<16xi8>
  return %d : vector<4xi32>
}
