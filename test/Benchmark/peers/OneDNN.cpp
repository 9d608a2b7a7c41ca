//===- OneDNN.cpp - Layers as primitives of oneDNN ------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Everything is given as oneDNN likes it best: activations are unsigned, and
// weights are brought into the order of its choice beforehand.
//
//===----------------------------------------------------------------------===//

#include "Contenders.h"
#include <dnnl.hpp>
#include <memory>
#include <unordered_map>

using namespace mlir::ptq::benchmark;
using dnnl::memory;
using Tag = memory::format_tag;
using Type = memory::data_type;

namespace {
/// A primitive and what it is executed on.
struct Step {
  dnnl::primitive primitive;
  std::unordered_map<int, memory> arguments;
};

/// The primitives of a network, and the memory that they use.
class Steps {
public:
  explicit Steps(bool isInteger)
      : isInteger(isInteger), activationType(isInteger ? Type::u8 : Type::f32),
        weightType(isInteger ? Type::s8 : Type::f32) {}

  /// Adds a layer that reads `input` and gives memory that it writes, which is
  /// at `output` unless that is null.
  memory add(const Layer &layer, memory input, void *output);

  memory wrap(const memory::dims &sizes, void *data) {
    memory::desc desc(sizes, activationType, getTag(sizes));
    return data ? memory(desc, engine, data) : memory(desc, engine);
  }

  void run() {
    for (Step &step : steps)
      step.primitive.execute(stream, step.arguments);
    stream.wait();
  }

  std::vector<std::string> implementations;

private:
  /// Sizes are N, C, H, W always; the tag says that channels are innermost.
  static Tag getTag(const memory::dims &sizes) {
    return sizes.size() == 2 ? Tag::ab : Tag::nhwc;
  }

  template <typename Primitive>
  memory add(const typename Primitive::desc &desc, const Layer &layer,
             const memory::dims &weightSizes, Tag weightTag, memory input,
             memory output);

  bool isInteger;
  Type activationType, weightType;
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};
  std::vector<Step> steps;
};
} // namespace

static memory::dims getSizes(const std::vector<int64_t> &shape) {
  if (shape.size() == 2)
    return shape;
  return {1, shape[2], shape[0], shape[1]};
}

template <typename Primitive>
memory Steps::add(const typename Primitive::desc &desc, const Layer &layer,
                  const memory::dims &weightSizes, Tag weightTag, memory input,
                  memory output) {
  dnnl::primitive_attr attributes;
  // Channels are dimension 1 of all outputs.
  if (isInteger)
    attributes.set_output_scales(1 << 1, layer.scales);
  typename Primitive::primitive_desc primitive(desc, attributes, engine);
  implementations.push_back(primitive.impl_info_str());

  memory given({weightSizes, weightType, weightTag}, engine,
               const_cast<char *>(layer.weightValues.data()));
  memory weights(primitive.weights_desc(), engine);
  dnnl::reorder(given, weights).execute(stream, given, weights);
  Step step{Primitive(primitive),
            {{DNNL_ARG_SRC, input},
             {DNNL_ARG_WEIGHTS, weights},
             {DNNL_ARG_DST, output}}};
  if (isInteger)
    step.arguments[DNNL_ARG_BIAS] =
        memory(primitive.bias_desc(), engine,
               const_cast<int32_t *>(layer.biases.data()));
  stream.wait();
  steps.push_back(step);
  return output;
}

memory Steps::add(const Layer &layer, memory input, void *outputData) {
  memory output = wrap(getSizes(layer.output), outputData);
  memory::desc source = input.get_desc(), target = output.get_desc();
  int64_t channels = layer.output.back();
  memory::desc bias;
  if (isInteger)
    bias = {{channels}, Type::s32, Tag::a};
  if (layer.kind == Layer::Kind::Matmul) {
    // The matrix product with constant weights; `matmul` is no faster, and
    // slower for a single row.
    memory::dims sizes = {channels, layer.weights[0]};
    memory::desc weights(sizes, weightType, Tag::any);
    dnnl::inner_product_forward::desc desc(dnnl::prop_kind::forward_inference,
                                           source, weights, bias, target);
    return add<dnnl::inner_product_forward>(desc, layer, sizes, Tag::ba, input,
                                            output);
  }

  memory::dims sizes = {channels, layer.weights[2], layer.weights[0],
                        layer.weights[1]};
  Tag tag = Tag::hwio;
  if (layer.kind == Layer::Kind::Depthwise) {
    // A group of its own for each channel.
    sizes.insert(sizes.begin() + 1, 1);
    tag = Tag::hwigo;
  }
  memory::desc weights(sizes, weightType, Tag::any);
  dnnl::convolution_forward::desc desc(
      dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct,
      source, weights, bias, target, {layer.stride, layer.stride},
      {layer.top, layer.left}, {layer.bottom, layer.right});
  return add<dnnl::convolution_forward>(desc, layer, sizes, tag, input, output);
}

Work mlir::ptq::benchmark::prepareOneDNN(
    const Network &network, const void *input, void *output,
    std::vector<std::string> &implementations) {
  auto steps = std::make_shared<Steps>(network.isInteger);
  memory value = steps->wrap(getSizes(network.layers.front().input),
                             const_cast<void *>(input));
  for (const Layer &layer : network.layers) {
    bool isLast = &layer == &network.layers.back();
    value = steps->add(layer, value, isLast ? output : nullptr);
  }
  implementations = steps->implementations;
  return [steps] { steps->run(); };
}

std::string mlir::ptq::benchmark::describeOneDNN() {
  const dnnl::version_t *version = dnnl::version();
  std::string text = std::to_string(version->major) + "." +
                     std::to_string(version->minor) + "." +
                     std::to_string(version->patch);
  dnnl::cpu_isa isa = dnnl::get_effective_cpu_isa();
  switch (isa) {
  case dnnl::cpu_isa::sse41:
    return text + ", SSE4.1";
  case dnnl::cpu_isa::avx:
    return text + ", AVX";
  case dnnl::cpu_isa::avx2:
    return text + ", AVX2";
  case dnnl::cpu_isa::avx2_vnni:
    return text + ", AVX2 and VNNI";
  case dnnl::cpu_isa::avx512_core:
    return text + ", AVX-512";
  case dnnl::cpu_isa::avx512_core_vnni:
    return text + ", AVX-512 and VNNI";
  default:
    return text + ", instruction set " + std::to_string(int(isa));
  }
}
