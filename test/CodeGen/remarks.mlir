// What makes code slow without making it wrong.
// RUN: ptq-opt %s -split-input-file -verify-diagnostics -ptq-bufferize -ptq-vectorize-contractions=cpu=x86-64-v3 -ptq-vectorize-structured-ops=cpu=x86-64-v3 --remarks-filter='ptq-(bufferize|vectorize).*' -o /dev/null

// A result that is an argument cannot be computed in place.
func.func @copied(%x: tensor<8xf32> {bufferization.writable = false}, %out: memref<8xf32>) {
  // expected-remark@+1 {{memref<8xf32> is copied}}
  bufferization.materialize_in_destination %x in restrict writable %out : (tensor<8xf32>, memref<8xf32>) -> ()
  return
}

// -----

func.func @scalar(%x: memref<8xf32>, %i: memref<8xindex>, %y: memref<8xf32>) {
  // expected-remark@+1 {{linalg.generic is computed element by element: the payload has an op that does not work on vectors}}
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      ins(%i : memref<8xindex>) outs(%y : memref<8xf32>) {
  ^bb0(%j: index, %o: f32):
    %v = memref.load %x[%j] : memref<8xf32>
    linalg.yield %v : f32
  }
  return
}

// -----

// Weights that are not constant are not worth packing for one row.
func.func @no_dot_product(%a: memref<1x8xi8>, %b: memref<8x16xi8>, %c: memref<1x16xi32>) {
  // expected-remark@+1 {{has too few uses}}
  linalg.matmul ins(%a, %b : memref<1x8xi8>, memref<8x16xi8>) outs(%c : memref<1x16xi32>)
  return
}

// -----

// Weights that two products read are dequantized for both.
memref.global "private" constant @codes : memref<8x16xi8> = dense<1>
func.func @shared_weights(%x: memref<1x8xf32>, %y: memref<1x16xf32>, %z: memref<1x16xf32>) {
  %q = memref.get_global @codes : memref<8x16xi8>
  %w = memref.alloc() : memref<8x16xf32>
  // expected-remark@+1 {{weights are dequantized to memory: several ops read them}}
  linalg.generic {indexing_maps = [affine_map<(k, n) -> (k, n)>, affine_map<(k, n) -> (k, n)>], iterator_types = ["parallel", "parallel"]}
      ins(%q : memref<8x16xi8>) outs(%w : memref<8x16xf32>) {
  ^bb0(%a: i8, %o: f32):
    %0 = arith.sitofp %a : i8 to f32
    linalg.yield %0 : f32
  }
  linalg.matmul ins(%x, %w : memref<1x8xf32>, memref<8x16xf32>) outs(%y : memref<1x16xf32>)
  linalg.matmul ins(%x, %w : memref<1x8xf32>, memref<8x16xf32>) outs(%z : memref<1x16xf32>)
  return
}

// -----

// Two columns in a byte: vectors of columns would be in different halves.
memref.global "private" constant @codes : memref<8x8xi8> = dense<1>
func.func @columns_in_a_byte(%x: memref<1x8xf32>, %y: memref<1x16xf32>) {
  %q = memref.get_global @codes : memref<8x8xi8>
  %w = memref.alloc() : memref<8x16xf32>
  // expected-remark@+2 {{weights are dequantized to memory: the elements of a vector are in different parts of their bytes}}
  // expected-remark@+1 {{element by element}}
  linalg.generic {indexing_maps = [affine_map<(k, n) -> (k, n mod 8)>, affine_map<(k, n) -> (k, n)>], iterator_types = ["parallel", "parallel"]}
      ins(%q : memref<8x8xi8>) outs(%w : memref<8x16xf32>) {
  ^bb0(%a: i8, %o: f32):
    %0 = arith.sitofp %a : i8 to f32
    linalg.yield %0 : f32
  }
  linalg.matmul ins(%x, %w : memref<1x8xf32>, memref<8x16xf32>) outs(%y : memref<1x16xf32>)
  return
}
