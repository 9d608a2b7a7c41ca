// RUN: ptq-opt %s -split-input-file -verify-diagnostics \
// RUN:   --ptq-run-calibration="data=random samples=1"

// Calibration runs each function; what cannot be evaluated is an error at the op,
// never a crash.

// Integers: no division by zero, nor of the smallest by -1.
func.func @forward(%x: tensor<1xf32>) -> tensor<1xf32> {
  %i = arith.constant dense<[1, 0]> : tensor<2xi32>
  // expected-error @+1 {{integer division by zero, or of the smallest integer by -1}}
  %d = arith.divsi %i, %i : tensor<2xi32>
  %o = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<1xf32>
  return %o : tensor<1xf32>
}

// -----

func.func @forward(%x: tensor<1xf32>) -> tensor<1xf32> {
  %i = arith.constant dense<-128> : tensor<1xi8>
  %m = arith.constant dense<-1> : tensor<1xi8>
  // expected-error @+1 {{integer division by zero, or of the smallest integer by -1}}
  %d = arith.divsi %i, %m : tensor<1xi8>
  %o = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<1xf32>
  return %o : tensor<1xf32>
}

// -----

func.func @forward(%x: tensor<1xf32>) -> tensor<1xf32> {
  %i = arith.constant 7 : i8
  %m = arith.constant 0 : i8
  // expected-error @+1 {{integer division by zero, or of the smallest integer by -1}}
  %d = arith.remui %i, %m : i8
  %o = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<1xf32>
  return %o : tensor<1xf32>
}

// -----

// Elements and slices lie inside.
func.func @forward(%x: tensor<1xf32>) -> tensor<1xf32> {
  %one = arith.constant 1 : index
  %none = arith.subi %one, %one : index
  %minus = arith.subi %none, %one : index
  // expected-error @+1 {{index -1 is out of bounds for dimension 0 of 'tensor<1xf32>'}}
  %e = tensor.extract %x[%minus] : tensor<1xf32>
  %o = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<1xf32>
  return %o : tensor<1xf32>
}

// -----

func.func @forward(%x: tensor<1xf32>) -> tensor<1xf32> {
  %one = arith.constant 1 : index
  %f = arith.constant 1.0 : f32
  // expected-error @+1 {{index 1 is out of bounds for dimension 0 of 'tensor<1xf32>'}}
  %e = tensor.insert %f into %x[%one] : tensor<1xf32>
  %o = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<1xf32>
  return %o : tensor<1xf32>
}

// -----

func.func @forward(%x: tensor<1xf32>) -> tensor<1xf32> {
  %one = arith.constant 1 : index
  // expected-error @+1 {{slice of 1 elements from 1 by 1 is out of bounds for dimension 0 of size 1}}
  %e = tensor.extract_slice %x[%one] [%one] [1] : tensor<1xf32> to tensor<?xf32>
  %o = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<1xf32>
  return %o : tensor<1xf32>
}

// -----

func.func @forward(%x: tensor<1xf32>) -> tensor<1xf32> {
  %one = arith.constant 1 : index
  %none = arith.subi %one, %one : index
  %minus = arith.subi %none, %one : index
  // expected-error @+1 {{slice of dimension 0 has offset 0 and size -1}}
  %e = tensor.extract_slice %x[0] [%minus] [1] : tensor<1xf32> to tensor<?xf32>
  %o = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<1xf32>
  return %o : tensor<1xf32>
}

// -----

func.func @forward(%x: tensor<1xf32>) -> tensor<1xf32> {
  %one = arith.constant 1 : index
  // expected-error @+1 {{slice of 1 elements from 1 by 1 is out of bounds for dimension 0 of size 1}}
  %e = tensor.insert_slice %x into %x[%one] [1] [1] : tensor<1xf32> into tensor<1xf32>
  %o = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<1xf32>
  return %o : tensor<1xf32>
}

// -----

