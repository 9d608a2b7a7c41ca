//===- NpzArchive.cpp - Named arrays in one file --------------------------===//
//
// Part of the ptq project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ptq/Calibration/NpzArchive.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include <zip.h>

using namespace mlir::ptq;
using llvm::StringRef;

/// What libzip says of error code `code`.
static std::string describe(int code) {
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  std::string text = zip_error_strerror(&error);
  zip_error_fini(&error);
  return text;
}

void NpzArchive::ZipCloser::operator()(struct zip *archive) const {
  zip_discard(archive);
}

llvm::Expected<NpzArchive> NpzArchive::open(StringRef path) {
  NpzArchive result;
  result.path = path.str();
  int code = 0;
  result.archive.reset(zip_open(result.path.c_str(), ZIP_RDONLY, &code));
  if (!result.archive)
    return llvm::createStringError(
        path + ": cannot be read as a .npz archive: " + describe(code));
  zip_int64_t count = zip_get_num_entries(result.archive.get(), 0);
  for (zip_int64_t index = 0; index < count; ++index) {
    const char *raw = zip_get_name(result.archive.get(), index, 0);
    StringRef name = raw ? raw : "";
    if (name.consume_back(".npy"))
      result.names.push_back(name.str());
  }
  return result;
}

bool NpzArchive::contains(StringRef name) const {
  return llvm::is_contained(names, name);
}

llvm::Expected<NumpyArray> NpzArchive::read(StringRef name) const {
  std::string member = name.str() + ".npy";
  zip_file_t *file = zip_fopen(archive.get(), member.c_str(), 0);
  if (!file) {
    if (!contains(name))
      return llvm::createStringError(
          path + ": has no array '" + name + "'; it has " +
          (names.empty() ? "none" : "'" + llvm::join(names, "', '") + "'"));
    return llvm::createStringError(path + ": array '" + name +
                                   "': " + zip_strerror(archive.get()));
  }
  llvm::scope_exit close([&] { zip_fclose(file); });
  // The checksum is compared when the end is reached, so read until there is
  // nothing left, not just as many bytes as the directory promises.
  std::string contents;
  char buffer[1 << 16];
  zip_int64_t count;
  while ((count = zip_fread(file, buffer, sizeof(buffer))) > 0)
    contents.append(buffer, count);
  if (count < 0)
    return llvm::createStringError(
        path + ": array '" + name +
        "' is corrupted: " + zip_file_strerror(file));
  return parseNumpyArray(contents, path + ": array '" + name.str() + "'");
}

llvm::Error mlir::ptq::writeNpzFile(
    StringRef path, llvm::ArrayRef<std::pair<std::string, NumpyArray>> arrays) {
  // libzip writes to a temporary file and renames it when it is closed. That
  // would replace a device or a link instead of writing to it.
  llvm::sys::fs::file_status status;
  if (!llvm::sys::fs::status(path, status) && !is_regular_file(status))
    return llvm::createStringError(
        path + ": cannot be written: it is not a regular file");
  llvm::SmallString<128> target;
  if (llvm::sys::fs::real_path(path, target))
    target = path;
  int code = 0;
  std::string file = target.str().str();
  zip_t *archive = zip_open(file.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code);
  if (!archive)
    return llvm::createStringError(path +
                                   ": cannot be written: " + describe(code));
  std::vector<std::string> contents; // Alive until the archive is closed.
  contents.reserve(arrays.size());
  for (const auto &[name, array] : arrays) {
    contents.push_back(serializeNumpyArray(array));
    zip_source_t *source = zip_source_buffer(archive, contents.back().data(),
                                             contents.back().size(), 0);
    zip_int64_t index =
        source ? zip_file_add(archive, (name + ".npy").c_str(), source,
                              ZIP_FL_OVERWRITE | ZIP_FL_ENC_UTF_8)
               : -1;
    // Stored, as numpy.savez does: deflating takes longer than computing.
    if (index >= 0 &&
        zip_set_file_compression(archive, index, ZIP_CM_STORE, 0) == 0)
      continue;
    if (index < 0)
      zip_source_free(source);
    llvm::Error error = llvm::createStringError(
        path + ": cannot be written: " + zip_strerror(archive));
    zip_discard(archive);
    return error;
  }
  if (zip_close(archive) == 0)
    return llvm::Error::success();
  llvm::Error error = llvm::createStringError(
      path + ": cannot be written: " + zip_strerror(archive));
  zip_discard(archive);
  return error;
}
