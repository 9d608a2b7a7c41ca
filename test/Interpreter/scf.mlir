// RUN: ptq-opt %s -split-input-file --ptq-run-calibration=data=random | FileCheck %s

// Loops are not folded; what is seen of them is the range of an edge: the
// smallest and the largest of the value.

// 1 + 2 + 3 from 5 on, in a loop that carries its sum.
// CHECK: name("for") {{.*}}max = [1.100000e+01],
func.func @forward(%x: tensor<1xf32>) -> tensor<1xf32> {
  %from = arith.constant 1 : index
  %to = arith.constant 4 : index
  %five = arith.constant dense<5.0> : tensor<1xf32>
  %r = scf.for %i = %from to %to step %from iter_args(%s = %five) -> tensor<1xf32> {
    %j = arith.index_cast %i : index to i32
    %f = arith.sitofp %j : i32 to f32
    %t = tensor.from_elements %f : tensor<1xf32>
    %n = arith.addf %s, %t : tensor<1xf32>
    scf.yield %n : tensor<1xf32>
  }
  %o = ptq.observe %r name("for") encoding(<i8, asymmetric>) : tensor<1xf32>
  return %o : tensor<1xf32>
}

// -----

// No trips, 7 up to the largest i8, and 1 and 128 below an unsigned 255.
// CHECK: name("trips") {{.*}}max = [4.070000e+02],
func.func @forward(%x: tensor<1xf32>) -> tensor<1xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %hundred = arith.constant 100.0 : f32
  %i0 = arith.constant 0 : index
  %i1 = arith.constant 1 : index
  %a = scf.for %i = %i1 to %i0 step %i1 iter_args(%s = %zero) -> f32 {
    %n = arith.addf %s, %one : f32
    scf.yield %n : f32
  }
  %from = arith.constant 120 : i8
  %to = arith.constant 127 : i8
  %by = arith.constant 1 : i8
  %b = scf.for %i = %from to %to step %by iter_args(%s = %a) -> f32 : i8 {
    %n = arith.addf %s, %one : f32
    scf.yield %n : f32
  }
  %low = arith.constant -1 : i8
  %high = arith.constant 127 : i8
  %two = arith.constant 1 : i8
  %c = scf.for unsigned %i = %two to %low step %high iter_args(%s = %b) -> f32 : i8 {
    %n = arith.addf %s, %hundred : f32
    %m = arith.addf %n, %hundred : f32
    scf.yield %m : f32
  }
  %t = tensor.from_elements %c : tensor<1xf32>
  %o = ptq.observe %t name("trips") encoding(<i8, asymmetric>) : tensor<1xf32>
  return %o : tensor<1xf32>
}

// -----

// CHECK: name("while") {{.*}}max = [1.280000e+02],
func.func @forward(%x: tensor<1xf32>) -> tensor<1xf32> {
  %one = arith.constant 1.0 : f32
  %limit = arith.constant 100.0 : f32
  %r = scf.while (%a = %one) : (f32) -> f32 {
    %c = arith.cmpf olt, %a, %limit : f32
    scf.condition(%c) %a : f32
  } do {
  ^bb0(%a: f32):
    %d = arith.addf %a, %a : f32
    scf.yield %d : f32
  }
  %t = tensor.from_elements %r : tensor<1xf32>
  %o = ptq.observe %t name("while") encoding(<i8, asymmetric>) : tensor<1xf32>
  return %o : tensor<1xf32>
}

// -----

// CHECK: name("branches") {{.*}}max = [3.200000e+01],
func.func @forward(%x: tensor<1xf32>) -> tensor<1xf32> {
  %yes = arith.constant true
  %two = arith.constant 2 : index
  %one = arith.constant 1.0 : f32
  %a = scf.if %yes -> f32 {
    %c = arith.constant 2.0 : f32
    scf.yield %c : f32
  } else {
    scf.yield %one : f32
  }
  %b = scf.index_switch %two -> f32
  case 1 {
    scf.yield %one : f32
  }
  case 2 {
    %c = arith.constant 16.0 : f32
    scf.yield %c : f32
  }
  default {
    scf.yield %one : f32
  }
  %r = arith.mulf %a, %b : f32
  %t = tensor.from_elements %r : tensor<1xf32>
  %o = ptq.observe %t name("branches") encoding(<i8, asymmetric>) : tensor<1xf32>
  return %o : tensor<1xf32>
}

// -----

// Each trip inserts its part: 0, 10, 1, 11, of which the largest is seen.
// CHECK: name("forall") {{.*}}max = [1.100000e+01],
func.func @forward(%x: tensor<1xf32>) -> tensor<2x2xf32> {
  %e = tensor.empty() : tensor<2x2xf32>
  %ten = arith.constant 10 : index
  %r = scf.forall (%i, %j) in (2, 2) shared_outs(%s = %e) -> tensor<2x2xf32> {
    %k = arith.muli %j, %ten : index
    %l = arith.addi %i, %k : index
    %m = arith.index_cast %l : index to i32
    %f = arith.sitofp %m : i32 to f32
    %t = tensor.from_elements %f : tensor<1x1xf32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %t into %s[%i, %j] [1, 1] [1, 1] : tensor<1x1xf32> into tensor<2x2xf32>
    }
  }
  %o = ptq.observe %r name("forall") encoding(<i8, asymmetric>) : tensor<2x2xf32>
  return %o : tensor<2x2xf32>
}
