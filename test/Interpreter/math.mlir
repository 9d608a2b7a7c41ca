// RUN: ptq-opt %s --ptq-fold-constants | FileCheck %s

// CHECK-LABEL: @rounding
// CHECK-DAG: dense<[0.000000e+00, 2.000000e+00, 2.000000e+00, -2.000000e+00, 0x4B000001]> : tensor<5xf32>
// CHECK-DAG: dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, -3.000000e+00, 0x4B000001]> : tensor<5xf32>
// CHECK-DAG: dense<[0.000000e+00, 1.000000e+00, 2.000000e+00, -3.000000e+00, 0x4B000001]> : tensor<5xf32>
// CHECK-DAG: dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, -2.000000e+00, 0x4B000001]> : tensor<5xf32>
// CHECK-DAG: dense<[0.000000e+00, 1.000000e+00, 2.000000e+00, -2.000000e+00, 0x4B000001]> : tensor<5xf32>
func.func @rounding() -> (tensor<5xf32>, tensor<5xf32>, tensor<5xf32>,
    tensor<5xf32>, tensor<5xf32>) {
  %a = arith.constant dense<[0.5, 1.5, 2.5, -2.5, 0x4B000001]> : tensor<5xf32>
  %0 = math.roundeven %a : tensor<5xf32>
  %1 = math.round %a : tensor<5xf32>
  %2 = math.floor %a : tensor<5xf32>
  %3 = math.ceil %a : tensor<5xf32>
  %4 = math.trunc %a : tensor<5xf32>
  return %0, %1, %2, %3, %4 : tensor<5xf32>, tensor<5xf32>, tensor<5xf32>,
    tensor<5xf32>, tensor<5xf32>
}

// Infinities and NaN stay what they are, and so does the sign of zero.
// CHECK-LABEL: @roundeven_special
// CHECK: dense<[0x7F800000, 0xFF800000, 0x7FC00000, -0.000000e+00, -0.000000e+00]> : tensor<5xf32>
func.func @roundeven_special() -> tensor<5xf32> {
  %a = arith.constant dense<[0x7F800000, 0xFF800000, 0x7FC00000, -0.0, -0.5]> : tensor<5xf32>
  %0 = math.roundeven %a : tensor<5xf32>
  return %0 : tensor<5xf32>
}

// CHECK-LABEL: @exact
// CHECK-DAG: dense<[0.000000e+00, 3.000000e+00]> : tensor<2xf32>
// CHECK-DAG: dense<[5.000000e-01, 0x7F800000]> : tensor<2xf32>
// CHECK-DAG: dense<[1.000000e+00, 8.000000e+00]> : tensor<2xf32>
// CHECK-DAG: dense<[8.000000e+00, 2.500000e-01]> : tensor<2xf32>
// CHECK-DAG: dense<[0.000000e+00, 2.000000e+00]> : tensor<2xf32>
// CHECK-DAG: dense<[1.500000e+00, 2.000000e+00]> : tensor<2xf32>
// CHECK-DAG: dense<[-1.500000e+00, 2.000000e+00]> : tensor<2xf32>
func.func @exact() -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>,
    tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) {
  %a = arith.constant dense<[0.0, 9.0]> : tensor<2xf32>
  %0 = math.sqrt %a : tensor<2xf32>
  %b = arith.constant dense<[4.0, 0.0]> : tensor<2xf32>
  %1 = math.rsqrt %b : tensor<2xf32>
  %c = arith.constant dense<[0.0, 3.0]> : tensor<2xf32>
  %2 = math.exp2 %c : tensor<2xf32>
  %d = arith.constant dense<[2.0, -2.0]> : tensor<2xf32>
  %e = arith.constant dense<[3.0, -2.0]> : tensor<2xf32>
  %3 = math.powf %d, %e : tensor<2xf32>
  %f = arith.constant dense<[1.0, 4.0]> : tensor<2xf32>
  %4 = math.log2 %f : tensor<2xf32>
  %g = arith.constant dense<[-1.5, 2.0]> : tensor<2xf32>
  %5 = math.absf %g : tensor<2xf32>
  %h = arith.constant dense<[-0.0, 1.0]> : tensor<2xf32>
  %6 = math.copysign %5, %h : tensor<2xf32>
  return %0, %1, %2, %3, %4, %5, %6 : tensor<2xf32>, tensor<2xf32>,
    tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
}

// A fused product and sum rounds once; the pair of ops rounds to 0.
// CHECK-LABEL: @fma
// CHECK: dense<1.42108547E-14> : tensor<1xf32>
func.func @fma() -> tensor<1xf32> {
  %a = arith.constant dense<1.00000012> : tensor<1xf32>
  %b = arith.constant dense<-1.00000024> : tensor<1xf32>
  %0 = math.fma %a, %a, %b : tensor<1xf32>
  return %0 : tensor<1xf32>
}

