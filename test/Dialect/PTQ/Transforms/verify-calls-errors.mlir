// RUN: ptq-opt %s -split-input-file -verify-diagnostics --ptq-verify-calls
// RUN: ptq-opt %s -split-input-file -verify-diagnostics --ptq-calibrate=data=random
// RUN: ptq-opt %s -split-input-file -verify-diagnostics --ptq-lower

// The example of the documentation.
func.func @forward(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{leads back to the function that it is in; functions that call themselves are not supported}}
  %0 = call @forward(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// By way of another function, which would end.
func.func @forward(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = call @even(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

func.func private @even(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = call @odd(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

func.func private @odd(%x: tensor<4xf32>) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %first = tensor.extract %x[%c0] : tensor<4xf32>
  %more = arith.cmpf ogt, %first, %zero : f32
  %0 = scf.if %more -> tensor<4xf32> {
    %less = arith.subf %x, %x : tensor<4xf32>
    // expected-error @+1 {{leads back to the function that it is in}}
    %1 = func.call @even(%less) : (tensor<4xf32>) -> tensor<4xf32>
    scf.yield %1 : tensor<4xf32>
  } else {
    scf.yield %x : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}
