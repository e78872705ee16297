// Files that other programs write and read, and files that lie.
#include "lamina/io/safetensors.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>

#include "lamina/core/error.h"
#include "lamina/nn/linear.h"
#include "lamina/ops/creation.h"
#include "lamina/ops/view.h"

using namespace lamina;
namespace fs = std::filesystem;

namespace {

const std::string kReference = LAMINA_SOURCE_DIR "/tests/io/reference.safetensors";

std::vector<std::byte> bytes_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  std::vector<std::byte> out(text.size());
  std::memcpy(out.data(), text.data(), text.size());
  return out;
}
std::vector<std::byte> file_of(std::string header, size_t value_bytes, uint64_t claimed = 0) {
  std::vector<std::byte> out(8 + header.size() + value_bytes, std::byte{1});
  const uint64_t n = claimed ? claimed : header.size();
  std::memcpy(out.data(), &n, 8);
  std::memcpy(out.data() + 8, header.data(), header.size());
  return out;
}
std::string refusal(const std::vector<std::byte>& bytes) {
  try {
    io::from_safetensors(bytes);
  } catch (const LoadError& e) {
    return e.what();
  }
  return "accepted";
}

struct TemporaryFolder {
  fs::path path = fs::temp_directory_path() / fs::path("lamina-io-" + std::to_string(::getpid()));
  TemporaryFolder() { fs::create_directories(path); }
  ~TemporaryFolder() { fs::remove_all(path); }
  std::string operator/(const std::string& name) const { return (path / name).string(); }
  size_t files() const { return size_t(std::distance(fs::directory_iterator(path), fs::directory_iterator())); }
};

Tensor counted(const Shape& shape, DType dtype) {
  Tensor t = empty(shape, dtype);
  dispatch_all(dtype, [&]<class T>() {
    for (int64_t i = 0; i < t.numel(); ++i) t.data<T>()[i] = T(float(i % 5));
  });
  return t;
}

}  // namespace

TEST(Safetensors, ReadsAndWritesTheReferenceFile) {
  io::Metadata metadata;
  const io::NamedTensors mapped = io::load_safetensors(kReference, &metadata);
  const std::vector<std::byte> bytes = bytes_of(kReference);
  EXPECT_EQ(metadata, (io::Metadata{{"format", "pt"}}));
  ASSERT_EQ(mapped.size(), 14u);
  for (const auto& [name, t] : mapped) {
    if (name == "of float32") {
      EXPECT_EQ(t.shape(), (Shape{2, 3}));
      EXPECT_EQ(t.data<float>()[2], 3.0f);
    } else if (name == "of bfloat16") {
      EXPECT_EQ(float(t.data<bfloat16>()[3]), 2.0f);
    } else if (name == "of bool") {
      EXPECT_TRUE(t.data<bool>()[2]);
      EXPECT_FALSE(t.data<bool>()[4]);
    } else if (name == "scalar") {
      EXPECT_EQ(t.rank(), 0);
      EXPECT_EQ(*t.data<int16_t>(), 7);
    } else if (name == "empty") {
      EXPECT_EQ(t.shape(), (Shape{0, 3}));
    }
  }
  EXPECT_EQ(io::to_safetensors(mapped, metadata), bytes);
  EXPECT_EQ(io::to_safetensors(io::from_safetensors(bytes), metadata), bytes);
}

TEST(Safetensors, MapsWithoutTouchingTheFile) {
  const TemporaryFolder folder;
  const std::string path = folder / "a.safetensors";
  io::save_safetensors(io::NamedTensors{{"w", counted({4}, kFloat32)}, {"v", counted({4}, kFloat32)}}, path);
  EXPECT_EQ(folder.files(), 1u);  // the temporary name is gone
  const io::NamedTensors first = io::load_safetensors(path);
  first[1].second.data<float>()[0] = 42;
  EXPECT_EQ(io::load_safetensors(path)[1].second.data<float>()[0], 0);
  first[1].second.bump_version();
  EXPECT_EQ(first[0].second.version(), 0u);  // neighbours in the file are not changed together
  io::save_safetensors(first, path);         // over the file that is mapped
  EXPECT_EQ(io::load_safetensors(path)[1].second.data<float>()[0], 42);
  EXPECT_EQ(first[0].second.data<float>()[3], 3);
}