func.func @forward(%x: tensor<1xf32>) -> tensor<1xf32> {
  %one = arith.constant 1 : index
  %two = arith.addi %one, %one : index
  // expected-error @+1 {{dimension 2 does not exist in 'tensor<1xf32>'}}
  %e = tensor.dim %x, %two : tensor<1xf32>
  %o = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<1xf32>
  return %o : tensor<1xf32>
}

// -----

// Shapes agree.
func.func @forward(%x: tensor<1xf32>) -> tensor<1xf32> {
  %one = arith.constant 1 : index
  %a = tensor.empty(%one) : tensor<?xf32>
  %two = arith.addi %one, %one : index
  %b = tensor.empty(%two) : tensor<?xf32>
  // expected-error @+1 {{operands differ in shape: 'tensor<2xf32>' and 'tensor<1xf32>'}}
  %e = arith.addf %a, %b : tensor<?xf32>
  %o = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<1xf32>
  return %o : tensor<1xf32>
}

// -----

func.func @forward(%x: tensor<1xf32>) -> tensor<1xf32> {
  %one = arith.constant 1 : index
  %two = arith.addi %one, %one : index
  %b = tensor.empty(%two) : tensor<?xf32>
  %y = tensor.cast %x : tensor<1xf32> to tensor<?xf32>
  // expected-error @+1 {{loop 0 has 1 iterations by one operand and 2 by another}}
  %e = linalg.map { math.absf } ins(%y : tensor<?xf32>) outs(%b : tensor<?xf32>)
  %o = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<1xf32>
  return %o : tensor<1xf32>
}

// -----

func.func @forward(%x: tensor<1xf32>) -> tensor<1xf32> {
  %one = arith.constant 1 : index
  %two = arith.addi %one, %one : index
  %a = tensor.empty(%two, %one) : tensor<?x?xf32>
  %b = tensor.empty(%two, %one) : tensor<?x?xf32>
  // expected-error @+1 {{loop 2 has 1 iterations by one operand and 2 by another}}
  %e = linalg.matmul ins(%a, %b : tensor<?x?xf32>, tensor<?x?xf32>) outs(%a : tensor<?x?xf32>) -> tensor<?x?xf32>
  %o = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<1xf32>
  return %o : tensor<1xf32>
}

// -----

func.func @forward(%x: tensor<1xf32>) -> tensor<1xf32> {
  %one = arith.constant 1 : index
  %two = arith.addi %one, %one : index
  %a = tensor.empty(%one, %two) : tensor<?x?xf32>
  %b = tensor.empty(%one, %one) : tensor<?x?xf32>
  // expected-error @+1 {{inputs differ in dimension 1}}
  %e = tensor.concat dim(0) %a, %b : (tensor<?x?xf32>, tensor<?x?xf32>) -> tensor<?x?xf32>
  %o = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<1xf32>
  return %o : tensor<1xf32>
}

// -----

func.func @forward(%x: tensor<1xf32>) -> tensor<1xf32> {
  %one = arith.constant 1 : index
  %two = arith.addi %one, %one : index
  %a = tensor.empty(%two) : tensor<?xf32>
  // expected-error @+1 {{result 0 has the type 'tensor<2xf32>', which does not fit 'tensor<1xf32>'}}
  %e = tensor.cast %a : tensor<?xf32> to tensor<1xf32>
  %o = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<1xf32>
  return %o : tensor<1xf32>
}

// -----

func.func @forward(%x: tensor<1xf32>) -> tensor<1xf32> {
  %one = arith.constant 1 : index
  %two = arith.addi %one, %one : index
  %y = tensor.cast %x : tensor<1xf32> to tensor<?xf32>
  // expected-error @+1 {{dimension 0 of 1 elements is expanded to 2}}
  %e = tensor.expand_shape %y [[0, 1]] output_shape [1, %two] : tensor<?xf32> into tensor<1x?xf32>
  %o = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<1xf32>
  return %o : tensor<1xf32>
}

// -----

