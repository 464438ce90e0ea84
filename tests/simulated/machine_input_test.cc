// What the machine refuses, word for word. Broken images are made from a good one.
#include <elf.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "rig/core/error.h"
#include "tests/simulated/machine_fixture.h"

namespace rig::simulated {
namespace {

class MachineInput : public testing::Test {
 protected:
  void SetUp() override {
    std::ifstream file(PULSER_ELF, std::ios::binary);
    image_.assign(std::istreambuf_iterator<char>(file), {});
    ASSERT_GT(image_.size(), sizeof(Elf32_Ehdr));
    std::filesystem::create_directories(folder_);
    setup_.elf = path_;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Elf32_Ehdr header() const {
    Elf32_Ehdr result;
    std::memcpy(&result, image_.data(), sizeof(result));
    return result;
  }

  template <typename Change>
  void change_segments(const Change& change) {
    for (unsigned i = 0; i < header().e_phnum; ++i) {
      char* place = image_.data() + header().e_phoff + i * sizeof(Elf32_Phdr);
      Elf32_Phdr segment;
      std::memcpy(&segment, place, sizeof(segment));
      change(segment);
      std::memcpy(place, &segment, sizeof(segment));
    }
  }

  std::string refusal() {
    std::ofstream(path_, std::ios::binary)
        .write(image_.data(), static_cast<std::streamsize>(image_.size()));
    return refusal_as_it_is();
  }

  std::string refusal_as_it_is() {
    Seen seen;
    try {
      const Machine machine(setup_, seen);
    } catch (const InputError& error) {
      const std::string text = error.what();
      return text.rfind(folder_, 0) == 0 ? text.substr(folder_.size() + 1) : text;
    }
    return "accepted";
  }

  const std::string folder_ = testing::TempDir() + "machine_input." +
                              testing::UnitTest::GetInstance()->current_test_info()->name();
  const std::string path_ = folder_ + "/x.elf";
  MachineSetup setup_ = pulser_setup();
  std::vector<char> image_;
};

TEST_F(MachineInput, AcceptsTheImageItself) { EXPECT_EQ(refusal(), "accepted"); }

TEST_F(MachineInput, RefusesAMissingFile) { EXPECT_EQ(refusal_as_it_is(), "x.elf: no such file"); }

TEST_F(MachineInput, RefusesAFolder) {
  std::filesystem::create_directories(path_);
  EXPECT_EQ(refusal_as_it_is(), "x.elf: not a file");
}

TEST_F(MachineInput, RefusesText) {
  const std::string text = "root:x:0:0:root:/root:/bin/sh\n";
  image_.assign(text.begin(), text.end());
  EXPECT_EQ(refusal(), "x.elf: not an ELF file");
}

TEST_F(MachineInput, RefusesAnEmptyFile) {
  image_.clear();
  EXPECT_EQ(refusal(), "x.elf: not an ELF file");
}

TEST_F(MachineInput, RefusesATruncatedFile) {
  const Elf32_Ehdr elf = header();
  const std::size_t end = elf.e_shoff + std::size_t{elf.e_shnum} * elf.e_shentsize;
  image_.resize(image_.size() / 2);
  EXPECT_EQ(refusal(), "x.elf: truncated ELF file (section headers end at byte " +
                           std::to_string(end) + ", file has " + std::to_string(image_.size()) +
                           ")");
}

TEST_F(MachineInput, RefusesAFileThatEndsInItsHeader) {
  image_.resize(20);
  EXPECT_EQ(refusal(), "x.elf: truncated ELF file (header ends at byte 52, file has 20)");
}

TEST_F(MachineInput, RefusesASegmentBeyondTheEnd) {
  change_segments([](Elf32_Phdr& segment) { segment.p_offset = 0xFFFF'0000; });
  const std::string text = refusal();
  EXPECT_EQ(text.substr(0, 42), "x.elf: truncated ELF file (segment 0 ends ") << text;
}

TEST_F(MachineInput, RefusesAnotherProcessor) {
  image_[offsetof(Elf32_Ehdr, e_machine)] = EM_X86_64;
  EXPECT_EQ(refusal(), "x.elf: ELF for machine 62 (x86-64), expected 83 (AVR)");
}

TEST_F(MachineInput, RefusesAnImageWithoutCode) {
  change_segments([](Elf32_Phdr& segment) { segment.p_type = PT_NOTE; });
  EXPECT_EQ(refusal(), "x.elf: no code");
}

TEST_F(MachineInput, RefusesAnImageLargerThanTheFlash) {
  std::size_t size = 0;
  change_segments([&](Elf32_Phdr& segment) {
    if (segment.p_paddr != 0) return;
    segment.p_paddr = 0x7FF0;
    size = 0x7FF0 + segment.p_filesz;
  });
  EXPECT_EQ(refusal(),
            "x.elf: flash image of " + std::to_string(size) + " bytes, atmega328p has 32768");
}

TEST_F(MachineInput, RefusesAnEepromImageThatIsTooLarge) {
  change_segments([](Elf32_Phdr& segment) {
    if (segment.p_paddr == 0x81'0000) segment.p_paddr += 1024;
  });
  EXPECT_EQ(refusal(), "x.elf: EEPROM image of 1025 bytes, atmega328p has 1024");
}

TEST_F(MachineInput, RefusesAnUnknownMcu) {
  setup_.mcu = "atmega999";
  EXPECT_EQ(refusal(), "unknown MCU 'atmega999', this bench has atmega328p, atmega1284p");
}

TEST_F(MachineInput, RefusesWhatThePartDoesNotHave) {
  setup_.uart = 1;
  EXPECT_EQ(refusal(), "atmega328p has no UART 1");
  setup_.uart = 0;
  setup_.watched = {{'A', 3}};
  EXPECT_EQ(refusal(), "atmega328p has no pin PA3");
  setup_.watched = {{'B', 8}};
  EXPECT_EQ(refusal(), "atmega328p has no pin PB8");
}

TEST_F(MachineInput, RefusesAClockAndAReferenceOfZero) {
  setup_.clock_hz = 0;
  EXPECT_EQ(refusal(), "CPU clock of 0 Hz");
  setup_ = pulser_setup();
  setup_.adc_reference_volts = 0.0;
  EXPECT_EQ(refusal(), "ADC reference has to be above 0 V");
}

}  // namespace
}  // namespace rig::simulated
