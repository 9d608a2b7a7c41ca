// Installs ptq, builds a small compiler against the installed tree alone, and
// runs ptq's lowering in it.

// RUN: rm -rf %t
// RUN: cmake --install %ptq_build --prefix %t/prefix
// RUN: cmake -S %S/consumer -B %t/build -G Ninja -DCMAKE_CXX_COMPILER=%cxx \
// RUN:   -DCMAKE_PREFIX_PATH=%t/prefix
// RUN: cmake --build %t/build
// RUN: %t/build/consumer %s | FileCheck %s

// CHECK:     llvm.func @quantize
// CHECK:       {{roundeven|rint}}
// CHECK-NOT: ptq.quantize
func.func @quantize(%x: tensor<4xf32>) -> tensor<4xi8> {
  %scale = arith.constant 0.5 : f32
  %0 = ptq.quantize %x, %scale : tensor<4xf32>, f32 -> tensor<4xi8>
  return %0 : tensor<4xi8>
}
