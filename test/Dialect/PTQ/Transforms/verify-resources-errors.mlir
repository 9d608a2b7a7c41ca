// RUN: ptq-opt %s -split-input-file -verify-diagnostics --ptq-verify-resources

// The example of the documentation.
func.func @missing() -> tensor<4xf32> {
  // expected-error @+1 {{resource 'w' has no data: the file does not define it}}
  %w = arith.constant dense_resource<w> : tensor<4xf32>
  return %w : tensor<4xf32>
}

// -----

func.func @short() -> tensor<4xf32> {
  // expected-error @+1 {{resource 'short' has 8 bytes, but 'tensor<4xf32>' needs 16}}
  %w = arith.constant dense_resource<short> : tensor<4xf32>
  return %w : tensor<4xf32>
}

{-#
  dialect_resources: { builtin: { short: "0x040000000000803F00000040" } }
#-}

// -----

func.func @long() -> tensor<1xi8> {
  // expected-error @+1 {{resource 'long' has 8 bytes, but 'tensor<1xi8>' needs 1}}
  %w = arith.constant dense_resource<long> : tensor<1xi8>
  return %w : tensor<1xi8>
}

{-#
  dialect_resources: { builtin: { long: "0x040000000000803F00000040" } }
#-}

// -----

func.func @huge() -> tensor<4611686018427387904xf32> {
  // expected-error @+1 {{resource 'w' is too large}}
  %w = arith.constant dense_resource<w> : tensor<4611686018427387904xf32>
  return %w : tensor<4611686018427387904xf32>
}

{-#
  dialect_resources: { builtin: { w: "0x040000000000803F00000040" } }
#-}

// -----

func.func @element_type() -> tensor<1xcomplex<f32>> {
  // expected-error @+1 {{resource 'w' has elements of type 'complex<f32>', which are not supported}}
  %w = arith.constant dense_resource<w> : tensor<1xcomplex<f32>>
  return %w : tensor<1xcomplex<f32>>
}

{-#
  dialect_resources: { builtin: { w: "0x040000000000803F00000040" } }
#-}

// -----

// Wherever an attribute may be.
// expected-error @+1 {{resource 'gone' has no data}}
func.func @nested() attributes {user.note = [{x = dense_resource<gone> : tensor<1xi8>}]} {
  return
}
