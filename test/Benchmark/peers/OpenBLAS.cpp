//===- OpenBLAS.cpp - Products of float matrices --------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Contenders.h"
#include <cblas.h>

using namespace mlir::ptq::benchmark;

Work mlir::ptq::benchmark::prepareOpenBLAS(const Network &network,
                                           const void *input, void *output) {
  if (network.isInteger || network.layers.size() != 1 ||
      network.layers.front().kind != Layer::Kind::Matmul)
    return nullptr;
  openblas_set_num_threads(1);
  const Layer &layer = network.layers.front();
  blasint m = layer.input[0], k = layer.input[1], n = layer.output[1];
  const auto *a = static_cast<const float *>(input);
  const auto *b = reinterpret_cast<const float *>(layer.weightValues.data());
  auto *c = static_cast<float *>(output);
  // A vector times a matrix has a function of its own.
  if (m == 1)
    return [=] {
      cblas_sgemv(CblasRowMajor, CblasTrans, k, n, 1, b, n, a, 1, 0, c, 1);
    };
  return [=] {
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, a, k, b,
                n, 0, c, n);
  };
}

std::string mlir::ptq::benchmark::describeOpenBLAS() {
  return openblas_get_config();
}
