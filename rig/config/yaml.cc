#include "rig/config/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

namespace rig {
namespace {

constexpr std::size_t kLargestFile = 1u << 20;
constexpr std::size_t kMostNodes = 100'000;
constexpr std::size_t kDeepest = 50;
constexpr std::size_t kLongestFound = 60;
constexpr std::size_t kLongestError = 500;

// Builds the tree from the parser's events; aliases are copied, and counted while they are.
class Builder final : public YAML::EventHandler {
 public:
  explicit Builder(std::string file) : file_(std::move(file)) {}

  Yaml take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(node(mark, Yaml::Kind::kNull), anchor);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    // A plain empty or ~ scalar is null; a quoted one (tag "!") is a text.
    const bool null = tag != "!" && (value.empty() || value == "~" || value == "null");
    Yaml scalar = node(mark, null ? Yaml::Kind::kNull : Yaml::Kind::kScalar);
    scalar.scalar = value;
    add(std::move(scalar), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw node(mark, Yaml::Kind::kNull).error("alias to itself");
    Yaml copy = found->second.first;
    count(found->second.second, copy);
    add(std::move(copy), 0);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(node(mark, Yaml::Kind::kList), anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(node(mark, Yaml::Kind::kMap), anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    Yaml node;
    YAML::anchor_t anchor = 0;
    std::size_t nodes_before = 0;
    bool has_key = false;
    Yaml key;
  };

  Yaml node(const YAML::Mark& mark, Yaml::Kind kind) {
    Yaml n{.kind = kind, .file = file_, .line = mark.line + 1, .column = mark.column + 1};
    count(1, n);
    return n;
  }
  void count(std::size_t more, const Yaml& at) {
    nodes_ += more;
    if (nodes_ > kMostNodes) {
      throw at.error("more than " + std::to_string(kMostNodes) + " nodes after expanding aliases");
    }
  }
  void open(Yaml started, YAML::anchor_t anchor) {
    if (stack_.size() >= kDeepest) {
      throw started.error("nested more than " + std::to_string(kDeepest) + " deep");
    }
    const std::size_t before = nodes_ - 1;
    stack_.push_back({.node = std::move(started), .anchor = anchor, .nodes_before = before});
  }
  void close() {
    Open done = std::move(stack_.back());
    stack_.pop_back();
    if (done.anchor != 0) anchors_[done.anchor] = {done.node, nodes_ - done.nodes_before};
    place(std::move(done.node));
  }
  void add(Yaml leaf, YAML::anchor_t anchor) {
    if (anchor != 0) anchors_[anchor] = {leaf, 1};
    place(std::move(leaf));
  }
  void place(Yaml child) {
    if (stack_.empty()) {
      root_ = std::move(child);
      return;
    }
    Open& parent = stack_.back();
    if (parent.node.is_list()) {
      parent.node.items.push_back(std::move(child));
    } else if (!parent.has_key) {
      if (!child.is_scalar()) throw child.error("expected a key, found " + child.found());
      if (const Yaml* first = parent.node.find(child.scalar)) {
        throw child.error("key '" + child.scalar + "' given twice, first on line " +
                          std::to_string(first->line));
      }
      parent.key = std::move(child);
      parent.has_key = true;
    } else {
      parent.node.entries.push_back({.key = std::move(parent.key), .value = std::move(child)});
      parent.has_key = false;
    }
  }

  std::string file_;
  Yaml root_;
  std::vector<Open> stack_;
  std::map<YAML::anchor_t, std::pair<Yaml, std::size_t>> anchors_;
  std::size_t nodes_ = 0;
};

// Bytes of the UTF-8 character that `text` begins with (RFC 3629, table of section 4); 0: none.
// REQUIRES: !text.empty()
std::size_t length_of_character(std::string_view text) {
  struct Form {
    unsigned char first, last;              // of the leading byte
    unsigned char second_low, second_high;  // what excludes overlong forms and surrogates
    std::size_t length;
  };
  static constexpr std::array<Form, 8> kForms{{{0xC2, 0xDF, 0x80, 0xBF, 2},
                                               {0xE0, 0xE0, 0xA0, 0xBF, 3},
                                               {0xE1, 0xEC, 0x80, 0xBF, 3},
                                               {0xED, 0xED, 0x80, 0x9F, 3},
                                               {0xEE, 0xEF, 0x80, 0xBF, 3},
                                               {0xF0, 0xF0, 0x90, 0xBF, 4},
                                               {0xF1, 0xF3, 0x80, 0xBF, 4},
                                               {0xF4, 0xF4, 0x80, 0x8F, 4}}};
  const auto byte = [text](std::size_t k) { return static_cast<unsigned char>(text[k]); };
  if (byte(0) < 0x80) return 1;
  for (const Form& form : kForms) {
    if (byte(0) < form.first || byte(0) > form.last) continue;
    if (text.size() < form.length || byte(1) < form.second_low || byte(1) > form.second_high)
      return 0;
    for (std::size_t k = 2; k < form.length; ++k) {
      if ((byte(k) & 0xC0) != 0x80) return 0;
    }
    return form.length;
  }
  return 0;
}

// Offset of the first byte that is not UTF-8 (or is a control byte), or npos.
std::size_t first_bad_byte(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 && c != '\n' && c != '\r' && c != '\t') return i;
    const std::size_t length = length_of_character(text.substr(i));
    if (length == 0) return i;
    i += length;
  }
  return std::string_view::npos;
}

// The first so many bytes, or a little less: characters stay whole.
std::string_view beginning_of(std::string_view text, std::size_t bytes) {
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

std::string one_line(std::string_view text) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string line;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7F) {
      line += c;
    } else {
      line += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return line;
}

}  // namespace

InputError error_at(const std::string& where, std::string_view what) {
  const std::string text = one_line(where) + ": ";
  if (what.size() <= kLongestError) return InputError(text + one_line(what));
  return InputError(text + one_line(beginning_of(what, kLongestError)) + "...");
}

const Yaml* Yaml::find(std::string_view key) const {
  for (const auto& [name, value] : entries) {
    if (name.scalar == key) return &value;
  }
  return nullptr;
}

std::string Yaml::where() const {
  return file + ":" + std::to_string(line) + ":" + std::to_string(column);
}

std::string Yaml::found() const {
  switch (kind) {
    case Kind::kNull: return "nothing";
    case Kind::kScalar:
      if (scalar.size() <= kLongestFound) return "'" + scalar + "'";
      return "'" + std::string(beginning_of(scalar, kLongestFound)) + "...'";
    case Kind::kList: return items.empty() ? "an empty list" : "a list";
    case Kind::kMap: return entries.empty() ? "an empty map" : "a map";
  }
  return "?";
}

Yaml parse_yaml(const std::string& text, const std::string& file) {
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
    throw error_at(file, "the file is empty");
  }
  if (const std::size_t bad = first_bad_byte(text); bad != std::string_view::npos) {
    const auto line =
        1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(bad), '\n');
    throw error_at(
        file + ":" + std::to_string(line),
        "expected UTF-8 text, found a binary or broken byte at offset " + std::to_string(bad));
  }
  std::istringstream stream(text);
  Builder builder(file);
  try {
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) throw error_at(file, "the file is empty");
    Yaml root = builder.take();
    if (root.kind == Yaml::Kind::kNull) throw error_at(file, "the file is empty");
    Builder second(file);
    if (parser.HandleNextDocument(second)) {
      throw error_at(file, "expected one YAML document, found more");
    }
    return root;
  } catch (const YAML::Exception& error) {
    throw error_at(file + ":" + std::to_string(error.mark.line + 1) + ":" +
                       std::to_string(error.mark.column + 1),
                   "not valid YAML: " + error.msg);
  }
}

Yaml read_yaml(const std::string& path) {
  std::error_code failed;
  const auto status = std::filesystem::status(path, failed);
  if (failed || !std::filesystem::exists(status)) throw error_at(path, "no such file");
  if (!std::filesystem::is_regular_file(status)) throw error_at(path, "not a file");
  const auto size = std::filesystem::file_size(path, failed);
  if (!failed && size > kLargestFile) {
    throw error_at(
        path, std::to_string(size) + " bytes, expected at most " + std::to_string(kLargestFile));
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) throw error_at(path, std::strerror(errno));
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return parse_yaml(text, path);
}

}  // namespace rig
