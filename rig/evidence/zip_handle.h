// Owners for libzip's archives and entries. For the sources of evidence/ alone.
#pragma once

#include <zip.h>

#include <memory>

namespace rig {

struct ZipDiscard {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
using ZipArchive = std::unique_ptr<zip_t, ZipDiscard>;

struct ZipEntryCloser {
  void operator()(zip_file_t* entry) const { zip_fclose(entry); }
};
using ZipEntry = std::unique_ptr<zip_file_t, ZipEntryCloser>;

}  // namespace rig
