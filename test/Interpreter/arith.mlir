// RUN: ptq-opt %s --ptq-fold-constants | FileCheck %s

// Every op is evaluated by the interpreter and printed as a constant.

// Integers wrap around, at odd widths as well.
// CHECK-LABEL: @add
// CHECK-DAG: dense<[-128, 0]> : tensor<2xi8>
// CHECK-DAG: dense<[-8, 0]> : tensor<2xi4>
// CHECK-DAG: dense<[false, true]> : tensor<2xi1>
func.func @add() -> (tensor<2xi8>, tensor<2xi4>, tensor<2xi1>) {
  %a = arith.constant dense<[127, -1]> : tensor<2xi8>
  %b = arith.constant dense<1> : tensor<2xi8>
  %0 = arith.addi %a, %b : tensor<2xi8>
  %c = arith.constant dense<[7, -1]> : tensor<2xi4>
  %d = arith.constant dense<1> : tensor<2xi4>
  %1 = arith.addi %c, %d : tensor<2xi4>
  %e = arith.constant dense<[true, false]> : tensor<2xi1>
  %f = arith.constant dense<true> : tensor<2xi1>
  %2 = arith.addi %e, %f : tensor<2xi1>
  return %0, %1, %2 : tensor<2xi8>, tensor<2xi4>, tensor<2xi1>
}

// CHECK-LABEL: @multiply_subtract
// CHECK-DAG: dense<[-2, -2147483648]> : tensor<2xi32>
// CHECK-DAG: dense<[2147483647, 0]> : tensor<2xi32>
func.func @multiply_subtract() -> (tensor<2xi32>, tensor<2xi32>) {
  %a = arith.constant dense<[2147483647, -2147483648]> : tensor<2xi32>
  %b = arith.constant dense<[2, 1]> : tensor<2xi32>
  %0 = arith.muli %a, %b : tensor<2xi32>
  %c = arith.constant dense<[-2147483648, 5]> : tensor<2xi32>
  %d = arith.constant dense<[1, 5]> : tensor<2xi32>
  %1 = arith.subi %c, %d : tensor<2xi32>
  return %0, %1 : tensor<2xi32>, tensor<2xi32>
}

// CHECK-LABEL: @divisions
// CHECK-DAG: dense<[-3, 3, -3, 3]> : tensor<4xi32>
// CHECK-DAG: dense<[-4, 3, -4, 3]> : tensor<4xi32>
// CHECK-DAG: dense<[-3, 4, -3, 4]> : tensor<4xi32>
// CHECK-DAG: dense<[-1, 1, 1, -1]> : tensor<4xi32>
// CHECK-DAG: dense<[2147483644, 3]> : tensor<2xi32>
// CHECK-DAG: dense<[2147483645, 4]> : tensor<2xi32>
// CHECK-DAG: dense<[1, 2]> : tensor<2xi32>
func.func @divisions() -> (tensor<4xi32>, tensor<4xi32>, tensor<4xi32>,
    tensor<4xi32>, tensor<2xi32>, tensor<2xi32>, tensor<2xi32>) {
  %a = arith.constant dense<[-7, 7, 7, -7]> : tensor<4xi32>
  %b = arith.constant dense<[2, 2, -2, -2]> : tensor<4xi32>
  %0 = arith.divsi %a, %b : tensor<4xi32>
  %1 = arith.floordivsi %a, %b : tensor<4xi32>
  %2 = arith.ceildivsi %a, %b : tensor<4xi32>
  %3 = arith.remsi %a, %b : tensor<4xi32>
  %c = arith.constant dense<[-7, 11]> : tensor<2xi32>
  %d = arith.constant dense<[2, 3]> : tensor<2xi32>
  %4 = arith.divui %c, %d : tensor<2xi32>
  %5 = arith.ceildivui %c, %d : tensor<2xi32>
  %6 = arith.remui %c, %d : tensor<2xi32>
  return %0, %1, %2, %3, %4, %5, %6 : tensor<4xi32>, tensor<4xi32>,
    tensor<4xi32>, tensor<4xi32>, tensor<2xi32>, tensor<2xi32>, tensor<2xi32>
}

