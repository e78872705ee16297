// Files as the readers and writers of io/ need them: mapped into memory, and replaced as a whole or not at all.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace lamina::io {

/// A whole file in memory. Pages come when they are touched; what is written there stays in this process.
class MappedFile {
 public:
  explicit MappedFile(const std::string& path);  // LoadError when it cannot be read
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  std::byte* data() const { return data_; }
  uint64_t size() const { return size_; }

 private:
  std::byte* data_ = nullptr;
  uint64_t size_ = 0;
};

using WriteBytes = std::function<void(const void* bytes, size_t count)>;

/// Writes a file under a temporary name in the same folder and renames it when `fill` has come to its end, so that a reader
/// (one that has the old file mapped too) never sees half of it. Error when the system refuses.
void replace_file(const std::string& path, const std::function<void(const WriteBytes& write)>& fill);

}  // namespace lamina::io
