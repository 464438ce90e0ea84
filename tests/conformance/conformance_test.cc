// The conformance table as tests, one per behaviour.
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>

#include "tests/conformance/behaviours.h"

// The bare library is used as its manual says, and forgets the names of its IRQs.
extern "C" const char* __lsan_default_suppressions();  // NOLINT: the sanitizer's name
const char* __lsan_default_suppressions() {            // NOLINT: the sanitizer's name
  return "leak:libsimavr";
}

namespace conformance {

// For messages and the names of the tests.
std::ostream& operator<<(std::ostream& out, const Behaviour& behaviour) {
  return out << behaviour.text;
}

namespace {

class Conformance : public testing::TestWithParam<Behaviour> {};

TEST_P(Conformance, BenchFollowsTheDataSheetAndTheLibraryIsAsKnown) {
  const Comparison measured = compare(GetParam());
  EXPECT_EQ(measured.bench, GetParam().expected) << "data sheet " << GetParam().section;
  EXPECT_EQ(measured.bare, GetParam().bare) << "the library has changed";
}

std::string test_name(const testing::TestParamInfo<Behaviour>& info) {
  std::string name = info.param.id;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Avr, Conformance, testing::ValuesIn(behaviours()), test_name);

}  // namespace
}  // namespace conformance
