//===- LowerLookup.cpp - Functions of a byte as shuffles ------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernels/PackedWeights.h"
#include "Kernels/VectorSlices.h"
#include "TargetPass.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/PatternMatch.h"
#include "ptq/CodeGen/Passes.h"
#include "ptq/Dialect/PTQ/IR/PTQ.h"

using namespace mlir;
using namespace mlir::ptq;

namespace mlir::ptq {
#define GEN_PASS_DEF_LOWERLOOKUPPASS
#include "ptq/CodeGen/Passes.h.inc"
} // namespace mlir::ptq

static constexpr int64_t kNumCodes = 256;

/// Loading a byte takes as long as looking up all bytes of a register in so
/// many tables of an instruction.
static constexpr int64_t kTablesPerLoad = 2;

namespace {

/// The entries of a table by the bits of the code, read as unsigned.
using Entries = SmallVector<int8_t, kNumCodes>;

Entries getEntriesByBits(DenseIntElementsAttr table) {
  Entries entries(table.getValues<int8_t>());
  std::rotate(entries.begin(), entries.begin() + kNumCodes / 2, entries.end());
  return entries;
}

/// Builds the lookup of registers by one instruction. All of them are looked up
/// in a table before the next one is, so that it is loaded once.
class ShuffleBuilder {
public:
  ShuffleBuilder(OpBuilder &builder, Location loc,
                 const LookupInstruction &instruction, ArrayRef<int8_t> entries)
      : builder(builder), loc(loc), instruction(instruction), entries(entries),
        numTables(kNumCodes / instruction.tableBytes),
        type(VectorType::get({instruction.lanes}, builder.getI8Type())) {}

  SmallVector<Value> build(ArrayRef<Value> codes) {
    switch (instruction.beyond) {
    case LookupInstruction::Beyond::HighBitClears:
      return buildDifferences(codes);
    case LookupInstruction::Beyond::Wraps:
      return buildHalves(codes);
    case LookupInstruction::Beyond::Keeps:
      return buildChain(codes);
    }
    llvm_unreachable("unknown kind of lookup");
  }

private:
  Value createVector(ArrayRef<int8_t> bytes) {
    return arith::ConstantOp::create(builder, loc,
                                     DenseElementsAttr::get(type, bytes));
  }

  Value createSplat(int8_t byte) { return createVector({byte}); }

  Value call(StringRef intrinsic, ValueRange operands) {
    return LLVM::CallIntrinsicOp::create(
               builder, loc, type, builder.getStringAttr(intrinsic), operands)
        .getResult(0);
  }

  ArrayRef<int8_t> getTable(int64_t index) {
    return entries.slice(index * instruction.tableBytes,
                         instruction.tableBytes);
  }

  /// The registers of a table.
  SmallVector<Value> createTable(int64_t index) {
    SmallVector<Value> registers;
    ArrayRef<int8_t> table = getTable(index);
    for (; !table.empty(); table = table.drop_front(instruction.lanes))
      registers.push_back(createVector(table.take_front(instruction.lanes)));
    return registers;
  }

  /// A table as its differences from the one before, in each part of a
  /// register. The first one of each half of the codes differs from nothing.
  Value createDifferences(int64_t index) {
    SmallVector<int8_t> table(getTable(index));
    if (index % (numTables / 2) != 0)
      for (auto [entry, before] : llvm::zip_equal(table, getTable(index - 1)))
        entry = static_cast<int8_t>(entry ^ before);
    SmallVector<int8_t> repeated;
    while (static_cast<int64_t>(repeated.size()) < instruction.lanes)
      llvm::append_range(repeated, table);
    return createVector(repeated);
  }

  /// A position that has become negative gives 0. So the positions of a half of
  /// the codes go down from table to table, and each table that one has been
  /// in before it becomes negative adds, without carries, its difference from
  /// the one before.
  SmallVector<Value> buildDifferences(ArrayRef<Value> codes) {
    Value step = createSplat(static_cast<int8_t>(instruction.tableBytes));
    Value signs = createSplat(INT8_MIN);
    SmallVector<Value> results, positions(codes);
    for (int64_t index = 0; index < numTables; ++index) {
      Value table = createDifferences(index);
      for (auto [i, position] : llvm::enumerate(positions)) {
        if (index == numTables / 2)
          position = arith::XOrIOp::create(builder, loc, codes[i], signs);
        else if (index != 0)
          position = LLVM::SSubSat::create(builder, loc, position, step);
        Value part = call(instruction.intrinsic, {table, position});
        if (index == 0)
          results.push_back(part);
        else
          results[i] = arith::XOrIOp::create(builder, loc, results[i], part);
      }
    }
    return results;
  }

  /// Two tables, of which the sign of the code tells the right one.
  SmallVector<Value> buildHalves(ArrayRef<Value> codes) {
    SmallVector<Value> low = createTable(0), high = createTable(1);
    Value zero = createSplat(0);
    return llvm::map_to_vector(codes, [&](Value code) -> Value {
      Value isNegative = arith::CmpIOp::create(
          builder, loc, arith::CmpIPredicate::slt, code, zero);
      Value ifPositive =
          call(instruction.intrinsic, {low.front(), code, low.back()});
      Value ifNegative =
          call(instruction.intrinsic, {high.front(), code, high.back()});
      return arith::SelectOp::create(builder, loc, isNegative, ifNegative,
                                     ifPositive);
    });
  }

