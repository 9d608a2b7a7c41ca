// RUN: ptq-opt %s -split-input-file -ptq-lower-narrowing=cpu=x86-64 | FileCheck %s --check-prefixes=CHECK,SSE
// RUN: ptq-opt %s -split-input-file -ptq-lower-narrowing=cpu=x86-64-v3 | FileCheck %s --check-prefixes=CHECK,AVX2
// RUN: ptq-opt %s -split-input-file -ptq-lower-narrowing=cpu=skylake-avx512 | FileCheck %s --check-prefixes=CHECK,AVX512
// RUN: ptq-opt %s -split-input-file -ptq-lower-narrowing=cpu=cortex-a72 | FileCheck %s --check-prefixes=CHECK,NEON

// The example of the pass description: four registers become one, and the zero
// point is added to words.
// CHECK-LABEL: func @code
// CHECK-SAME:    %[[X:.*]]: vector<16xi32>
// SSE-DAG:       %[[X0:.*]] = vector.extract_strided_slice %[[X]] {offsets = [0], sizes = [4], strides = [1]}
// SSE-DAG:       %[[X1:.*]] = vector.extract_strided_slice %[[X]] {offsets = [4], sizes = [4], strides = [1]}
// SSE:           %[[P0:.*]] = llvm.call_intrinsic "llvm.x86.sse2.packssdw.128"(%[[X0]], %[[X1]])
// SSE:           %[[P1:.*]] = llvm.call_intrinsic "llvm.x86.sse2.packssdw.128"
// SSE:           %[[S0:.*]] = llvm.intr.sadd.sat(%[[P0]], %{{.*}})
// SSE:           %[[S1:.*]] = llvm.intr.sadd.sat(%[[P1]], %{{.*}})
// SSE:           %[[P:.*]] = llvm.call_intrinsic "llvm.x86.sse2.packsswb.128"(%[[S0]], %[[S1]])
// SSE:           %[[Y:.*]] = vector.shuffle %[[P]], %[[P]] [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
// SSE:           return %[[Y]]

// Half a register: two become one, and its halves are packed.
// AVX2:          %[[W:.*]] = llvm.call_intrinsic "llvm.x86.avx2.packssdw"({{.*}}) : (vector<8xi32>, vector<8xi32>) -> vector<16xi16>
// AVX2:          %[[S:.*]] = llvm.intr.sadd.sat(%[[W]], %{{.*}})
// AVX2:          %[[S0:.*]] = vector.extract_strided_slice %[[S]] {offsets = [0], sizes = [8]
// AVX2:          %[[S1:.*]] = vector.extract_strided_slice %[[S]] {offsets = [8], sizes = [8]
// AVX2:          %[[P:.*]] = llvm.call_intrinsic "llvm.x86.sse2.packsswb.128"(%[[S0]], %[[S1]])
// AVX2:          vector.shuffle %[[P]], %[[P]] [0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15]

// AVX512:        arith.trunci
// NEON:          arith.trunci
func.func @code(%x: vector<16xi32>) -> vector<16xi8> {
  %zero_point = arith.constant dense<3> : vector<16xi32>
  %low = arith.constant dense<-128> : vector<16xi32>
  %high = arith.constant dense<127> : vector<16xi32>
  %a = arith.addi %x, %zero_point overflow<nsw> : vector<16xi32>
  %b = arith.maxsi %a, %low : vector<16xi32>
  %c = arith.minsi %b, %high : vector<16xi32>
  %y = arith.trunci %c : vector<16xi32> to vector<16xi8>
  return %y : vector<16xi8>
}

// -----

