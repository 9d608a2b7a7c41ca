// RUN: ptq-opt %s -split-input-file -verify-diagnostics --ptq-bufferize

module {
  // expected-error @+1 {{is nested in another module; lower it by itself, or move its functions out}}
  module @inner {
    func.func @forward(%x: tensor<4xf32>) -> tensor<4xf32> {
      %0 = math.absf %x : tensor<4xf32>
      return %0 : tensor<4xf32>
    }
  }
}