// Shifts by the width or more shift everything out.
// CHECK-LABEL: @shifts
// CHECK-DAG: dense<[2, -128, 0]> : tensor<3xi8>
// CHECK-DAG: dense<[64, 1, 0]> : tensor<3xi8>
// CHECK-DAG: dense<[-64, -1, -1]> : tensor<3xi8>
func.func @shifts() -> (tensor<3xi8>, tensor<3xi8>, tensor<3xi8>) {
  %one = arith.constant dense<1> : tensor<3xi8>
  %min = arith.constant dense<-128> : tensor<3xi8>
  %by = arith.constant dense<[1, 7, 8]> : tensor<3xi8>
  %0 = arith.shli %one, %by : tensor<3xi8>
  %1 = arith.shrui %min, %by : tensor<3xi8>
  %2 = arith.shrsi %min, %by : tensor<3xi8>
  return %0, %1, %2 : tensor<3xi8>, tensor<3xi8>, tensor<3xi8>
}

// CHECK-LABEL: @bits
// CHECK-DAG: dense<8> : tensor<1xi8>
// CHECK-DAG: dense<14> : tensor<1xi8>
// CHECK-DAG: dense<6> : tensor<1xi8>
func.func @bits() -> (tensor<1xi8>, tensor<1xi8>, tensor<1xi8>) {
  %a = arith.constant dense<12> : tensor<1xi8>
  %b = arith.constant dense<10> : tensor<1xi8>
  %0 = arith.andi %a, %b : tensor<1xi8>
  %1 = arith.ori %a, %b : tensor<1xi8>
  %2 = arith.xori %a, %b : tensor<1xi8>
  return %0, %1, %2 : tensor<1xi8>, tensor<1xi8>, tensor<1xi8>
}

// i1 is read as 0 or -1 where it is signed.
// CHECK-LABEL: @extrema
// CHECK-DAG: dense<[1, -1]> : tensor<2xi4>
// CHECK-DAG: dense<-8> : tensor<2xi4>
// CHECK-DAG: dense<[-8, -1]> : tensor<2xi4>
// CHECK-DAG: dense<[1, -8]> : tensor<2xi4>
// CHECK-DAG: dense<[false, true]> : tensor<2xi1>
func.func @extrema() -> (tensor<2xi4>, tensor<2xi4>, tensor<2xi4>, tensor<2xi4>,
    tensor<2xi1>) {
  %a = arith.constant dense<[1, -1]> : tensor<2xi4>
  %b = arith.constant dense<-8> : tensor<2xi4>
  %0 = arith.maxsi %a, %b : tensor<2xi4>
  %1 = arith.minsi %a, %b : tensor<2xi4>
  %2 = arith.maxui %a, %b : tensor<2xi4>
  %3 = arith.minui %a, %b : tensor<2xi4>
  %t = arith.constant dense<true> : tensor<2xi1>
  %c = arith.constant dense<[false, true]> : tensor<2xi1>
  %4 = arith.maxsi %t, %c : tensor<2xi1>
  return %0, %1, %2, %3, %4 : tensor<2xi4>, tensor<2xi4>, tensor<2xi4>,
    tensor<2xi4>, tensor<2xi1>
}