  /// Each position is within one of the tables, and what is found there is kept
  /// by the others.
  SmallVector<Value> buildChain(ArrayRef<Value> codes) {
    Value size = createSplat(static_cast<int8_t>(instruction.tableBytes));
    SmallVector<Value> results, positions(codes);
    for (int64_t index = 0; index < numTables; ++index) {
      SmallVector<Value> table = createTable(index);
      for (auto [i, position] : llvm::enumerate(positions)) {
        SmallVector<Value> operands = table;
        if (index == 0) {
          operands.push_back(position);
          results.push_back(call(instruction.firstIntrinsic, operands));
          continue;
        }
        position = arith::SubIOp::create(builder, loc, position, size);
        operands.insert(operands.begin(), results[i]);
        operands.push_back(position);
        results[i] = call(instruction.intrinsic, operands);
      }
    }
    return results;
  }

  OpBuilder &builder;
  Location loc;
  const LookupInstruction &instruction;
  ArrayRef<int8_t> entries;
  int64_t numTables;
  VectorType type;
};

struct LowerLookupPass
    : TargetPass<ptq::impl::LowerLookupPassBase, LowerLookupPass> {
  using Base::Base;

  void runOnTarget(const TargetDescription &target) override {
    IRRewriter rewriter(&getContext());
    SymbolTableCollection symbols;
    llvm::DenseMap<Attribute, StringAttr> globals;
    getOperation().walk([&](LookupByteOp op) {
      rewriter.setInsertionPoint(op);
      rewriter.replaceOp(op, lower(rewriter, op, target, symbols, globals));
    });
  }

private:
  Value lower(RewriterBase &rewriter, LookupByteOp op,
              const TargetDescription &target, SymbolTableCollection &symbols,
              llvm::DenseMap<Attribute, StringAttr> &globals) {
    Location loc = op.getLoc();
    Entries entries = getEntriesByBits(op.getTable());
    Value memory;
    auto load = [&](Value code) -> Value {
      if (!memory)
        memory = getGlobal(rewriter, op, entries, symbols, globals);
      Value position = arith::IndexCastUIOp::create(
          rewriter, loc, rewriter.getIndexType(), code);
      ++numLoads;
      return memref::LoadOp::create(rewriter, loc, memory, position);
    };
    Value codes = op.getInput();
    auto type = dyn_cast<VectorType>(codes.getType());
    if (!type)
      return load(codes);
    SmallVector<Value> results;
    int64_t size = type.getNumElements();
    int64_t done = 0;
    while (const LookupInstruction *instruction =
               choose(target.lookups, size - done)) {
      SmallVector<Value> pieces;
      int64_t width = std::min(instruction->lanes, size - done);
      for (; done + width <= size; done += width)
        pieces.push_back(padVector(
            rewriter, loc, sliceVector(rewriter, loc, codes, done, width),
            instruction->lanes));
      numShuffles += pieces.size();
      ShuffleBuilder builder(rewriter, loc, *instruction, entries);
      for (Value result : builder.build(pieces))
        results.push_back(sliceVector(rewriter, loc, result, 0, width));
    }
    if (done < size) {
      SmallVector<Value> elements;
      for (; done < size; ++done)
        elements.push_back(
            load(vector::ExtractOp::create(rewriter, loc, codes, done)));
      results.push_back(vector::FromElementsOp::create(
          rewriter, loc,
          VectorType::get({static_cast<int64_t>(elements.size())},
                          rewriter.getI8Type()),
          elements));
    }
    return joinVectors(rewriter, loc, results);
  }

  /// The instruction that looks up most of `size` bytes with the fewest tables;
  /// null if loads are faster, or if there are no bytes.
  static const LookupInstruction *choose(ArrayRef<LookupInstruction> lookups,
                                         int64_t size) {
    const LookupInstruction *best = nullptr;
    int64_t numTables = kTablesPerLoad, numBytes = 1;
    for (const LookupInstruction &lookup : lookups) {
      int64_t tables = kNumCodes / lookup.tableBytes;
      int64_t bytes = std::min(lookup.lanes, size);
      // Of equal ones the narrower, which comes later.
      if (tables * numBytes > numTables * bytes)
        continue;
      best = &lookup;
      numTables = tables;
      numBytes = bytes;
    }
    return best;
  }

  /// A reference to the table in memory.
  static Value getGlobal(RewriterBase &rewriter, LookupByteOp op,
                         ArrayRef<int8_t> entries,
                         SymbolTableCollection &symbols,
                         llvm::DenseMap<Attribute, StringAttr> &globals) {
    StringAttr &name = globals[op.getTable()];
    if (name)
      return memref::GetGlobalOp::create(
          rewriter, op.getLoc(),
          MemRefType::get({kNumCodes}, rewriter.getI8Type()), name.getValue());
    Value reference = createGlobalConstant<int8_t>(rewriter, op, "lookup_table",
                                                   entries, symbols);
    name =
        reference.getDefiningOp<memref::GetGlobalOp>().getNameAttr().getAttr();
    return reference;
  }
};

} // namespace
