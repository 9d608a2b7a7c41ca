// RUN: ptq-opt %s -split-input-file -verify-diagnostics --ptq-convert-tosa-to-linalg

func.func @no_lowering(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{failed to legalize operation 'tosa.custom'}}
  %0 = tosa.custom %x {domain_name = "custom", operator_name = "own", implementation_attrs = ""} : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
