#include "rig/config/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
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

// Offset of the first byte that is not UTF-8 (or is a control byte), or npos.
std::size_t first_bad_byte(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    const auto c = static_cast<unsigned char>(text[i]);
    std::size_t length = 1;
    if (c < 0x20 && c != '\n' && c != '\r' && c != '\t') return i;
    if (c >= 0x80) length = c >= 0xF0 && c < 0xF5 ? 4 : c >= 0xE0 ? 3 : c >= 0xC2 ? 2 : 0;
    if (length == 0 || c >= 0xF5 || i + length > text.size()) return i;
    for (std::size_t k = 1; k < length; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return i;
    }
    i += length;
  }
  return std::string_view::npos;
}

}  // namespace

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
    case Kind::kScalar: return "'" + scalar + "'";
    case Kind::kList: return "a list";
    case Kind::kMap: return "a map";
  }
  return "?";
}

Yaml parse_yaml(const std::string& text, const std::string& file) {
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
    throw InputError(file + ": the file is empty");
  }
  if (const std::size_t bad = first_bad_byte(text); bad != std::string_view::npos) {
    const auto line =
        1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(bad), '\n');
    throw InputError(file + ":" + std::to_string(line) +
                     ": expected UTF-8 text, found a binary or broken byte at offset " +
                     std::to_string(bad));
  }
  std::istringstream stream(text);
  Builder builder(file);
  try {
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) throw InputError(file + ": the file is empty");
    Yaml root = builder.take();
    Builder second(file);
    if (parser.HandleNextDocument(second)) {
      throw InputError(file + ": expected one YAML document, found more");
    }
    return root;
  } catch (const YAML::Exception& error) {
    throw InputError(file + ":" + std::to_string(error.mark.line + 1) + ":" +
                     std::to_string(error.mark.column + 1) + ": not valid YAML: " + error.msg);
  }
}

Yaml read_yaml(const std::string& path) {
  std::error_code failed;
  const auto status = std::filesystem::status(path, failed);
  if (failed || !std::filesystem::exists(status)) throw InputError(path + ": no such file");
  if (!std::filesystem::is_regular_file(status)) throw InputError(path + ": not a file");
  const auto size = std::filesystem::file_size(path, failed);
  if (!failed && size > kLargestFile) {
    throw InputError(path + ": " + std::to_string(size) + " bytes, expected at most " +
                     std::to_string(kLargestFile));
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) throw InputError(path + ": " + std::strerror(errno));
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return parse_yaml(text, path);
}

}  // namespace rig