// CHECK-LABEL: @compare_integers
// CHECK-DAG: dense<[true, false, false]> : tensor<3xi1>
// CHECK-DAG: dense<[false, true, true]> : tensor<3xi1>
// CHECK-DAG: dense<[true, false, true]> : tensor<3xi1>
// CHECK-DAG: dense<[true, true, false]> : tensor<3xi1>
func.func @compare_integers() -> (tensor<3xi1>, tensor<3xi1>, tensor<3xi1>,
    tensor<3xi1>) {
  %a = arith.constant dense<[-1, 5, 6]> : tensor<3xi16>
  %b = arith.constant dense<[1, 5, 5]> : tensor<3xi16>
  %0 = arith.cmpi slt, %a, %b : tensor<3xi16>
  %1 = arith.cmpi sge, %a, %b : tensor<3xi16>
  %d = arith.constant dense<[1, 5, 5]> : tensor<3xi16>
  %e = arith.constant dense<[5, 5, -1]> : tensor<3xi16>
  %2 = arith.cmpi ult, %d, %e : tensor<3xi16>
  %n = arith.constant dense<[-1, -1, 0]> : tensor<3xi16>
  %o = arith.constant dense<[0, 3, 0]> : tensor<3xi16>
  %3 = arith.cmpi ugt, %n, %o : tensor<3xi16>
  return %0, %1, %2, %3 : tensor<3xi1>, tensor<3xi1>, tensor<3xi1>, tensor<3xi1>
}

// NaN compares unordered, with itself as well.
// CHECK-LABEL: @compare_floats
// CHECK-DAG: dense<[true, false, false, false]> : tensor<4xi1>
// CHECK-DAG: dense<[true, false, false, true]> : tensor<4xi1>
// CHECK-DAG: dense<[false, false, false, true]> : tensor<4xi1>
// CHECK-DAG: dense<[false, true, true, false]> : tensor<4xi1>
func.func @compare_floats() -> (tensor<4xi1>, tensor<4xi1>, tensor<4xi1>,
    tensor<4xi1>) {
  %a = arith.constant dense<[0.0, 1.0, 2.0, 0x7FC00000]> : tensor<4xf32>
  %b = arith.constant dense<[-0.0, 2.0, 1.0, 0x7FC00000]> : tensor<4xf32>
  %0 = arith.cmpf oeq, %a, %b : tensor<4xf32>
  %1 = arith.cmpf ueq, %a, %b : tensor<4xf32>
  %2 = arith.cmpf uno, %a, %b : tensor<4xf32>
  %3 = arith.cmpf one, %a, %b : tensor<4xf32>
  return %0, %1, %2, %3 : tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>
}

// Every predicate on (0, 0), (2, 1), (1, 2) and (1, NaN).
// CHECK-LABEL: @predicates
// CHECK-NEXT: %[[FALSE:.*]] = arith.constant dense<false> : tensor<4xi1>
// CHECK-NEXT: dense<[true, false, false, false]>
// CHECK-NEXT: dense<[false, true, false, false]>
// CHECK-NEXT: dense<[true, true, false, false]>
// CHECK-NEXT: dense<[false, false, true, false]>
// CHECK-NEXT: dense<[true, false, true, false]>
// CHECK-NEXT: dense<[false, true, true, false]>
// CHECK-NEXT: dense<[true, true, true, false]>
// CHECK-NEXT: dense<[true, false, false, true]>
// CHECK-NEXT: dense<[false, true, false, true]>
// CHECK-NEXT: dense<[true, true, false, true]>
// CHECK-NEXT: dense<[false, false, true, true]>
// CHECK-NEXT: dense<[true, false, true, true]>
// CHECK-NEXT: dense<[false, true, true, true]>
// CHECK-NEXT: dense<[false, false, false, true]>
// CHECK-NEXT: dense<true>
func.func @predicates() -> (
    tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>,
    tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>) {
  %a = arith.constant dense<[0.0, 2.0, 1.0, 1.0]> : tensor<4xf32>
  %b = arith.constant dense<[-0.0, 1.0, 2.0, 0x7FC00000]> : tensor<4xf32>
  %0 = arith.cmpf false, %a, %b : tensor<4xf32>
  %1 = arith.cmpf oeq, %a, %b : tensor<4xf32>
  %2 = arith.cmpf ogt, %a, %b : tensor<4xf32>
  %3 = arith.cmpf oge, %a, %b : tensor<4xf32>
  %4 = arith.cmpf olt, %a, %b : tensor<4xf32>
  %5 = arith.cmpf ole, %a, %b : tensor<4xf32>
  %6 = arith.cmpf one, %a, %b : tensor<4xf32>
  %7 = arith.cmpf ord, %a, %b : tensor<4xf32>
  %8 = arith.cmpf ueq, %a, %b : tensor<4xf32>
  %9 = arith.cmpf ugt, %a, %b : tensor<4xf32>
  %10 = arith.cmpf uge, %a, %b : tensor<4xf32>
  %11 = arith.cmpf ult, %a, %b : tensor<4xf32>
  %12 = arith.cmpf ule, %a, %b : tensor<4xf32>
  %13 = arith.cmpf une, %a, %b : tensor<4xf32>
  %14 = arith.cmpf uno, %a, %b : tensor<4xf32>
  %15 = arith.cmpf true, %a, %b : tensor<4xf32>
  return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15 :
    tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>,
    tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>
}

