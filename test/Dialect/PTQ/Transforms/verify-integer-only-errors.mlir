// RUN: ptq-opt %s -split-input-file --ptq-verify-integer-only -verify-diagnostics

func.func @tail(%q: tensor<2xi8>, %acc: tensor<2xi32>) -> tensor<2xf32> {
  %s = arith.constant 0.5 : f32
  %m = arith.constant 1 : i32
  %k = arith.constant 1 : i32
  %r = ptq.requantize %acc, %m shift %k : tensor<2xi32>, i32 shift i32 -> tensor<2xi8>
  // expected-error @+1 {{computes on floats: 'ptq.dequantize' stands between codes and an op that stayed in float}}
  %x = ptq.dequantize %r, %s : tensor<2xi8>, f32 -> tensor<2xf32>
  // expected-error @+1 {{computes on floats: 'math.exp'}}
  %y = math.exp %x : tensor<2xf32>
  return %y : tensor<2xf32>
}

// -----

func.func @float_multiplier(%acc: tensor<2xi32>) -> tensor<2xi8> {
  %m = arith.constant 0.5 : f32
  // expected-error @+1 {{computes on floats: 'ptq.requantize' has a float multiplier; requantize=fixed-point gives it another}}
  %r = ptq.requantize %acc, %m : tensor<2xi32>, f32 -> tensor<2xi8>
  %n = arith.constant 1 : i32
  %q = ptq.requantize %acc, %n shift %n : tensor<2xi32>, i32 shift i32 -> tensor<2xi8>
  return %r : tensor<2xi8>
}

// -----

// Codes to codes by way of floats.
func.func @inside(%a: tensor<2xi8>, %e: tensor<2xi8>, %acc: tensor<2xi32>) -> tensor<2xi8> {
  %n = arith.constant 1 : i32
  %q = ptq.requantize %acc, %n shift %n : tensor<2xi32>, i32 shift i32 -> tensor<2xi8>
  // expected-error @+1 {{computes on floats: 'linalg.generic'}}
  %r = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%a : tensor<2xi8>) outs(%e : tensor<2xi8>) {
    ^bb0(%x: i8, %o: i8):
      %f = arith.sitofp %x : i8 to f32
      %g = arith.addf %f, %f : f32
      %c = arith.fptosi %g : f32 to i8
      linalg.yield %c : i8
  } -> tensor<2xi8>
  return %r : tensor<2xi8>
}

// -----

// In a branch, between codes.
func.func @branch(%a: tensor<2xi8>, %c: i1, %acc: tensor<2xi32>) -> tensor<2xi8> {
  %s = arith.constant 0.5 : f32
  %t = arith.constant 0.25 : f32
  %n = arith.constant 1 : i32
  %r = scf.if %c -> tensor<2xi8> {
    // expected-error @+1 {{computes on floats: 'ptq.dequantize' stands between}}
    %x = ptq.dequantize %a, %s : tensor<2xi8>, f32 -> tensor<2xf32>
    // expected-error @+1 {{computes on floats: 'ptq.quantize' stands between}}
    %q = ptq.quantize %x, %t : tensor<2xf32>, f32 -> tensor<2xi8>
    scf.yield %q : tensor<2xi8>
  } else {
    %q = ptq.requantize %acc, %n shift %n : tensor<2xi32>, i32 shift i32 -> tensor<2xi8>
    scf.yield %q : tensor<2xi8>
  }
  return %r : tensor<2xi8>
}

// -----

// expected-error @+1 {{computes nothing on integers}}
module {
  func.func @float(%x: tensor<2xf32>) -> tensor<2xf32> {
    return %x : tensor<2xf32>
  }
}
