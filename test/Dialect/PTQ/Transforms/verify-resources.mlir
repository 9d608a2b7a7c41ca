// RUN: ptq-opt %s -split-input-file -verify-diagnostics --ptq-verify-resources

// Resources with their data, one of them inside a dictionary.

func.func @complete() -> (tensor<2xf32>, tensor<4xi8>, tensor<4xi8>)
    attributes {user.note = {x = dense_resource<c> : tensor<1xi8>}} {
  %a = arith.constant dense_resource<a> : tensor<2xf32>
  %b = arith.constant dense_resource<b> : tensor<4xi8>
  %b2 = arith.constant dense_resource<b> : tensor<4xi8>
  return %a, %b, %b2 : tensor<2xf32>, tensor<4xi8>, tensor<4xi8>
}

{-#
  dialect_resources: {
    builtin: {
      a: "0x040000000000803F00000040",
      b: "0x0100000001020304",
      c: "0x0100000001"
    }
  }
#-}