func.func @forward(%x: tensor<1xf32>) -> tensor<1xf32> {
  %s = arith.constant dense<[2, 3]> : tensor<2xi32>
  // expected-error @+1 {{cannot reshape 'tensor<1xf32>' to 'tensor<2x3xf32>'}}
  %e = tensor.reshape %x(%s) : (tensor<1xf32>, tensor<2xi32>) -> tensor<?x?xf32>
  %o = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<1xf32>
  return %o : tensor<1xf32>
}

// -----

func.func @forward(%x: tensor<1xf32>) -> tensor<1xf32> {
  %s = arith.constant dense<[-1, -1]> : tensor<2xi64>
  // expected-error @+1 {{cannot reshape to 'tensor<-1x-1xf32>'}}
  %e = tensor.reshape %x(%s) : (tensor<1xf32>, tensor<2xi64>) -> tensor<?x?xf32>
  %o = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<1xf32>
  return %o : tensor<1xf32>
}

// -----

func.func @forward(%x: tensor<1xf32>) -> tensor<1xf32> {
  %one = arith.constant 1 : index
  %two = arith.addi %one, %one : index
  %s = tensor.empty(%two) : tensor<?xf32>
  %y = tensor.cast %x : tensor<1xf32> to tensor<?xf32>
  // expected-error @+1 {{scales 'tensor<2xf32>' do not fit data of type 'tensor<1xf32>'}}
  %e = ptq.quantize %y, %s axis 0 : tensor<?xf32>, tensor<?xf32> -> tensor<?xi8>
  %o = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<1xf32>
  return %o : tensor<1xf32>
}

// -----

// Memory there is not.
func.func @forward(%x: tensor<1xf32>) -> tensor<1xf32> {
  %s = arith.constant 1152921504606846976 : index
  // expected-error @+1 {{not enough memory for a result of type 'tensor<1152921504606846976xf32>'}}
  %e = tensor.empty(%s) : tensor<?xf32>
  %o = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<1xf32>
  return %o : tensor<1xf32>
}

// -----

func.func @forward(%x: tensor<1xf32>) -> tensor<1xf32> {
  %s = arith.constant 4294967296 : index
  // expected-error @+1 {{not enough memory for a result of type 'tensor<4294967296x4294967296xi8>'}}
  %e = tensor.empty(%s, %s) : tensor<?x?xi8>
  %o = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<1xf32>
  return %o : tensor<1xf32>
}

// -----

func.func @forward(%x: tensor<1xf32>) -> tensor<1xf32> {
  %one = arith.constant 1 : index
  %none = arith.subi %one, %one : index
  %minus = arith.subi %none, %one : index
  // expected-error @+1 {{dimension 0 of the result would be -1}}
  %e = tensor.empty(%minus) : tensor<?xi8>
  %o = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<1xf32>
  return %o : tensor<1xf32>
}

// -----

func.func @forward(%x: tensor<1xf32>) -> tensor<1xf32> {
  %one = arith.constant 1 : index
  %none = arith.subi %one, %one : index
  %minus = arith.subi %none, %one : index
  %f = arith.constant 1.0 : f32
  // expected-error @+1 {{pads dimension 0 by a negative amount}}
  %e = tensor.pad %x low[%minus] high[%minus] {
  ^bb0(%i: index):
    tensor.yield %f : f32
  } : tensor<1xf32> to tensor<?xf32>
  %o = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<1xf32>
  return %o : tensor<1xf32>
}

// -----

// Loops move on.
func.func @forward(%x: tensor<1xf32>) -> tensor<1xf32> {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %none = arith.subi %one, %one : index
  // expected-error @+1 {{needs a positive step, got 0}}
  scf.for %i = %zero to %one step %none {
  }
  %o = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<1xf32>
  return %o : tensor<1xf32>
}

// -----

func.func @forward(%x: tensor<1xf32>) -> tensor<1xf32> {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %none = arith.subi %one, %one : index
  // expected-error @+1 {{needs positive steps, got 0}}
  scf.forall (%i) = (%zero) to (%one) step (%none) {
  }
  %o = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<1xf32>
  return %o : tensor<1xf32>
}

