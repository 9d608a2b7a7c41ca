// RUN: ptq-opt %s -ptq-expand-math | FileCheck %s

// CHECK-LABEL: func.func @rsqrt
// CHECK-SAME: %[[X:.*]]: vector<4xbf16>
// CHECK: %[[WIDE:.*]] = arith.extf %[[X]] : vector<4xbf16> to vector<4xf32>
// CHECK: %[[ROOT:.*]] = math.sqrt %[[WIDE]] : vector<4xf32>
// CHECK: %[[ONE:.*]] = arith.constant dense<1.000000e+00> : vector<4xf32>
// CHECK: %[[Y:.*]] = arith.divf %[[ONE]], %[[ROOT]] : vector<4xf32>
// CHECK: arith.truncf %[[Y]] : vector<4xf32> to vector<4xbf16>
func.func @rsqrt(%x: vector<4xbf16>) -> vector<4xbf16> {
  %y = math.rsqrt %x : vector<4xbf16>
  return %y : vector<4xbf16>
}

// The exponent is rounded to an integer by an addition, which needs no
// instruction that rounds; 2^n is two factors, each of which is a number.
// CHECK-LABEL: func.func @exp
// CHECK-SAME: %[[X:.*]]: f32
// CHECK-NOT: math.
// CHECK: %[[ROUNDER:.*]] = arith.constant 0x4B400000 : f32
// CHECK: %[[SHIFTED:.*]] = arith.addf %{{.*}}, %[[ROUNDER]] : f32
// CHECK: %[[BITS:.*]] = arith.bitcast %[[SHIFTED]] : f32 to i32
// CHECK: arith.shrui
// CHECK: arith.shli
// CHECK: arith.mulf
// CHECK: arith.shli
// CHECK: %[[POWER:.*]] = arith.mulf
// CHECK: %[[Y:.*]] = arith.select %{{.*}}, %[[X]], %[[POWER]] : f32
// CHECK: return %[[Y]]
func.func @exp(%x: f32) -> f32 {
  %y = math.exp %x : f32
  return %y : f32
}

// Nothing may be fused or reordered, whatever the function allows.
// CHECK-LABEL: func.func @flags
// CHECK-NOT: math.
// CHECK-NOT: fastmath
// CHECK: return
func.func @flags(%x: vector<8xf32>) -> vector<8xf32> {
  %y = math.tanh %x fastmath<fast> : vector<8xf32>
  return %y : vector<8xf32>
}

// Scalars, halves, vectors of several dimensions, of none and of a size that
// only the processor knows.
// CHECK-LABEL: func.func @types
// CHECK-NOT: math.
// CHECK: arith.extf %{{.*}} : f16 to f32
// CHECK-NOT: math.
// CHECK: arith.truncf %{{.*}} : f32 to f16
// CHECK-NOT: math.
// CHECK: arith.mulf %{{.*}} : vector<2x3xf32>
// CHECK-NOT: math.
// CHECK: arith.mulf %{{.*}} : vector<f32>
// CHECK-NOT: math.
// CHECK: arith.mulf %{{.*}} : vector<[4]xf32>
// CHECK-NOT: math.
// CHECK: arith.mulf %{{.*}} : vector<2x[4]xf32>
// CHECK-NOT: math.
// CHECK: return
func.func @types(%a: f16, %b: vector<2x3xf32>, %c: vector<f32>,
                 %d: vector<[4]xf32>, %e: vector<2x[4]xf16>)
    -> (f16, vector<2x3xf32>, vector<f32>, vector<[4]xf32>, vector<2x[4]xf16>) {
  %0 = math.erf %a : f16
  %1 = math.exp2 %b : vector<2x3xf32>
  %2 = math.expm1 %c : vector<f32>
  %3 = math.log %d : vector<[4]xf32>
  %4 = math.log1p %e : vector<2x[4]xf16>
  return %0, %1, %2, %3, %4 : f16, vector<2x3xf32>, vector<f32>, vector<[4]xf32>, vector<2x[4]xf16>
}

// What is not computed in f32, tensors and other functions are left alone.
// CHECK-LABEL: func.func @others
// CHECK-NEXT: math.exp %{{.*}} : f64
// CHECK-NEXT: math.log %{{.*}} : vector<2xf64>
// CHECK-NEXT: math.tanh %{{.*}} : tensor<?xf32>
// CHECK-NEXT: math.erf %{{.*}} : f128
// CHECK-NEXT: math.sin %{{.*}} : vector<4xf32>
// CHECK-NEXT: return
func.func @others(%a: f64, %b: vector<2xf64>, %c: tensor<?xf32>, %d: f128, %e: vector<4xf32>)
    -> (f64, vector<2xf64>, tensor<?xf32>, f128, vector<4xf32>) {
  %0 = math.exp %a : f64
  %1 = math.log %b : vector<2xf64>
  %2 = math.tanh %c : tensor<?xf32>
  %3 = math.erf %d : f128
  %4 = math.sin %e : vector<4xf32>
  return %0, %1, %2, %3, %4 : f64, vector<2xf64>, tensor<?xf32>, f128, vector<4xf32>
}
