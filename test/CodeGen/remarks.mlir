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
