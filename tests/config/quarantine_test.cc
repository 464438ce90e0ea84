// The quarantine: no entry without a reason, none that means no case.
#include "rig/config/quarantine.h"

#include "tests/config/files_fixture.h"

namespace rig {
namespace {

class Quarantine : public FilesTest {
 protected:
  std::vector<Quarantined> read(const std::string& text) const {
    return load_quarantine(write("q.yaml", text), ids_);
  }
  std::string error_of_reading(const std::string& text) const {
    return error_of([&] { read(text); });
  }
  std::vector<std::string> ids_ = {"safety/led[rate=1 Hz]", "safety/led[rate=9 Hz]",
                                   "safety/led_2"};
};

TEST_F(Quarantine, MeansACaseOrAllRowsOfAScenario) {
  const auto row = read("- {case: 'safety/led[rate=9 Hz]', reason: lamp}");
  EXPECT_EQ(find_quarantine(row, "safety/led[rate=1 Hz]"), nullptr);
  ASSERT_NE(find_quarantine(row, "safety/led[rate=9 Hz]"), nullptr);
  EXPECT_EQ(find_quarantine(row, "safety/led[rate=9 Hz]")->reason, "lamp");
  const auto rows = read("- {case: safety/led, reason: lamp}");
  EXPECT_NE(find_quarantine(rows, "safety/led[rate=1 Hz]"), nullptr);
  EXPECT_EQ(find_quarantine(rows, "safety/led_2"), nullptr) << "another scenario";
}

TEST_F(Quarantine, NeedsAReasonAndACase) {
  EXPECT_EQ(error_of_reading("- {case: safety/led}"),
            "q.yaml:1:3: quarantined needs the key 'reason'");
  EXPECT_EQ(error_of_reading("- {case: safety/led, reason: '  '}"),
            "q.yaml:1:30: expected the reason why this case may fail, found nothing");
  EXPECT_EQ(error_of_reading("- {case: safety/leed, reason: lamp}"),
            "q.yaml:1:10: no case is called 'safety/leed', did you mean 'safety/led'?");
  EXPECT_EQ(error_of_reading("case: safety/led"),
            "q.yaml:1:1: expected a list of {case, reason}, found a map");
}

}  // namespace
}  // namespace rig