// maximumf gives NaN where either is NaN and orders zeros; maxnumf gives the
// number.
// CHECK-LABEL: @float_extrema
// CHECK-DAG: dense<[0.000000e+00, 0x7FC00000, 0x7FC00000, 2.000000e+00]> : tensor<4xf32>
// CHECK-DAG: dense<[-0.000000e+00, 0x7FC00000, 0x7FC00000, 1.000000e+00]> : tensor<4xf32>
// CHECK-DAG: dense<[0.000000e+00, 1.000000e+00, 1.000000e+00, 2.000000e+00]> : tensor<4xf32>
// CHECK-DAG: dense<[-0.000000e+00, 1.000000e+00, 1.000000e+00, 1.000000e+00]> : tensor<4xf32>
func.func @float_extrema() -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>,
    tensor<4xf32>) {
  %a = arith.constant dense<[0.0, 0x7FC00000, 1.0, 1.0]> : tensor<4xf32>
  %b = arith.constant dense<[-0.0, 1.0, 0x7FC00000, 2.0]> : tensor<4xf32>
  %0 = arith.maximumf %a, %b : tensor<4xf32>
  %1 = arith.minimumf %b, %a : tensor<4xf32>
  %2 = arith.maxnumf %b, %a : tensor<4xf32>
  %3 = arith.minnumf %a, %b : tensor<4xf32>
  return %0, %1, %2, %3 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>,
    tensor<4xf32>
}

// f16 and bf16 are rounded after every operation: 2048 + 1 is a tie in f16.
// CHECK-LABEL: @half
// CHECK-DAG: dense<[2.048000e+03, 2.052000e+03, 0x7C00, 5.960460e-08]> : tensor<4xf16>
// CHECK-DAG: dense<[2.560000e+02, 1.000000e+00]> : tensor<2xbf16>
func.func @half() -> (tensor<4xf16>, tensor<2xbf16>) {
  %a = arith.constant dense<[2048.0, 2050.0, 65504.0, 5.96e-8]> : tensor<4xf16>
  %b = arith.constant dense<[1.0, 1.0, 65504.0, 0.0]> : tensor<4xf16>
  %0 = arith.addf %a, %b : tensor<4xf16>
  %c = arith.constant dense<[256.0, 1.0]> : tensor<2xbf16>
  %d = arith.constant dense<[1.0, 0.00390625]> : tensor<2xbf16>
  %1 = arith.addf %c, %d : tensor<2xbf16>
  return %0, %1 : tensor<4xf16>, tensor<2xbf16>
}