// CHECK-LABEL: @transcendental
// CHECK-DAG: dense<[1.000000e+00, 2.7182{{[0-9]*}}, 0.000000e+00, 0x7F800000]> : tensor<4xf32>
// CHECK-DAG: dense<[0.000000e+00, 0x{{FF800000}}, 0.6931{{[0-9]*}}]> : tensor<3xf32>
// CHECK-DAG: dense<[0.000000e+00, 1.000000e+00, -1.000000e+00]> : tensor<3xf32>
// CHECK-DAG: dense<[0.000000e+00, 0.8427{{[0-9]*}}, -1.000000e+00]> : tensor<3xf32>
// CHECK-DAG: dense<[0.000000e+00, 0.8414{{[0-9]*}}]> : tensor<2xf32>
// CHECK-DAG: dense<[1.000000e+00, 0.5403{{[0-9]*}}]> : tensor<2xf32>
func.func @transcendental() -> (tensor<4xf32>, tensor<3xf32>, tensor<3xf32>,
    tensor<3xf32>, tensor<2xf32>, tensor<2xf32>) {
  %a = arith.constant dense<[0.0, 1.0, 0xFF800000, 200.0]> : tensor<4xf32>
  %0 = math.exp %a : tensor<4xf32>
  %b = arith.constant dense<[1.0, 0.0, 2.0]> : tensor<3xf32>
  %1 = math.log %b : tensor<3xf32>
  %c = arith.constant dense<[0.0, 20.0, -20.0]> : tensor<3xf32>
  %2 = math.tanh %c : tensor<3xf32>
  %d = arith.constant dense<[0.0, 1.0, -20.0]> : tensor<3xf32>
  %3 = math.erf %d : tensor<3xf32>
  %e = arith.constant dense<[0.0, 1.0]> : tensor<2xf32>
  %4 = math.sin %e : tensor<2xf32>
  %5 = math.cos %e : tensor<2xf32>
  return %0, %1, %2, %3, %4, %5 : tensor<4xf32>, tensor<3xf32>, tensor<3xf32>,
    tensor<3xf32>, tensor<2xf32>, tensor<2xf32>
}

// CHECK-LABEL: @classes
// CHECK-DAG: dense<[true, false, false, false]> : tensor<4xi1>
// CHECK-DAG: dense<[false, true, false, false]> : tensor<4xi1>
// CHECK-DAG: dense<[false, false, true, true]> : tensor<4xi1>
// CHECK-DAG: dense<[false, false, true, false]> : tensor<4xi1>
func.func @classes() -> (tensor<4xi1>, tensor<4xi1>, tensor<4xi1>,
    tensor<4xi1>) {
  %a = arith.constant dense<[0x7FC00000, 0xFF800000, 1.0, 1.0e-40]> : tensor<4xf32>
  %0 = math.isnan %a : tensor<4xf32>
  %1 = math.isinf %a : tensor<4xf32>
  %2 = math.isfinite %a : tensor<4xf32>
  %3 = math.isnormal %a : tensor<4xf32>
  return %0, %1, %2, %3 : tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>
}

// CHECK-LABEL: @integers
// CHECK-DAG: dense<[5, -128]> : tensor<2xi8>
// CHECK-DAG: dense<[8, 3, 0]> : tensor<3xi8>
// CHECK-DAG: dense<[4, 0, 3]> : tensor<3xi4>
// CHECK-DAG: dense<[4, 1]> : tensor<2xi4>
// CHECK-DAG: dense<[-8, 1, 0]> : tensor<3xi32>
// CHECK-DAG: dense<[4.000000e+00, 2.500000e-01]> : tensor<2xf32>
func.func @integers() -> (tensor<2xi8>, tensor<3xi8>, tensor<3xi4>,
    tensor<2xi4>, tensor<3xi32>, tensor<2xf32>) {
  %a = arith.constant dense<[-5, -128]> : tensor<2xi8>
  %0 = math.absi %a : tensor<2xi8>
  %b = arith.constant dense<[0, 16, -1]> : tensor<3xi8>
  %1 = math.ctlz %b : tensor<3xi8>
  %c = arith.constant dense<[0, -1, -8]> : tensor<3xi4>
  %2 = math.cttz %c : tensor<3xi4>
  %d = arith.constant dense<[-1, 4]> : tensor<2xi4>
  %3 = math.ctpop %d : tensor<2xi4>
  %e = arith.constant dense<[-2, -1, 3]> : tensor<3xi32>
  %f = arith.constant dense<[3, -2, -1]> : tensor<3xi32>
  %4 = math.ipowi %e, %f : tensor<3xi32>
  %g = arith.constant dense<[2.0, 2.0]> : tensor<2xf32>
  %h = arith.constant dense<[2, -2]> : tensor<2xi32>
  %5 = math.fpowi %g, %h : tensor<2xf32>, tensor<2xi32>
  return %0, %1, %2, %3, %4, %5 : tensor<2xi8>, tensor<3xi8>, tensor<3xi4>,
    tensor<2xi4>, tensor<3xi32>, tensor<2xf32>
}
