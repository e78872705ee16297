#include "lamina/io/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "lamina/core/error.h"
#include "lamina/core/text.h"

namespace lamina::io {

namespace {

struct Descriptor {
  int number = -1;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
};

std::string reason() { return std::strerror(errno); }

}  // namespace

MappedFile::MappedFile(const std::string& path) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  struct stat about;
  if (file.number < 0 || ::fstat(file.number, &about) != 0)
    throw LoadError(str("cannot open \"", path, "\": ", reason()));
  if (!S_ISREG(about.st_mode)) throw LoadError(str("cannot read \"", path, "\": it is not a regular file"));
  size_ = uint64_t(about.st_size);
  if (size_ == 0) return;
  // private: pages that are written are copied first; without a reservation, so that a file may be larger than the memory
  void* map = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, file.number, 0);
  if (map == MAP_FAILED) throw LoadError(str("cannot map \"", path, "\": ", reason()));
  data_ = static_cast<std::byte*>(map);
}

MappedFile::~MappedFile() {
  if (data_) ::munmap(data_, size_);
}

void replace_file(const std::string& path, const std::function<void(const WriteBytes& write)>& fill) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  const fs::path target = fs::is_symlink(path, ignored) ? fs::weakly_canonical(path, ignored) : fs::path(path);
  if (fs::exists(target, ignored) && !fs::is_regular_file(target, ignored))
    throw Error(str("cannot write \"", path, "\": it is not a regular file"));
  static std::atomic<unsigned> counter{0};
  const fs::path temporary = target.parent_path() / str(".", target.filename().string().substr(0, 200), ".",
                                                        int(::getpid()), "-", counter.fetch_add(1), ".tmp");
  const auto fail = [&](const std::string& why) { throw Error(str("cannot write \"", path, "\": ", why)); };
  Descriptor file{::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666)};
  if (file.number < 0) fail(reason());
  try {
    fill([&](const void* bytes, size_t count) {
      auto* from = static_cast<const char*>(bytes);
      while (count > 0) {
        const ssize_t written = ::write(file.number, from, count);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail(reason());
        from += written;
        count -= size_t(written);
      }
    });
    if (::fsync(file.number) != 0 && errno != EINVAL) fail(reason());  // EINVAL: a file system that cannot
    const int closed = ::close(std::exchange(file.number, -1));
    if (closed != 0) fail(reason());
    if (::rename(temporary.c_str(), target.c_str()) != 0) fail(reason());
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
}

}  // namespace lamina::io
