#include "lamina/io/safetensors_header.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_set>

#include "lamina/core/error.h"
#include "lamina/core/text.h"

namespace lamina::io {

namespace {

struct TypeName {
  const char* name;
  DType dtype;
};
constexpr TypeName kTypes[] = {{"F32", kFloat32}, {"F64", kFloat64}, {"BF16", kBFloat16}, {"F16", kFloat16},
                               {"I64", kInt64},   {"I32", kInt32},   {"I16", kInt16},     {"I8", kInt8},
                               {"U8", kUInt8},    {"BOOL", kBool}};
constexpr int kLargestRank = 64;

// Names come from a file that may be hostile: control characters and bytes that are no text do not reach a terminal.
std::string shown(std::string_view text) {
  constexpr size_t kShown = 200;
  std::string out = "\"";
  for (const char c : text.substr(0, kShown)) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  if (text.size() > kShown) {
    while (static_cast<unsigned char>(out.back()) >= 0x80) out.pop_back();  // do not end inside a character
    out += "…";
  }
  return out + '"';
}

[[noreturn]] void refuse(const std::string& why) { throw LoadError("not a safetensors file: " + why); }
[[noreturn]] void refuse_tensor(const std::string& name, const std::string& why) {
  throw LoadError(str("tensor ", shown(name), ": ", why));
}

DType dtype_named(const std::string& tensor, const std::string& text) {
  for (const TypeName& t : kTypes)
    if (text == t.name) return t.dtype;
  refuse_tensor(tensor, str("its dtype ", shown(text),
                            " is not one that Lamina has: F32, F64, BF16, F16, I64, I32, I16, I8, U8, BOOL"));
}

/// Reads the header as it is parsed, so that nothing is kept which has no place in it: depth is bounded by the form.
class HeaderReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  SafetensorsHeader header;

  bool start_object(size_t) override {
    if (place_ == Place::Start) place_ = Place::Names;
    else if (place_ == Place::Names) {
      place_ = name_ == "__metadata__" ? Place::Metadata : Place::Tensor;
      dtype_.reset(), shape_.reset(), offsets_.reset();
    } else unexpected("an object");
    return true;
  }
  bool key(string_t& name) override {
    if (place_ == Place::Names) {
      name_ = name;
      if (!names_.insert(name).second) refuse(str("the name ", shown(name), " appears twice"));
    } else if (place_ == Place::Metadata) {
      field_ = name;
      if (header.metadata.contains(name)) refuse(str("the metadata key ", shown(name), " appears twice"));
    } else {
      field_ = name;
      const bool known = name == "dtype" || name == "shape" || name == "data_offsets";
      if (!known) refuse_tensor(name_, str("unknown field ", shown(name)));
      if (name == "dtype" ? dtype_.has_value() : name == "shape" ? shape_.has_value() : offsets_.has_value())
        refuse_tensor(name_, str("its ", name, " appears twice"));
    }
    return true;
  }
  bool string(string_t& text) override {
    if (place_ == Place::Metadata) header.metadata.emplace(field_, text);
    else if (place_ == Place::Tensor && field_ == "dtype") dtype_ = text;
    else unexpected("a text");
    return true;
  }
  bool start_array(size_t) override {
    if (place_ != Place::Tensor || field_ == "dtype") unexpected("a list");
    place_ = field_ == "shape" ? Place::Shape : Place::Offsets;
    (place_ == Place::Shape ? shape_ : offsets_).emplace();
    return true;
  }
  bool number_unsigned(number_unsigned_t v) override {
    if (place_ == Place::Shape) {
      if (v > uint64_t(INT64_MAX)) refuse_tensor(name_, str("its shape has the size ", v));
      if (shape_->size() == size_t(kLargestRank))
        refuse_tensor(name_, str("its shape has more than ", kLargestRank, " dimensions"));
      shape_->push_back(v);
    } else if (place_ == Place::Offsets) {
      if (offsets_->size() == 2) refuse_tensor(name_, "its data_offsets are more than two");
      offsets_->push_back(v);
    } else unexpected("a number");
    return true;
  }
  bool end_array() override {
    place_ = Place::Tensor;
    return true;
  }
  bool end_object() override {
    if (place_ == Place::Tensor) add_tensor();
    place_ = place_ == Place::Names ? Place::End : Place::Names;
    return true;
  }
  bool null() override { return unexpected("null"); }
  bool boolean(bool) override { return unexpected("a truth value"); }
  bool number_integer(number_integer_t v) override { return unexpected(str("the number ", v)); }
  bool number_float(number_float_t, const string_t& text) override {
    return unexpected(str("the number ", shown(text)));
  }
  bool binary(binary_t&) override { return unexpected("binary data"); }
  bool parse_error(size_t position, const std::string&, const nlohmann::detail::exception& e) override {
    std::string why = e.what();
    // "[json.exception…] parse error at line 1, column 2: syntax error while parsing …: what was wrong; last read: …"
    if (const size_t semicolon = why.find(';'); semicolon != std::string::npos) why.resize(semicolon);
    const size_t at = why.rfind(": ");
    why = at != std::string::npos && at + 2 < why.size() ? why.substr(at + 2) : "syntax error";
    for (char& c : why)
      if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) c = '?';
    refuse(str("its header is not valid JSON at byte ", position, ": ", why));
  }

 private:
  enum class Place { Start, Names, Metadata, Tensor, Shape, Offsets, End };