// Closer bounds come behind, and a sum that may overflow stays where it is.
// CHECK-LABEL: func @bounds
// AVX2:          %[[SUM:.*]] = arith.addi %{{.*}} : vector<32xi32>
// AVX2:          vector.extract_strided_slice %[[SUM]]
// AVX2-NOT:      sadd.sat
// AVX2:          %[[P:.*]] = llvm.call_intrinsic "llvm.x86.avx2.packsswb"
// AVX2:          %[[LOW:.*]] = arith.constant dense<-5> : vector<32xi8>
// AVX2:          %[[A:.*]] = arith.maxsi %[[P]], %[[LOW]] : vector<32xi8>
// AVX2:          %[[HIGH:.*]] = arith.constant dense<60> : vector<32xi8>
// AVX2:          %[[B:.*]] = arith.minsi %[[A]], %[[HIGH]] : vector<32xi8>
// AVX2:          vector.shuffle %[[B]], %[[B]] [0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31]
// AVX512:        llvm.call_intrinsic "llvm.x86.avx512.packssdw.512"
// AVX512:        llvm.call_intrinsic "llvm.x86.avx2.packsswb"
func.func @bounds(%x: vector<32xi32>) -> vector<32xi8> {
  %zero_point = arith.constant dense<3> : vector<32xi32>
  %low = arith.constant dense<-5> : vector<32xi32>
  %high = arith.constant dense<60> : vector<32xi32>
  %a = arith.addi %x, %zero_point : vector<32xi32>
  %b = arith.maxsi %a, %low : vector<32xi32>
  %c = arith.minsi %b, %high : vector<32xi32>
  %y = arith.trunci %c : vector<32xi32> to vector<32xi8>
  return %y : vector<32xi8>
}

// -----

// Several registers, each by itself.
// CHECK-LABEL:  func @registers
// AVX512-COUNT-4: llvm.call_intrinsic "llvm.x86.avx512.packssdw.512"
// AVX512:         llvm.call_intrinsic "llvm.x86.avx512.packsswb.512"
// AVX512:         vector.insert_strided_slice {{.*}} {offsets = [64], strides = [1]} : vector<64xi8> into vector<128xi8>
// AVX2-COUNT-8:   llvm.call_intrinsic "llvm.x86.avx2.packssdw"
func.func @registers(%x: vector<128xi32>) -> vector<128xi8> {
  %low = arith.constant dense<-128> : vector<128xi32>
  %high = arith.constant dense<127> : vector<128xi32>
  %b = arith.maxsi %x, %low : vector<128xi32>
  %c = arith.minsi %b, %high : vector<128xi32>
  %y = arith.trunci %c : vector<128xi32> to vector<128xi8>
  return %y : vector<128xi8>
}

// -----

// Codes with flipped signs are bytes without sign, 128 more; nothing is added for
// a zero point of -128. Closer bounds are without sign, too.
// CHECK-LABEL:  func @flipped
// AVX512-COUNT-2: llvm.call_intrinsic "llvm.x86.avx512.packssdw.512"
// AVX512-NOT:     sadd.sat
// AVX512:         llvm.call_intrinsic "llvm.x86.avx512.packuswb.512"
// AVX512-NOT:     arith.xori
// AVX512:         %[[OFFSET:.*]] = arith.constant dense<131> : vector<32xi16>
// AVX512:         llvm.intr.sadd.sat(%{{.*}}, %[[OFFSET]])
// AVX512:         %[[P:.*]] = llvm.call_intrinsic "llvm.x86.avx512.packuswb.512"
// AVX512:         %[[LOW:.*]] = arith.constant dense<123> : vector<64xi8>
// AVX512:         %[[A:.*]] = arith.maxui %[[P]], %[[LOW]] : vector<64xi8>
// AVX512:         %[[HIGH:.*]] = arith.constant dense<-68> : vector<64xi8>
// AVX512:         arith.minui %[[A]], %[[HIGH]] : vector<64xi8>
// AVX512-NOT:     arith.xori
// AVX2:           llvm.call_intrinsic "llvm.x86.avx2.packuswb"
// SSE:            llvm.call_intrinsic "llvm.x86.sse2.packuswb.128"
// NEON-COUNT-2:   arith.xori
func.func @flipped(%x: vector<64xi32>) -> (vector<64xi8>, vector<64xi8>) {
  %sign = arith.constant dense<-128> : vector<64xi8>
  %zero_point = arith.constant dense<-128> : vector<64xi32>
  %low = arith.constant dense<-128> : vector<64xi32>
  %high = arith.constant dense<127> : vector<64xi32>
  %a = arith.addi %x, %zero_point overflow<nsw> : vector<64xi32>
  %b = arith.maxsi %a, %low : vector<64xi32>
  %c = arith.minsi %b, %high : vector<64xi32>
  %d = arith.trunci %c : vector<64xi32> to vector<64xi8>
  %y = arith.xori %d, %sign : vector<64xi8>
  %other_zero_point = arith.constant dense<3> : vector<64xi32>
  %other_low = arith.constant dense<-5> : vector<64xi32>
  %other_high = arith.constant dense<60> : vector<64xi32>
  %e = arith.addi %x, %other_zero_point overflow<nsw> : vector<64xi32>
  %f = arith.maxsi %e, %other_low : vector<64xi32>
  %g = arith.minsi %f, %other_high : vector<64xi32>
  %h = arith.trunci %g : vector<64xi32> to vector<64xi8>
  %z = arith.xori %h, %sign : vector<64xi8>
  return %y, %z : vector<64xi8>, vector<64xi8>
}