TEST(Safetensors, WritesViewsAsTheirValues) {
  const Tensor t = ops::transpose(counted({2, 3}, kInt32), 0, 1);
  const io::NamedTensors back = io::from_safetensors(io::to_safetensors({{"t", t}}));
  EXPECT_EQ(back[0].second.shape(), (Shape{3, 2}));
  EXPECT_EQ(back[0].second.data<int32_t>()[1], 3);
}

TEST(Safetensors, CarriesAModule) {
  const TemporaryFolder folder;
  const std::string path = folder / "linear.safetensors";
  nn::Linear saved(3, 2), loaded(3, 2);
  io::save_safetensors(saved, path);
  loaded->load_state_dict(io::load_safetensors(path));
  EXPECT_EQ(std::memcmp(saved->weight.bytes(), loaded->weight.bytes(), 24), 0);
  EXPECT_EQ(std::memcmp(saved->bias.bytes(), loaded->bias.bytes(), 8), 0);
}

TEST(Safetensors, SaysWhatIsWrong) {
  const std::string a = R"("a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]})";
  const auto tensor = [](const std::string& fields) { return "{\"a\":{" + fields + "}}"; };
  const std::pair<std::vector<std::byte>, const char*> wrong[] = {
      {{}, "it has 0 bytes, and a header alone takes more"},
      {std::vector<std::byte>(7), "it has 7 bytes"},
      {std::vector<std::byte>(8), "does not start with '{'"},
      {file_of("{}", 0, 3), "would take 3 bytes of the 2 that follow"},
      {file_of("{}", 0, ~uint64_t{0}), "would take 18446744073709551615 bytes"},
      {file_of("[]", 0), "does not start with '{'"},
      {file_of(" {}", 0), "does not start with '{'"},
      {file_of("{", 0), "not valid JSON at byte 2"},
      {file_of("{\"a\xff\":{}}", 0), "not valid JSON at byte 4: ill-formed UTF-8 byte"},
      {file_of("{}", 1), "its tensors hold 0 bytes of values, and 1 are there"},
      {file_of("{\"a\":1}", 0), "\"a\" is a number, not an object"},
      {file_of("{\"a\":[[[[[]]]]]}", 0), "\"a\" is a list, not an object"},
      {file_of("{\"a\":{\"shape\":[[1]]}}", 0), "tensor \"a\": its shape holds a list"},
      {file_of("{" + a + "," + a + "}", 8), "the name \"a\" appears twice"},
      {file_of(tensor(R"("dtype":"F32","dtype":"F32")"), 8), "tensor \"a\": its dtype appears twice"},
      {file_of(tensor(R"("dtype":"F32","shape":[2])"), 8), "tensor \"a\": its data_offsets is missing"},
      {file_of(tensor(R"("dtype":"F32","shape":[2],"data_offsets":[0])"), 8), "its data_offsets are not two"},
      {file_of(tensor(R"("dtype":"F32","shape":[2],"data_offsets":[0,8,9])"), 8), "its data_offsets are more than two"},
      {file_of(tensor(R"("dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8])"), 8),
       "its dtype \"F8_E4M3\" is not one that Lamina has"},
      {file_of(tensor(R"("dtype":7,"shape":[8],"data_offsets":[0,8])"), 8), "its dtype holds a number"},
      {file_of(tensor(R"("dtype":"F32","shape":[-2],"data_offsets":[0,8])"), 8), "its shape holds the number -2"},
      {file_of(tensor(R"("dtype":"F32","shape":[2.0],"data_offsets":[0,8])"), 8), "its shape holds the number \"2.0\""},
      {file_of(tensor(R"("dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1)"), 8), "unknown field \"x\""},
      {file_of(tensor(R"("dtype":"F32","shape":[2],"data_offsets":[8,0])"), 8), "run backwards"},
      {file_of(tensor(R"("dtype":"F32","shape":[3],"data_offsets":[0,12])"), 8), "leave the file, which holds 8 bytes"},
      {file_of(tensor(R"("dtype":"F32","shape":[3],"data_offsets":[0,8])"), 8),
       "its shape (3,) of float32 takes 12 bytes"},
      {file_of(tensor(R"("dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,8])"), 8),
       "larger than any memory"},
      {file_of(tensor(R"("dtype":"F32","shape":[4294967296,4294967296,0],"data_offsets":[0,0])"), 0),
       "larger than any memory"},
      {file_of(tensor(R"("dtype":"F32","shape":[18446744073709551615],"data_offsets":[0,8])"), 8),
       "has the size 18446744073709551615"},
      {file_of(tensor(R"("dtype":"F32","shape":[1],"data_offsets":[4,8])"), 8), "nothing belongs to the bytes from 0"},
      {file_of("{" + a + R"(,"b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}})", 8),
       "tensor \"b\": its values at 4 overlap"},
      {file_of(R"({"__metadata__":{"a":1}})", 0), "the metadata \"a\" is a number, not a text"},
      {file_of(R"({"__metadata__":{"a":"1","a":"2"}})", 0), "the metadata key \"a\" appears twice"},
      {file_of("{\"a\\u0007\\n\":1}", 0), "\"a??\" is a number"},
  };
  for (const auto& [bytes, says] : wrong)
    EXPECT_NE(refusal(bytes).find(says), std::string::npos) << refusal(bytes) << " | " << says;
  EXPECT_EQ(refusal(file_of("{" + a + "}     ", 8)), "accepted");
}