// -----

// Calls end and have an end.
func.func private @self(%x: tensor<1xf32>) -> tensor<1xf32> {
  // expected-error @+1 {{calls nest deeper than 128: endless recursion?}}
  %e = call @self(%x) : (tensor<1xf32>) -> tensor<1xf32>
  return %e : tensor<1xf32>
}
func.func @forward(%x: tensor<1xf32>) -> tensor<1xf32> {
  %e = call @self(%x) : (tensor<1xf32>) -> tensor<1xf32>
  %o = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<1xf32>
  return %o : tensor<1xf32>
}

// -----

func.func private @outside(%x: tensor<1xf32>) -> tensor<1xf32>
func.func @forward(%x: tensor<1xf32>) -> tensor<1xf32> {
  // expected-error @+1 {{calls 'outside', which has no body}}
  %e = call @outside(%x) : (tensor<1xf32>) -> tensor<1xf32>
  %o = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<1xf32>
  return %o : tensor<1xf32>
}

// -----

// Only what there is a model for, and a representation.
func.func @forward(%x: tensor<1xf32>) -> tensor<1xf32> {
  // expected-error @+1 {{the interpreter cannot run 'bufferization.alloc_tensor': it does not implement EvaluableOpInterface}}
  %e = bufferization.alloc_tensor() copy(%x) : tensor<1xf32>
  %o = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<1xf32>
  return %o : tensor<1xf32>
}

// -----

func.func @forward(%x: tensor<1xf32>) -> tensor<1xf32> {
  // expected-error @+1 {{the interpreter cannot run 'complex.constant': it does not implement EvaluableOpInterface}}
  %c = complex.constant [1.0 : f32, 0.0 : f32] : complex<f32>
  %o = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<1xf32>
  return %o : tensor<1xf32>
}

// -----

func.func @forward(%x: tensor<1xf32>) -> tensor<1xf32> {
  // expected-error @+1 {{the interpreter cannot represent a value of type 'tensor<1xf8E4M3FN>'}}
  %c = arith.constant dense<1.0> : tensor<1xf8E4M3FN>
  %o = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<1xf32>
  return %o : tensor<1xf32>
}

// -----

func.func @forward(%x: tensor<1xf32>) -> tensor<1xf32> {
  // expected-error @+1 {{resource 'gone' has no data: the file does not define it}}
  %c = arith.constant dense_resource<gone> : tensor<1xi8>
  %o = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<1xf32>
  return %o : tensor<1xf32>
}

// -----

func.func @forward(%x: tensor<1xf32>) -> tensor<1xf32> {
  %c0 = arith.constant 0 : index
  // expected-error @+1 {{divides by a number that is not positive}}
  %i = affine.apply affine_map<(d0)[s0] -> (d0 floordiv s0)>(%c0)[%c0]
  %t = tensor.from_elements %i : tensor<1xindex>
  %j = arith.index_cast %t : tensor<1xindex> to tensor<1xi32>
  %f = arith.sitofp %j : tensor<1xi32> to tensor<1xf32>
  %o = ptq.observe %f name("x") encoding(<i8, asymmetric>) : tensor<1xf32>
  return %o : tensor<1xf32>
}

// -----

func.func @forward(%x: tensor<4xf32>) -> tensor<4xf32> {
  %o = ptq.observe %x name("x") encoding(<i8, asymmetric>) : tensor<4xf32>
  %three = arith.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %s = tensor.cast %three : tensor<3xf32> to tensor<?xf32>
  // expected-error @+1 {{index 3 is out of bounds for dimension 0 of operand 1, which has the size 3}}
  %0 = linalg.generic {indexing_maps = [
      affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0 mod 4)>, affine_map<(d0) -> (d0)>],
      iterator_types = ["parallel"]}
      ins(%o, %s : tensor<4xf32>, tensor<?xf32>) outs(%x : tensor<4xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %r = arith.addf %a, %b : f32
    linalg.yield %r : f32
  } -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