// -----

// Codes that are read with and without flipped signs.
// CHECK-LABEL: func @half_flipped
// AVX512:        llvm.call_intrinsic "llvm.x86.avx512.packsswb.512"
// AVX512:        arith.xori
func.func @half_flipped(%x: vector<64xi32>) -> (vector<64xi8>, vector<64xi8>) {
  %sign = arith.constant dense<-128> : vector<64xi8>
  %low = arith.constant dense<-128> : vector<64xi32>
  %high = arith.constant dense<127> : vector<64xi32>
  %b = arith.maxsi %x, %low : vector<64xi32>
  %c = arith.minsi %b, %high : vector<64xi32>
  %d = arith.trunci %c : vector<64xi32> to vector<64xi8>
  %y = arith.xori %d, %sign : vector<64xi8>
  return %d, %y : vector<64xi8>, vector<64xi8>
}

// -----

// Three quarters of a register: the last quarter is there twice.
// CHECK-LABEL: func @three_quarters
// AVX512:        %[[P0:.*]] = llvm.call_intrinsic "llvm.x86.avx512.packssdw.512"
// AVX512:        %[[P1:.*]] = llvm.call_intrinsic "llvm.x86.avx512.packssdw.512"(%[[X2:.*]], %{{.*}})
// AVX512:        %[[P:.*]] = llvm.call_intrinsic "llvm.x86.avx512.packsswb.512"(%[[P0]], %[[P1]])
// AVX512:        %[[Y:.*]] = vector.shuffle %[[P]], %[[P]] [0, 1, 2, 3, 16, {{.*}}] : vector<64xi8>, vector<64xi8>
// AVX512:        return %[[Y]] : vector<48xi8>
func.func @three_quarters(%x: vector<48xi32>) -> vector<48xi8> {
  %low = arith.constant dense<-128> : vector<48xi32>
  %high = arith.constant dense<127> : vector<48xi32>
  %b = arith.maxsi %x, %low : vector<48xi32>
  %c = arith.minsi %b, %high : vector<48xi32>
  %d = arith.trunci %c : vector<48xi32> to vector<48xi8>
  return %d : vector<48xi8>
}

// -----

// Bounds beyond bytes, none at all, other types, and vectors that fill nothing.
// CHECK-LABEL: func @other
// CHECK-NOT:     llvm.
// CHECK:         return
func.func @other(%x: vector<32xi32>, %w: vector<32xi64>, %s: vector<9xi32>) -> (vector<32xi8>, vector<32xi8>, vector<32xi8>, vector<32xi16>, vector<9xi8>) {
  %low = arith.constant dense<-128> : vector<32xi32>
  %high = arith.constant dense<128> : vector<32xi32>
  %b = arith.maxsi %x, %low : vector<32xi32>
  %c = arith.minsi %b, %high : vector<32xi32>
  %0 = arith.trunci %c : vector<32xi32> to vector<32xi8>
  %1 = arith.trunci %x : vector<32xi32> to vector<32xi8>
  %low64 = arith.constant dense<-128> : vector<32xi64>
  %high64 = arith.constant dense<127> : vector<32xi64>
  %b64 = arith.maxsi %w, %low64 : vector<32xi64>
  %c64 = arith.minsi %b64, %high64 : vector<32xi64>
  %2 = arith.trunci %c64 : vector<32xi64> to vector<32xi8>
  %3 = arith.trunci %c : vector<32xi32> to vector<32xi16>
  %low9 = arith.constant dense<-128> : vector<9xi32>
  %high9 = arith.constant dense<127> : vector<9xi32>
  %b9 = arith.maxsi %s, %low9 : vector<9xi32>
  %c9 = arith.minsi %b9, %high9 : vector<9xi32>
  %4 = arith.trunci %c9 : vector<9xi32> to vector<9xi8>
  return %0, %1, %2, %3, %4 : vector<32xi8>, vector<32xi8>, vector<32xi8>, vector<32xi16>, vector<9xi8>
}

