// RUN: ptq-opt %s -split-input-file -ptq-lower-nibbles=cpu=skylake-avx512 | FileCheck %s --check-prefixes=CHECK,AVX512
// RUN: ptq-opt %s -split-input-file -ptq-lower-nibbles=cpu=x86-64-v3 | FileCheck %s --check-prefixes=CHECK,PLAIN
// RUN: ptq-opt %s -split-input-file -ptq-lower-nibbles=cpu=neoverse-v1 | FileCheck %s --check-prefixes=CHECK,PLAIN

// The example of the pass description: the lookup reads nothing but the lowest
// four bits.
// CHECK-LABEL: func @nibble
// CHECK-SAME:    %[[X:.*]]: vector<16xi32>
// AVX512:        %[[FOUR:.*]] = arith.constant dense<4> : vector<16xi32>
// AVX512:        %[[I:.*]] = arith.shrui %[[X]], %[[FOUR]]
// AVX512:        %[[TABLE:.*]] = arith.constant dense<[0.000000e+00, 1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00, 5.000000e+00, 6.000000e+00, 7.000000e+00, -8.000000e+00, -7.000000e+00, -6.000000e+00, -5.000000e+00, -4.000000e+00, -3.000000e+00, -2.000000e+00, -1.000000e+00]>
// AVX512:        %[[Y:.*]] = llvm.call_intrinsic "llvm.x86.avx512.permvar.sf.512"(%[[TABLE]], %[[I]])
// AVX512:        return %[[Y]]
// PLAIN:         arith.sitofp
func.func @nibble(%x: vector<16xi32>) -> vector<16xf32> {
  %c24 = arith.constant dense<24> : vector<16xi32>
  %c28 = arith.constant dense<28> : vector<16xi32>
  %a = arith.shli %x, %c24 : vector<16xi32>
  %b = arith.shrsi %a, %c28 : vector<16xi32>
  %y = arith.sitofp %b : vector<16xi32> to vector<16xf32>
  return %y : vector<16xf32>
}

// -----

// The lowest bits are where they are looked for, two registers of them.
// CHECK-LABEL: func @lowest
// CHECK-SAME:    %[[X:.*]]: vector<32xi32>
// AVX512-NOT:    arith.shrui
// AVX512:        %[[X0:.*]] = vector.extract_strided_slice %[[X]] {offsets = [0], sizes = [16]
// AVX512:        %[[Y0:.*]] = llvm.call_intrinsic {{.*}}(%{{.*}}, %[[X0]])
// AVX512:        %[[X1:.*]] = vector.extract_strided_slice %[[X]] {offsets = [16], sizes = [16]
// AVX512:        %[[Y1:.*]] = llvm.call_intrinsic {{.*}}(%{{.*}}, %[[X1]])
// AVX512:        vector.insert_strided_slice %[[Y1]], %{{.*}} {offsets = [16]
func.func @lowest(%x: vector<32xi32>) -> vector<32xf32> {
  %c28 = arith.constant dense<28> : vector<32xi32>
  %a = arith.shli %x, %c28 : vector<32xi32>
  %b = arith.shrsi %a, %c28 : vector<32xi32>
  %y = arith.sitofp %b : vector<32xi32> to vector<32xf32>
  return %y : vector<32xf32>
}

// -----

// The topmost ones are shifted down as before.
// CHECK-LABEL: func @topmost
// AVX512:        %[[C:.*]] = arith.constant dense<28>
// AVX512:        arith.shrui %{{.*}}, %[[C]]
// AVX512:        llvm.call_intrinsic
func.func @topmost(%x: vector<16xi32>) -> vector<16xf32> {
  %c28 = arith.constant dense<28> : vector<16xi32>
  %b = arith.shrsi %x, %c28 : vector<16xi32>
  %y = arith.sitofp %b : vector<16xi32> to vector<16xf32>
  return %y : vector<16xf32>
}

// -----

// Not these: more bits, zeros shifted in, another number of bits for each
// element, shifts that mean nothing, part of a register, other types.
// CHECK-LABEL: func @others
// CHECK-NOT:     llvm.call_intrinsic
// CHECK:         return
func.func @others(%x: vector<16xi32>, %s: vector<16xi32>, %half: vector<8xi32>)
    -> (vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<8xf32>, vector<16xf64>) {
  %c24 = arith.constant dense<24> : vector<16xi32>
  %c28 = arith.constant dense<28> : vector<16xi32>
  %c29 = arith.constant dense<29> : vector<16xi32>
  %c32 = arith.constant dense<32> : vector<16xi32>
  %h28 = arith.constant dense<28> : vector<8xi32>
  %a0 = arith.shrsi %x, %c24 : vector<16xi32>
  %y0 = arith.sitofp %a0 : vector<16xi32> to vector<16xf32>
  %a1 = arith.shrui %x, %c28 : vector<16xi32>
  %y1 = arith.sitofp %a1 : vector<16xi32> to vector<16xf32>
  %a2 = arith.shrsi %x, %s : vector<16xi32>
  %y2 = arith.sitofp %a2 : vector<16xi32> to vector<16xf32>
  %a3 = arith.shrsi %x, %c32 : vector<16xi32>
  %y3 = arith.sitofp %a3 : vector<16xi32> to vector<16xf32>
  %b4 = arith.shli %x, %c29 : vector<16xi32>
  %a4 = arith.shrsi %b4, %c28 : vector<16xi32>
  %y4 = arith.sitofp %a4 : vector<16xi32> to vector<16xf32>
  %a5 = arith.shrsi %half, %h28 : vector<8xi32>
  %y5 = arith.sitofp %a5 : vector<8xi32> to vector<8xf32>
  %a6 = arith.shrsi %x, %c28 : vector<16xi32>
  %y6 = arith.sitofp %a6 : vector<16xi32> to vector<16xf64>
  return %y0, %y1, %y2, %y3, %y4, %y5, %y6 : vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<16xf32>, vector<8xf32>, vector<16xf64>
}