// A product and a sum round twice.
// CHECK-LABEL: @float_arithmetic
// CHECK-DAG: dense<0.000000e+00> : tensor<1xf32>
// CHECK-DAG: dense<[0x7F800000, 0xFF800000, 0x7FC00000]> : tensor<3xf32>
// CHECK-DAG: dense<[1.000000e+00, -1.000000e+00]> : tensor<2xf32>
// CHECK-DAG: dense<-1.500000e+00> : tensor<1xf64>
func.func @float_arithmetic() -> (tensor<1xf32>, tensor<3xf32>, tensor<2xf32>,
    tensor<1xf64>) {
  %a = arith.constant dense<1.00000012> : tensor<1xf32>
  %b = arith.constant dense<-1.00000024> : tensor<1xf32>
  %p = arith.mulf %a, %a : tensor<1xf32>
  %0 = arith.addf %p, %b : tensor<1xf32>
  %n = arith.constant dense<[1.0, -1.0, 0.0]> : tensor<3xf32>
  %z = arith.constant dense<0.0> : tensor<3xf32>
  %q = arith.divf %n, %z : tensor<3xf32>
  %nan = arith.constant dense<0x7FC00000> : tensor<3xf32>
  %isnan = arith.cmpf uno, %q, %q : tensor<3xf32>
  %1 = arith.select %isnan, %nan, %q : tensor<3xi1>, tensor<3xf32>
  %c = arith.constant dense<[7.0, -7.0]> : tensor<2xf32>
  %d = arith.constant dense<[2.0, 3.0]> : tensor<2xf32>
  %2 = arith.remf %c, %d : tensor<2xf32>
  %e = arith.constant dense<1.5> : tensor<1xf64>
  %3 = arith.negf %e : tensor<1xf64>
  return %0, %1, %2, %3 : tensor<1xf32>, tensor<3xf32>, tensor<2xf32>,
    tensor<1xf64>
}

// CHECK-LABEL: @select
// CHECK-DAG: dense<[1, 4]> : tensor<2xi8>
// CHECK-DAG: dense<[3, 4]> : tensor<2xi8>
// CHECK-DAG: dense<[1.500000e+00, 4.000000e+00]> : tensor<2xf16>
func.func @select() -> (tensor<2xi8>, tensor<2xi8>, tensor<2xf16>) {
  %c = arith.constant dense<[true, false]> : tensor<2xi1>
  %no = arith.constant false
  %a = arith.constant dense<[1, 2]> : tensor<2xi8>
  %b = arith.constant dense<[3, 4]> : tensor<2xi8>
  %0 = arith.select %c, %a, %b : tensor<2xi1>, tensor<2xi8>
  %1 = arith.select %no, %a, %b : tensor<2xi8>
  %d = arith.constant dense<[1.5, 2.0]> : tensor<2xf16>
  %e = arith.constant dense<[3.0, 4.0]> : tensor<2xf16>
  %2 = arith.select %c, %d, %e : tensor<2xi1>, tensor<2xf16>
  return %0, %1, %2 : tensor<2xi8>, tensor<2xi8>, tensor<2xf16>
}

// CHECK-LABEL: @integer_conversions
// CHECK-DAG: dense<[-1, 7, -8]> : tensor<3xi32>
// CHECK-DAG: dense<[15, 7, 8]> : tensor<3xi32>
// CHECK-DAG: dense<[-1, 0]> : tensor<2xi8>
// CHECK-DAG: dense<[1, 0]> : tensor<2xi8>
// CHECK-DAG: dense<[-1, -8]> : tensor<2xi4>
// CHECK-DAG: dense<[-1, 5]> : tensor<2xindex>
// CHECK-DAG: dense<[255, 5]> : tensor<2xindex>
func.func @integer_conversions() -> (tensor<3xi32>, tensor<3xi32>, tensor<2xi8>,
    tensor<2xi8>, tensor<2xi4>, tensor<2xindex>, tensor<2xindex>) {
  %a = arith.constant dense<[-1, 7, -8]> : tensor<3xi4>
  %0 = arith.extsi %a : tensor<3xi4> to tensor<3xi32>
  %1 = arith.extui %a : tensor<3xi4> to tensor<3xi32>
  %b = arith.constant dense<[true, false]> : tensor<2xi1>
  %2 = arith.extsi %b : tensor<2xi1> to tensor<2xi8>
  %3 = arith.extui %b : tensor<2xi1> to tensor<2xi8>
  %c = arith.constant dense<[255, 24]> : tensor<2xi32>
  %4 = arith.trunci %c : tensor<2xi32> to tensor<2xi4>
  %d = arith.constant dense<[-1, 5]> : tensor<2xi8>
  %5 = arith.index_cast %d : tensor<2xi8> to tensor<2xindex>
  %6 = arith.index_castui %d : tensor<2xi8> to tensor<2xindex>
  return %0, %1, %2, %3, %4, %5, %6 : tensor<3xi32>, tensor<3xi32>,
    tensor<2xi8>, tensor<2xi8>, tensor<2xi4>, tensor<2xindex>, tensor<2xindex>
}

