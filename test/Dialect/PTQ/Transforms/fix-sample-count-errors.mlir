// RUN: ptq-opt %s -split-input-file -verify-diagnostics --ptq-fix-sample-count=samples=2
// RUN: echo "module {}" | not ptq-opt --ptq-fix-sample-count=samples=-1 2>&1 | FileCheck %s
// RUN: echo "module {}" | not ptq-opt --ptq-fix-sample-count=samples=9223372036854775807 2>&1 | FileCheck %s

// CHECK: error: the number of samples must not be negative or more than 2147483647, got

// expected-error@+1 {{'arg0' has a fixed number of samples already, 4, and cannot get 2}}
func.func @forward(%x: tensor<4x8xf32>) -> tensor<4x8xf32> attributes {ptq.entry, ptq.signature = {version = 1 : i64, inputs = [{name = "arg0", type = tensor<4x8xf32>, sample_axis = 0 : i64}], outputs = [{name = "y", type = tensor<4x8xf32>, sample_axis = 0 : i64}]}} {
  return %x : tensor<4x8xf32>
}

// -----

// expected-error@+1 {{is called by other functions, whose number of samples is not fixed}}
func.func @forward(%x: tensor<?x8xf32>) -> tensor<?x8xf32> attributes {ptq.entry} {
  return %x : tensor<?x8xf32>
}
func.func @caller(%x: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %y = call @forward(%x) : (tensor<?x8xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// -----

// expected-error@+1 {{entry function 'forward': argument 0 is a}}
func.func @forward(%x: i32) attributes {ptq.entry} {
  return
}

// -----

// expected-error@+1 {{entry function 'forward' is not on the tensors that its 'ptq.signature' names}}
func.func @forward(%x: memref<?xf32>, %y: memref<?xf32>) attributes {ptq.entry, ptq.signature = {version = 1 : i64, inputs = [{name = "x", type = tensor<?xf32>}], outputs = [{name = "y", type = tensor<?xf32>}]}} {
  return
}

// -----

// expected-error@+1 {{entry function 'forward' is not on the tensors that its 'ptq.signature' names}}
func.func @forward() attributes {ptq.entry, ptq.signature = {version = 1 : i64, inputs = [{name = "x", type = tensor<?xf32>}], outputs = []}} {
  return
}

// -----

// expected-error@+1 {{'ptq.signature' does not fit the type of 'forward'}}
func.func @forward() -> tensor<?xf32> attributes {ptq.entry, ptq.signature = {version = 1 : i64, inputs = [], outputs = []}} {
  %c0 = arith.constant 0 : index
  %y = tensor.empty(%c0) : tensor<?xf32>
  return %y : tensor<?xf32>
}