// -----

// A zero point of the call: floats are clamped so that the sum is a byte.
// CHECK-LABEL: func @clamped_floats
// AVX2:          %[[I:.*]] = llvm.intr.lrint
// AVX2:          %[[W0:.*]] = llvm.call_intrinsic "llvm.x86.avx2.packssdw"
// AVX2:          %[[W1:.*]] = llvm.call_intrinsic "llvm.x86.avx2.packssdw"
// AVX2:          %[[Z:.*]] = arith.extsi %arg1 : i8 to i16
// AVX2:          %[[ZS:.*]] = vector.broadcast %[[Z]] : i16 to vector<16xi16>
// AVX2:          arith.addi %[[W0]], %[[ZS]] : vector<16xi16>
// AVX2:          llvm.call_intrinsic "llvm.x86.avx2.packsswb"

// Another zero point is added than that of the bounds.
// CHECK-LABEL: func @other_offset
// AVX2-NOT:      packs
// AVX2:          arith.trunci
func.func @clamped_floats(%x: vector<32xf32>, %zero_point: i8) -> vector<32xi8> {
  %min = arith.constant dense<-128> : vector<32xi32>
  %max = arith.constant dense<127> : vector<32xi32>
  %z = vector.broadcast %zero_point : i8 to vector<32xi8>
  %wide = arith.extsi %z : vector<32xi8> to vector<32xi32>
  %a = arith.subi %min, %wide : vector<32xi32>
  %low = arith.sitofp %a : vector<32xi32> to vector<32xf32>
  %b = arith.subi %max, %wide : vector<32xi32>
  %high = arith.sitofp %b : vector<32xi32> to vector<32xf32>
  %is_above = arith.cmpf ogt, %x, %low : vector<32xf32>
  %above = arith.select %is_above, %x, %low : vector<32xi1>, vector<32xf32>
  %is_below = arith.cmpf olt, %above, %high : vector<32xf32>
  %within = arith.select %is_below, %above, %high : vector<32xi1>, vector<32xf32>
  %code = llvm.intr.lrint(%within) : (vector<32xf32>) -> vector<32xi32>
  %sum = arith.addi %code, %wide overflow<nsw> : vector<32xi32>
  %y = arith.trunci %sum : vector<32xi32> to vector<32xi8>
  return %y : vector<32xi8>
}

func.func @other_offset(%x: vector<32xf32>, %zero_point: i8, %other: i8) -> vector<32xi8> {
  %min = arith.constant dense<-128> : vector<32xi32>
  %max = arith.constant dense<127> : vector<32xi32>
  %z = vector.broadcast %zero_point : i8 to vector<32xi8>
  %wide = arith.extsi %z : vector<32xi8> to vector<32xi32>
  %o = vector.broadcast %other : i8 to vector<32xi8>
  %other_wide = arith.extsi %o : vector<32xi8> to vector<32xi32>
  %a = arith.subi %min, %wide : vector<32xi32>
  %low = arith.sitofp %a : vector<32xi32> to vector<32xf32>
  %b = arith.subi %max, %other_wide : vector<32xi32>
  %high = arith.sitofp %b : vector<32xi32> to vector<32xf32>
  %is_above = arith.cmpf ogt, %x, %low : vector<32xf32>
  %above = arith.select %is_above, %x, %low : vector<32xi1>, vector<32xf32>
  %is_below = arith.cmpf olt, %above, %high : vector<32xf32>
  %within = arith.select %is_below, %above, %high : vector<32xi1>, vector<32xf32>
  %code = llvm.intr.lrint(%within) : (vector<32xf32>) -> vector<32xi32>
  %sum = arith.addi %code, %wide overflow<nsw> : vector<32xi32>
  %y = arith.trunci %sum : vector<32xi32> to vector<32xi8>
  return %y : vector<32xi8>
}
