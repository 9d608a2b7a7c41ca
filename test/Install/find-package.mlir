// Installs ptq, builds a small compiler against the installed tree alone, and
// runs a pass over the dialect in it.

// RUN: rm -rf %t
// RUN: cmake --install %ptq_build --prefix %t/prefix
// RUN: cmake -S %S/consumer -B %t/build -G Ninja -DCMAKE_CXX_COMPILER=%cxx \
// RUN:   -DCMAKE_PREFIX_PATH=%t/prefix
// RUN: cmake --build %t/build
// RUN: %t/build/consumer %s 'canonicalize' | FileCheck %s

// CHECK-LABEL: func.func @round_trip
// CHECK-SAME:    (%[[CODES:.*]]: tensor<4xi8>)
// CHECK-NEXT:    return %[[CODES]]
func.func @round_trip(%codes: tensor<4xi8>) -> tensor<4xi8> {
  %scale = arith.constant 0.5 : f32
  %0 = ptq.dequantize %codes, %scale : tensor<4xi8>, f32 -> tensor<4xf32>
  %1 = ptq.quantize %0, %scale : tensor<4xf32>, f32 -> tensor<4xi8>
  return %1 : tensor<4xi8>
}
