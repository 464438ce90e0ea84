// The expression behind --filter.
#include <algorithm>
#include <optional>

#include "rig/app/plan.h"

namespace rig {

struct Filter::Node {
  enum class Kind { kTerm, kAnd, kOr, kNot } kind = Kind::kTerm;
  std::string field;
  std::string text;
  std::unique_ptr<Node> left;
  std::unique_ptr<Node> right;
};

namespace {

using Node = Filter::Node;

constexpr int kDeepest = 100;

class Parser {
 public:
  explicit Parser(const std::string& text) : text_(text) { next(); }

  std::unique_ptr<Node> parse() {
    std::unique_ptr<Node> node = either();
    if (token_) fail("an end, `and` or `or`");
    return node;
  }

 private:
  [[noreturn]] void fail(const std::string& expected) const {
    throw InputError("--filter: expected " + expected + ", found '" +
                     (token_ ? *token_ : std::string("the end")) + "' in: " + text_);
  }

  void next() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    token_.reset();
    if (at_ >= text_.size()) return;
    if (text_[at_] == '(' || text_[at_] == ')') {
      token_ = text_.substr(at_++, 1);
      return;
    }
    std::string token;
    bool quoted = false;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        quoted = !quoted;
      } else if (!quoted && (c == ' ' || c == '(' || c == ')')) {
        break;
      } else {
        token += c;
      }
    }
    if (quoted) throw InputError("--filter: a quotation mark is not closed in: " + text_);
    token_ = token;
  }

  bool take(const std::string& word) {
    if (token_ != word) return false;
    next();
    return true;
  }

  static std::unique_ptr<Node> join(Node::Kind kind, std::unique_ptr<Node> left,
                                    std::unique_ptr<Node> right) {
    auto node = std::make_unique<Node>();
    node->kind = kind;
    node->left = std::move(left);
    node->right = std::move(right);
    return node;
  }

  std::unique_ptr<Node> either() {
    std::unique_ptr<Node> node = both();
    while (take("or")) node = join(Node::Kind::kOr, std::move(node), both());
    return node;
  }

  std::unique_ptr<Node> both() {
    std::unique_ptr<Node> node = unary();
    while (take("and")) node = join(Node::Kind::kAnd, std::move(node), unary());
    return node;
  }

  std::unique_ptr<Node> unary() {
    if (depth_ >= kDeepest) {
      throw InputError("--filter: nested more than " + std::to_string(kDeepest) + " deep");
    }
    if (take("not")) {
      ++depth_;
      std::unique_ptr<Node> node = join(Node::Kind::kNot, unary(), nullptr);
      --depth_;
      return node;
    }
    if (take("(")) {
      ++depth_;
      std::unique_ptr<Node> node = either();
      --depth_;
      if (!take(")")) fail("`)`");
      return node;
    }
    if (!token_ || token_ == ")" || token_ == "and" || token_ == "or") fail("a term");
    auto node = std::make_unique<Node>();
    const auto colon = token_->find(':');
    node->field = colon == std::string::npos ? "id" : token_->substr(0, colon);
    node->text = colon == std::string::npos ? *token_ : token_->substr(colon + 1);
    if (node->field != "id" && node->field != "file" && node->field != "tag" &&
        node->field != "verifies") {
      fail("id:, file:, tag: or verifies:");
    }
    next();
    return node;
  }

  std::string text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::optional<std::string> token_;
};

bool holds(const Node& node, const Scenario& scenario) {
  switch (node.kind) {
    case Node::Kind::kAnd: return holds(*node.left, scenario) && holds(*node.right, scenario);
    case Node::Kind::kOr: return holds(*node.left, scenario) || holds(*node.right, scenario);
    case Node::Kind::kNot: return !holds(*node.left, scenario);
    case Node::Kind::kTerm: break;
  }
  const auto among = [&node](const std::vector<std::string>& words) {
    return std::ranges::find(words, node.text) != words.end();
  };
  if (node.field == "tag") return among(scenario.tags);
  if (node.field == "verifies") return among(scenario.verifies);
  const std::string& where = node.field == "file" ? scenario.file : scenario.id;
  return where.find(node.text) != std::string::npos;
}

}  // namespace

Filter::Filter(const std::string& expression) {
  if (!expression.empty()) root_ = Parser(expression).parse();
}
Filter::~Filter() = default;

bool Filter::accepts(const Scenario& scenario) const { return !root_ || holds(*root_, scenario); }

}  // namespace rig
