// RUN: ptq-opt %s -split-input-file -verify-diagnostics --ptq-widen-codes --remarks-filter=ptq-widen-codes

// What uses codes as such gets no others.
func.func @codes_leave(%x: tensor<2xf32>, %s: f32) -> tensor<2xi4> {
  // expected-remark @+1 {{codes of i4 are used by other ops than ptq.dequantize}}
  %q = ptq.quantize %x, %s : tensor<2xf32>, f32 -> tensor<2xi4>
  return %q : tensor<2xi4>
}
