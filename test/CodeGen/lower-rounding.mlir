// RUN: ptq-opt %s -ptq-lower-rounding=cpu=x86-64 | FileCheck %s
// RUN: ptq-opt %s -ptq-lower-rounding=cpu=cortex-a53 | FileCheck %s --check-prefix=OTHER

// CHECK-LABEL: func.func @quantize(
// CHECK-SAME: %[[X:.*]]: vector<16xf32>
// CHECK-NOT: math.roundeven
// CHECK: %[[P:.*]] = arith.cmpf ogt, %[[X]], %[[LOW:.*]] :
// CHECK: %[[S:.*]] = arith.select %[[P]], %[[X]], %[[LOW]]
// CHECK: %[[T:.*]] = arith.select %{{.*}}, %[[S]], %{{.*}}
// CHECK: llvm.intr.lrint(%[[T]])
// OTHER-LABEL: func.func @quantize(
// OTHER: math.roundeven
// OTHER-NOT: lrint
func.func @quantize(%x: vector<16xf32>) -> vector<16xi32> {
  %low = arith.constant dense<-125.0> : vector<16xf32>
  %high = arith.constant dense<130.0> : vector<16xf32>
  %r = math.roundeven %x : vector<16xf32>
  %p = arith.cmpf ogt, %r, %low : vector<16xf32>
  %s = arith.select %p, %r, %low : vector<16xi1>, vector<16xf32>
  %q = arith.cmpf olt, %s, %high : vector<16xf32>
  %t = arith.select %q, %s, %high : vector<16xi1>, vector<16xf32>
  %i = arith.fptosi %t : vector<16xf32> to vector<16xi32>
  return %i : vector<16xi32>
}

// Bounds that have been integers are, whatever they are.

// CHECK-LABEL: func.func @bounds_of_the_call(
// CHECK-SAME: %[[X:.*]]: vector<16xf32>
// CHECK-NOT: math.roundeven
// CHECK: %[[LOW:.*]] = arith.sitofp
// CHECK: arith.cmpf ogt, %[[X]], %[[LOW]]
// CHECK: llvm.intr.lrint
func.func @bounds_of_the_call(%x: vector<16xf32>, %bound: vector<16xi32>) -> vector<16xi32> {
  %low = arith.sitofp %bound : vector<16xi32> to vector<16xf32>
  %r = math.roundeven %x : vector<16xf32>
  %p = arith.cmpf ogt, %r, %low : vector<16xf32>
  %s = arith.select %p, %r, %low : vector<16xi1>, vector<16xf32>
  %i = arith.fptosi %s : vector<16xf32> to vector<16xi32>
  return %i : vector<16xi32>
}

// A bound between two integers could be what rounding decides about.

// CHECK-LABEL: func.func @fraction(
// CHECK: math.roundeven
// CHECK: arith.select
// CHECK: arith.fptosi
func.func @fraction(%x: f32) -> i32 {
  %low = arith.constant -1.5 : f32
  %r = math.roundeven %x : f32
  %p = arith.cmpf ogt, %r, %low : f32
  %s = arith.select %p, %r, %low : f32
  %i = arith.fptosi %s : f32 to i32
  return %i : i32
}

// An unordered comparison keeps a NaN, which cannot be converted either way.

// CHECK-LABEL: func.func @unordered(
// CHECK: math.roundeven
// CHECK: arith.cmpf ugt
func.func @unordered(%x: f32) -> i32 {
  %low = arith.constant -1.0 : f32
  %r = math.roundeven %x : f32
  %p = arith.cmpf ugt, %r, %low : f32
  %s = arith.select %p, %r, %low : f32
  %i = arith.fptosi %s : f32 to i32
  return %i : i32
}

// Only f32 to i32 is known to be one instruction.

// CHECK-LABEL: func.func @wide(
// CHECK: math.roundeven
// CHECK: arith.fptosi
func.func @wide(%x: f64) -> i64 {
  %r = math.roundeven %x : f64
  %i = arith.fptosi %r : f64 to i64
  return %i : i64
}
