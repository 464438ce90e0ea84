// Files that are not what they should be: one line, with the place, and nothing worse.
#include "rig/config/yaml.h"

#include "tests/config/files_fixture.h"

namespace rig {
namespace {

class ReadYaml : public FilesTest {
 protected:
  std::string error_in_file(const std::string& text) const {
    return error_of([&] { read_yaml(write("f.yaml", text)); });
  }
};

TEST_F(ReadYaml, KnowsWhereEachWordStands) {
  const Yaml root = parse_yaml("a: 1\nb:\n  - x\n  - {c: y}\n", "f.yaml");
  ASSERT_TRUE(root.is_map());
  const Yaml& list = *root.find("b");
  EXPECT_EQ(list.items.at(0).where(), "f.yaml:3:5");
  EXPECT_EQ(list.items.at(1).find("c")->where(), "f.yaml:4:9");
  EXPECT_EQ(root.find("z"), nullptr);
}

TEST_F(ReadYaml, TellsANullFromAText) {
  const Yaml root = parse_yaml("a: \nb: ~\nc: null\nd: \"\"\ne: 'null'\n", "f.yaml");
  for (const char* key : {"a", "b", "c"}) EXPECT_EQ(root.find(key)->kind, Yaml::Kind::kNull) << key;
  for (const char* key : {"d", "e"}) EXPECT_EQ(root.find(key)->kind, Yaml::Kind::kScalar) << key;
}

TEST_F(ReadYaml, RefusesWhatIsNotAFile) {
  EXPECT_EQ(error_of([&] { read_yaml(path("none.yaml")); }), "none.yaml: no such file");
  std::filesystem::create_directories(path("folder.yaml"));
  EXPECT_EQ(error_of([&] { read_yaml(path("folder.yaml")); }), "folder.yaml: not a file");
  EXPECT_EQ(error_of([&] { read_yaml("/dev/zero"); }), "/dev/zero: not a file");
  std::filesystem::create_symlink("loop.yaml", path("loop.yaml"));
  EXPECT_EQ(error_of([&] { read_yaml(path("loop.yaml")); }), "loop.yaml: no such file");
}

TEST_F(ReadYaml, RefusesAFileThatSaysNothing) {
  for (const char* text : {"", "\n", " \t\r\n "}) {
    EXPECT_EQ(error_in_file(text), "f.yaml: the file is empty");
  }
  EXPECT_EQ(error_in_file("# only a comment\n"), "f.yaml: the file is empty");
}

TEST_F(ReadYaml, RefusesBytesThatAreNotText) {
  const std::string wrong = ": expected UTF-8 text, found a binary or broken byte at offset ";
  EXPECT_EQ(error_in_file("\x7f"
                          "ELF\x01\x01"),
            "f.yaml:1" + wrong + "4");
  EXPECT_EQ(error_in_file(std::string("a: b\nc: \0", 9)), "f.yaml:2" + wrong + "8");
  EXPECT_EQ(error_in_file("a: caf\xe9\n"), "f.yaml:1" + wrong + "6") << "Latin-1";
  EXPECT_EQ(error_in_file("a: \xc3"), "f.yaml:1" + wrong + "3") << "cut";
  EXPECT_EQ(error_in_file("a: \xc0\xaf"), "f.yaml:1" + wrong + "3") << "overlong, two bytes";
  EXPECT_EQ(error_in_file("a: \xe0\x80\xaf"), "f.yaml:1" + wrong + "3") << "overlong, three bytes";
  EXPECT_EQ(error_in_file("a: \xf0\x80\x80\xaf"), "f.yaml:1" + wrong + "3") << "overlong, four";
  EXPECT_EQ(error_in_file("a: \xed\xa0\x80"), "f.yaml:1" + wrong + "3")
      << "half of a surrogate pair";
  EXPECT_EQ(error_in_file("a: \xf4\x90\x80\x80"), "f.yaml:1" + wrong + "3") << "beyond U+10FFFF";
  EXPECT_EQ(error_in_file("a: \x1b[31m\n"), "f.yaml:1" + wrong + "3") << "terminal escape";
  EXPECT_EQ(error_in_file("\xff\xfe: a"), "f.yaml:1" + wrong + "0") << "UTF-16";
}

TEST_F(ReadYaml, TakesTextInAnyLanguage) {
  const Yaml root = parse_yaml("a: µs Ω 心 💓\n", "f.yaml");
  EXPECT_EQ(root.find("a")->scalar, "µs Ω 心 💓");
}

TEST_F(ReadYaml, RefusesAFileOverOneMebibyte) {
  EXPECT_EQ(error_in_file("a: " + std::string(1u << 20, 'x')),
            "f.yaml: 1048579 bytes, expected at most 1048576");
  EXPECT_EQ(error_in_file("a: " + std::string((1u << 20) - 3, 'x')), "no error");
}

TEST_F(ReadYaml, SaysWhereBrokenYamlBreaks) {
  EXPECT_EQ(error_in_file("a: [1, 2\nb: 3\n"),
            "f.yaml:2:2: not valid YAML: end of sequence flow not found");
  EXPECT_EQ(error_in_file("a: b: c\n"), "f.yaml:1:5: not valid YAML: illegal map value");
  EXPECT_EQ(error_in_file("a: *nobody\n"),
            "f.yaml:1:4: not valid YAML: the referenced anchor is not defined");
}

TEST_F(ReadYaml, RefusesASecondDocument) {
  EXPECT_EQ(error_in_file("a: 1\n---\nb: 2\n"), "f.yaml: expected one YAML document, found more");
}

TEST_F(ReadYaml, RefusesAKeyGivenTwice) {
  EXPECT_EQ(error_in_file("a: 1\nb: 2\na: 3\n"),
            "f.yaml:3:1: key 'a' given twice, first on line 1");
  EXPECT_EQ(error_in_file("x: {a: 1, a: 2}\n"),
            "f.yaml:1:11: key 'a' given twice, first on line 1");
}

TEST_F(ReadYaml, RefusesKeysThatAreNotWords) {
  EXPECT_EQ(error_in_file("? [a, b]\n: 1\n"), "f.yaml:1:3: expected a key, found a list");
  EXPECT_EQ(error_in_file("? {a: b}\n: 1\n"), "f.yaml:1:3: expected a key, found a map");
  EXPECT_EQ(error_in_file("~: 1\n"), "f.yaml:1:1: expected a key, found nothing");
}

TEST_F(ReadYaml, RefusesDeepNesting) {
  EXPECT_EQ(error_in_file(std::string(49, '[') + std::string(49, ']')), "no error");
  EXPECT_EQ(error_in_file(std::string(60, '[') + std::string(60, ']')),
            "f.yaml:1:51: nested more than 50 deep");
  for (const char bracket : {'[', '{'}) {
    const std::string error = error_in_file(std::string(500'000, bracket));
    EXPECT_NE(error.find(": nested more than 50 deep"), std::string::npos) << error;
  }
}

TEST_F(ReadYaml, RefusesABillionLaughs) {
  std::string text = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n";
  for (int k = 1; k < 10; ++k) {
    const std::string before = "*a" + std::to_string(k - 1);
    text += "a" + std::to_string(k) + ": &a" + std::to_string(k) + " [" + before;
    for (int n = 1; n < 10; ++n) text += ", " + before;
    text += "]\n";
  }
  EXPECT_EQ(error_in_file(text), "f.yaml:4:5: more than 100000 nodes after expanding aliases");
}

TEST_F(ReadYaml, ExpandsAliasesThatAreReasonable) {
  const Yaml root = parse_yaml("a: &x {p: 1}\nb: *x\n", "f.yaml");
  EXPECT_EQ(root.find("b")->find("p")->scalar, "1");
}

TEST_F(ReadYaml, RefusesAnAliasToItself) {
  EXPECT_EQ(error_in_file("a: &x [*x]\n"), "f.yaml:1:8: alias to itself");
  EXPECT_EQ(error_in_file("a: &x {b: {c: *x}}\n"), "f.yaml:1:15: alias to itself");
}

TEST_F(ReadYaml, KeepsAnErrorOnOneLineWhateverItQuotes) {
  const Yaml root =
      parse_yaml("a: \"one\\ntwo\\e[31m\\tthree\"\nb: " + std::string(500, 'x'), "f.yaml");
  EXPECT_EQ(root.find("a")->found(), "'one\ntwo\x1b[31m\tthree'");
  EXPECT_STREQ(root.find("a")->error("found " + root.find("a")->found()).what(),
               "f.yaml:1:4: found 'one\\x0atwo\\x1b[31m\\x09three'");
  EXPECT_EQ(std::string(root.error(std::string(5000, 'y')).what()),
            "f.yaml:1:1: " + std::string(500, 'y') + "...");
  EXPECT_EQ(root.find("b")->found(), "'" + std::string(60, 'x') + "...'");
}

}  // namespace
}  // namespace rig