  bool unexpected(const std::string& what) const {
    if (place_ == Place::Start || place_ == Place::End) refuse(str("its header is ", what, ", not an object"));
    if (place_ == Place::Names) refuse(str(shown(name_), " is ", what, ", not an object"));
    if (place_ == Place::Metadata) refuse(str("the metadata ", shown(field_), " is ", what, ", not a text"));
    refuse_tensor(name_, str("its ", field_, " holds ", what));
  }
  void add_tensor() {
    if (!dtype_ || !shape_ || !offsets_)
      refuse_tensor(name_, str("its ", !dtype_ ? "dtype" : !shape_ ? "shape" : "data_offsets", " is missing"));
    if (offsets_->size() != 2) refuse_tensor(name_, "its data_offsets are not two");
    SafetensorsEntry e{name_, dtype_named(name_, *dtype_), {}, (*offsets_)[0], (*offsets_)[1]};
    for (const uint64_t size : *shape_) e.shape.push_back(int64_t(size));
    header.entries.push_back(std::move(e));
  }

  Place place_ = Place::Start;
  std::string name_, field_;
  std::unordered_set<std::string> names_;
  std::optional<std::string> dtype_;
  std::optional<std::vector<uint64_t>> shape_, offsets_;
};

void check_bytes(const SafetensorsEntry& e, uint64_t value_bytes) {
  if (e.begin > e.end) refuse_tensor(e.name, str("its data_offsets [", e.begin, ", ", e.end, "] run backwards"));
  if (e.end > value_bytes)
    refuse_tensor(e.name, str("its data_offsets [", e.begin, ", ", e.end, "] leave the file, which holds ", value_bytes,
                              " bytes of values. Is the file cut off?"));
  // sizes of zero count as one here: strides must not overflow either
  int64_t reach = element_size(e.dtype);
  for (const int64_t size : e.shape)
    if (__builtin_mul_overflow(reach, std::max<int64_t>(size, 1), &reach))
      refuse_tensor(e.name, str("its shape ", e.shape, " is larger than any memory"));
  const uint64_t bytes = uint64_t(e.shape.numel() * element_size(e.dtype));
  if (e.end - e.begin != bytes)
    refuse_tensor(e.name, str("its shape ", e.shape, " of ", name(e.dtype), " takes ", bytes,
                              " bytes, its data_offsets [", e.begin, ", ", e.end, "] hold ", e.end - e.begin));
}

std::string json_text(const std::string& text, const char* what) {
  try {
    return nlohmann::json(text).dump();
  } catch (const nlohmann::json::exception&) {
    throw OptionError(str(what, " is not valid UTF-8"));
  }
}

}  // namespace

uint64_t safetensors_header_size(std::string_view start, uint64_t file_bytes) {
  if (file_bytes < 8 || start.size() < 8) refuse(str("it has ", file_bytes, " bytes, and a header alone takes more"));
  uint64_t size = 0;
  for (int i = 7; i >= 0; --i) size = size << 8 | static_cast<unsigned char>(start[size_t(i)]);
  if (size > file_bytes - 8)
    refuse(str("its header would take ", size, " bytes of the ", file_bytes - 8,
               " that follow. Is it another format, or cut off?"));
  if (size > kSafetensorsLargestHeader)
    refuse(str("its header of ", size, " bytes is larger than the ", kSafetensorsLargestHeader, " that are allowed"));
  return size;
}

SafetensorsHeader parse_safetensors_header(std::string_view json, uint64_t value_bytes) {
  if (json.empty() || json[0] != '{') refuse("its header does not start with '{'");
  HeaderReader reader;
  nlohmann::json::sax_parse(json.begin(), json.end(), &reader);
  std::vector<SafetensorsEntry>& entries = reader.header.entries;
  for (const SafetensorsEntry& e : entries) check_bytes(e, value_bytes);
  std::stable_sort(entries.begin(), entries.end(),
                   [](const auto& a, const auto& b) { return a.begin != b.begin ? a.begin < b.begin : a.end < b.end; });
  uint64_t at = 0;
  for (const SafetensorsEntry& e : entries) {
    if (e.begin < at)
      refuse_tensor(e.name, str("its values at ", e.begin, " overlap those of another tensor, which end at ", at));
    if (e.begin > at)
      refuse_tensor(e.name,
                    str("its values start at ", e.begin, ", and nothing belongs to the bytes from ", at, " on"));
    at = e.end;
  }
  if (at != value_bytes) refuse(str("its tensors hold ", at, " bytes of values, and ", value_bytes, " are there"));
  return std::move(reader.header);
}

std::string write_safetensors_header(const SafetensorsHeader& header) {
  std::string json = "{";
  const auto comma = [&](const char last) {
    if (json.back() != last) json += ',';
  };
  if (!header.metadata.empty()) {
    json += "\"__metadata__\":{";
    for (const auto& [key, value] : header.metadata) {
      comma('{');
      json += str(json_text(key, "a metadata key"), ":", json_text(value, "a metadata value"));
    }
    json += '}';
  }
  std::unordered_set<std::string> names = {"__metadata__"};
  for (const SafetensorsEntry& e : header.entries) {
    if (!names.insert(e.name).second)
      throw OptionError(e.name == "__metadata__" ? std::string("a tensor may not be named \"__metadata__\"")
                                                 : str("two tensors are named ", shown(e.name)));
    comma('{');
    json += str(
        json_text(e.name, "a tensor's name"), ":{\"dtype\":\"",
        std::find_if(std::begin(kTypes), std::end(kTypes), [&](const TypeName& t) { return t.dtype == e.dtype; })->name,
        "\",\"shape\":[");
    for (const int64_t size : e.shape) {
      comma('[');
      json += str(size);
    }
    json += str("],\"data_offsets\":[", e.begin, ",", e.end, "]}");
  }
  json += '}';
  json.resize((json.size() + 7) / 8 * 8, ' ');
  std::string out(8, '\0');
  for (int i = 0; i < 8; ++i) out[size_t(i)] = char(uint64_t(json.size()) >> (8 * i));
  return out + json;
}

}  // namespace lamina::io
