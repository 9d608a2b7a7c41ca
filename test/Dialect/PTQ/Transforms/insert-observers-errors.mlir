// RUN: ptq-opt %s -split-input-file -verify-diagnostics --ptq-insert-observers

#scheme = #ptq.scheme<activations = <i8, asymmetric>>

func.func @not_quantizable(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-warning @+1 {{has a ptq.scheme but cannot be quantized; it stays in float}}
  %0 = math.exp %x {ptq.scheme = #scheme} : tensor<4xf32>
  return %0 : tensor<4xf32>
}