TEST(Safetensors, RefusesWhatIsNoFile) {
  const TemporaryFolder folder;
  EXPECT_THROW(io::load_safetensors(folder / "absent"), LoadError);
  EXPECT_THROW(io::load_safetensors(folder.path.string()), LoadError);
  EXPECT_THROW(io::save_safetensors(io::NamedTensors{}, folder / "absent/a.safetensors"), Error);
  EXPECT_THROW(io::save_safetensors(io::NamedTensors{}, folder.path.string()), Error);
  const Tensor t = counted({2}, kFloat32);
  EXPECT_THROW(io::to_safetensors({{"a", t}, {"a", t}}), OptionError);
  EXPECT_THROW(io::to_safetensors({{"__metadata__", t}}), OptionError);
  EXPECT_THROW(io::to_safetensors({{"\xff", t}}), OptionError);
  EXPECT_THROW(io::to_safetensors({{"a", Tensor()}}), OptionError);
  EXPECT_EQ(folder.files(), 0u);
}

TEST(Safetensors, SurvivesMutations) {  // an answer or a LoadError, whatever the bytes are
  const std::vector<std::byte> good = bytes_of(kReference);
  std::mt19937 random(1);
  uint64_t header;
  std::memcpy(&header, good.data(), 8);
  const std::string_view pieces[] = {"{",         "}",
                                     "[",         "]",
                                     "\"",        ":",
                                     ",",         "0",
                                     "9",         "-",
                                     "1e9",       "null",
                                     "\\u0000",   "\xff",
                                     "F64",       "18446744073709551616",
                                     "\"shape\"", "\"dtype\":\"U8\""};
  int accepted = 0;
  for (int round = 0; round < 20000; ++round) {
    std::vector<std::byte> bytes = good;
    for (unsigned changes = 1 + random() % 3; changes > 0; --changes) {
      const size_t at = random() % 5 == 0 ? random() % 8 : random() % (8 + header);
      if (random() % 2) {
        bytes[std::min(at, bytes.size() - 1)] = std::byte(random());
      } else {
        const std::string_view piece = pieces[random() % std::size(pieces)];
        for (size_t i = 0; i < piece.size() && at + i < bytes.size(); ++i) bytes[at + i] = std::byte(piece[i]);
      }
    }
    if (random() % 4 == 0) bytes.resize(random() % (bytes.size() + 1));
    accepted += refusal(bytes) == "accepted";
  }
  EXPECT_LT(accepted, 10000);
  for (size_t size = 0; size < good.size(); ++size)
    EXPECT_NE(refusal({good.begin(), good.begin() + long(size)}), "accepted");
}
