// Heads of seeded faults: what they mean, and what they may not be.
#include "rig/config/fault_file.h"

#include "tests/config/files_fixture.h"

namespace rig {
namespace {

constexpr const char* kFault = R"(fault: F11
title: "The gap is too long"
breaks: SRS-012
caught_by: [gap, pulse.count]
magnitude: {macro: MAGNITUDE, unit: "0.5 us", from: 0, to: 100, default: 8}
rare: "only under serial load"

--- a/logic/therapy.cc
+++ b/logic/therapy.cc
@@ -1 +1 @@
-title: this is no YAML: [
+either
)";

class ReadFault : public FilesTest {
 protected:
  std::string error_with(const std::string& old_text, const std::string& new_text) const {
    std::string text = kFault;
    const auto at = text.find(old_text);
    EXPECT_NE(at, std::string::npos) << old_text;
    text.replace(at, old_text.size(), new_text);
    return error_of([&] { read_fault(write("f.patch", text)); });
  }
};

TEST_F(ReadFault, TakesTheHeadAndLeavesTheDiff) {
  const FaultFile fault = read_fault(write("f.patch", kFault));
  EXPECT_EQ(fault.id, "F11");
  EXPECT_EQ(fault.breaks, "SRS-012");
  EXPECT_EQ(fault.caught_by, (std::vector<std::string>{"gap", "pulse.count"}));
  ASSERT_TRUE(fault.magnitude);
  EXPECT_EQ(fault.magnitude->worst, 100);
  EXPECT_EQ(fault.magnitude->usual, 8);
  EXPECT_FALSE(fault.of_the_bench());
}

TEST_F(ReadFault, SaysWhatIsWrong) {
  EXPECT_EQ(error_with("fault: F11", "fault: X11"),
            "f.patch:1:8: expected F and a number, or H and a number");
  EXPECT_EQ(error_with("breaks", "break"),
            "f.patch:3:1: unknown key 'break' in fault, did you mean 'breaks'?");
  EXPECT_EQ(error_with("[gap, pulse.count]", "[]"), "f.patch:4:12: expected a quantity");
  EXPECT_EQ(error_with("default: 8", "default: 0"),
            "f.patch:5:12: expected a default between from, which is harmless, and to");
  EXPECT_EQ(error_with("\n--- a/logic/therapy.cc", ""),
            "f.patch: no diff, expected a line '--- a/FILE'");
}

TEST_F(ReadFault, FoldersAreReadInTheOrderOfTheirNumbers) {
  std::string text = kFault;
  for (const char* id : {"F9", "H01", "F100"}) {
    text.replace(0, text.find('\n'), std::string("fault: ") + id);
    write(std::string("faults/") + id + ".patch", text);
  }
  std::string order;
  for (const FaultFile& fault : read_faults(path("faults"))) order += fault.id + " ";
  EXPECT_EQ(order, "F9 F100 H01 ");
  write("faults/again.patch", text);
  EXPECT_NE(error_of([&] { read_faults(path("faults")); }).find("another fault is F100 already"),
            std::string::npos);
  EXPECT_EQ(error_of([&] { read_faults(path("nowhere")); }), "nowhere: No such file or directory");
}

}  // namespace
}  // namespace rig