// Out of range saturates and NaN is 0, where arith leaves it open.
// CHECK-LABEL: @float_to_integer
// CHECK-DAG: dense<[1, -1, 127, -128, 0]> : tensor<5xi8>
// CHECK-DAG: dense<[1, 0, -1, 0, 0]> : tensor<5xi8>
// CHECK-DAG: dense<[2147483647, -2147483648]> : tensor<2xi32>
// CHECK-DAG: dense<[9223372036854775807, -9223372036854775808]> : tensor<2xi64>
func.func @float_to_integer() -> (tensor<5xi8>, tensor<5xi8>, tensor<2xi32>,
    tensor<2xi64>) {
  %a = arith.constant dense<[1.9, -1.9, 300.0, -300.0, 0x7FC00000]> : tensor<5xf32>
  %0 = arith.fptosi %a : tensor<5xf32> to tensor<5xi8>
  %1 = arith.fptoui %a : tensor<5xf32> to tensor<5xi8>
  %b = arith.constant dense<[0x7F800000, 0xFF800000]> : tensor<2xf32>
  %2 = arith.fptosi %b : tensor<2xf32> to tensor<2xi32>
  %3 = arith.fptosi %b : tensor<2xf32> to tensor<2xi64>
  return %0, %1, %2, %3 : tensor<5xi8>, tensor<5xi8>, tensor<2xi32>,
    tensor<2xi64>
}

// 16777217 is a tie in f32; an f64 is rounded to f16 once, not twice.
// CHECK-LABEL: @to_float
// CHECK-DAG: dense<[1266679808, -1082130432]> : tensor<2xi32>
// CHECK-DAG: dense<[2.550000e+02, 1.000000e+00]> : tensor<2xf32>
// CHECK-DAG: dense<[-1.000000e+00, 0.000000e+00]> : tensor<2xf32>
// CHECK-DAG: dense<1.000980e+00> : tensor<1xf16>
// CHECK-DAG: dense<1.500000e+00> : tensor<1xf64>
func.func @to_float() -> (tensor<2xi32>, tensor<2xf32>, tensor<2xf32>,
    tensor<1xf16>, tensor<1xf64>) {
  %a = arith.constant dense<[16777217, -1]> : tensor<2xi32>
  %f = arith.sitofp %a : tensor<2xi32> to tensor<2xf32>
  %0 = arith.bitcast %f : tensor<2xf32> to tensor<2xi32>
  %b = arith.constant dense<[-1, 1]> : tensor<2xi8>
  %1 = arith.uitofp %b : tensor<2xi8> to tensor<2xf32>
  %c = arith.constant dense<[true, false]> : tensor<2xi1>
  %2 = arith.sitofp %c : tensor<2xi1> to tensor<2xf32>
  %d = arith.constant dense<1.000488281250001> : tensor<1xf64>
  %3 = arith.truncf %d : tensor<1xf64> to tensor<1xf16>
  %e = arith.constant dense<1.5> : tensor<1xbf16>
  %4 = arith.extf %e : tensor<1xbf16> to tensor<1xf64>
  return %0, %1, %2, %3, %4 : tensor<2xi32>, tensor<2xf32>, tensor<2xf32>,
    tensor<1xf16>, tensor<1xf64>
}
