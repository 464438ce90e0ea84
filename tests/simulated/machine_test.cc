// The machine as the bench uses it: time, events, resets, power, death.
#include "fixtures/simulated/avr/machine.h"

#include <gtest/gtest.h>

#include "rig/core/error.h"
#include "tests/simulated/machine_fixture.h"

namespace rig::simulated {
namespace {

TEST(Machine, StartsFromPowerOn) {
  Bench bench;
  bench.run_ms(5);
  EXPECT_EQ(bench.seen.text, "1") << "MCUSR: PORF";
  EXPECT_EQ(bench.seen.causes, std::vector{ResetCause::kPowerOn});
  EXPECT_EQ(bench.seen.resets, std::vector<std::uint64_t>{0});
  EXPECT_EQ(bench.seen.last_pin, (Pin{'B', 1}));
  EXPECT_TRUE(bench.machine.take_doubts().empty());
}

TEST(Machine, StampsCompareEdgesExactly) {
  Bench bench;
  bench.run_ms(50);
  const std::vector<SeenEdge>& edges = bench.seen.edges;
  ASSERT_GT(edges.size(), 90u);
  for (std::size_t i = 1; i < edges.size(); ++i) {
    EXPECT_EQ(edges[i].cycle - edges[i - 1].cycle, 8000u);
    EXPECT_EQ(edges[i].cause, EdgeCause::kCompare);
  }
}

TEST(Machine, StopsAtTheCycleAndDoesWhatIsDueThere) {
  Bench bench;
  std::vector<std::uint64_t> cycles;
  for (const std::uint64_t cycle : {1001u, 1000u, 1000u, 1002u}) {
    bench.machine.at(cycle, [&] { cycles.push_back(bench.machine.cycle()); });
  }
  bench.machine.run_until(1001);
  EXPECT_EQ(bench.machine.cycle(), 1001u);
  EXPECT_EQ(cycles, (std::vector<std::uint64_t>{1000, 1000, 1001}));
}

TEST(Machine, CatchesUpWithEventsOfThePast) {
  Bench bench;
  bench.machine.run_until(5000);
  std::uint64_t called_at = 0;
  bench.machine.at(100, [&] { called_at = bench.machine.cycle(); });
  bench.machine.run_until(5001);
  EXPECT_EQ(called_at, 5000u);
}

TEST(Machine, GivesTheSameEdgesInAnySteps) {
  Bench whole;
  whole.machine.run_until(40 * kMillisecond);
  Bench steps;
  for (std::uint64_t cycle = 0; cycle < 40 * kMillisecond; cycle += 777) {
    steps.machine.run_until(cycle);
  }
  steps.machine.run_until(40 * kMillisecond);
  EXPECT_EQ(steps.seen.edges, whole.seen.edges);
  EXPECT_EQ(steps.seen.last_byte_at, whole.seen.last_byte_at);
}

TEST(Machine, RunsBesideAnotherOne) {
  Bench alone;
  alone.machine.run_until(40 * kMillisecond);
  Bench one;
  Bench other;
  other.machine.run_until(500);
  other.machine.reset(ResetCause::kExternal);
  for (std::uint64_t ms = 1; ms <= 40; ++ms) {
    one.machine.run_until(ms * kMillisecond);
    other.machine.run_until(ms * kMillisecond);
  }
  EXPECT_EQ(one.seen.edges, alone.seen.edges);
  EXPECT_NE(other.seen.edges, alone.seen.edges);
  EXPECT_EQ(other.seen.text, "2") << "MCUSR: the power-on flag was cleared before byte one";
}

TEST(Machine, ReceivesAndAnswers) {
  Bench bench;
  bench.run_ms(5);
  EXPECT_EQ(bench.machine.uart_byte_cycles(), kUartByte);
  bench.machine.at(100'000, [&] { bench.send('a'); });
  bench.run_ms(5);
  EXPECT_EQ(bench.seen.text, "1b");
  EXPECT_NEAR(static_cast<double>(bench.seen.last_byte_at), 100'000.0 + kUartByte, 150.0);
}

TEST(Machine, LosesBytesWhenTheReceiverIsOff) {
  Bench bench;
  bench.run_ms(5);
  bench.send('r');
  bench.run_ms(2);
  EXPECT_FALSE(bench.machine.send_uart('a'));
}

TEST(Machine, AsksForTheVoltageOfTheSelectedChannel) {
  Bench bench;
  bench.run_ms(5);
  EXPECT_EQ(bench.seen.adc_channel, 3);
  bench.send('v');
  bench.run_ms(2);
  EXPECT_EQ(bench.seen.text, "1\x80") << "512 / 4";
}

TEST(Machine, ResetsFromAnEvent) {
  Bench bench;
  bench.machine.at(100'000, [&] { bench.machine.reset(ResetCause::kExternal); });
  bench.run_ms(20);
  ASSERT_EQ(bench.seen.resets.size(), 2u);
  EXPECT_LE(bench.seen.resets[1] - 100'000, 3u) << "the next instruction boundary";
  EXPECT_EQ(bench.seen.text, "12") << "MCUSR: EXTRF";
}

TEST(Machine, ResetsFromAPinCallbackAndReleasesThePin) {
  Bench bench;
  int edges = 0;
  bench.seen.on_edge = [&] {
    if (++edges == 5) bench.machine.reset(ResetCause::kExternal);
  };
  bench.run_ms(10);
  ASSERT_GT(bench.seen.edges.size(), 6u);
  EXPECT_TRUE(bench.seen.edges[4].level);
  EXPECT_FALSE(bench.seen.edges[5].level);
  EXPECT_EQ(bench.seen.edges[5].cause, EdgeCause::kReset);
  EXPECT_EQ(bench.seen.edges[5].cycle, bench.seen.resets[1]);
}

TEST(Machine, HangsUntilTheWatchdogWhileTheTimersGoOn) {
  Bench bench;
  bench.run_ms(10);
  bench.machine.hang();
  const std::size_t edges = bench.seen.edges.size();
  bench.run_ms(100);
  EXPECT_EQ(bench.seen.edges.size(), edges + 200) << "OC1A toggles without the CPU";
  EXPECT_EQ(bench.seen.resets.size(), 1u);
  bench.run_ms(40);
  ASSERT_EQ(bench.seen.resets.size(), 2u);
  EXPECT_EQ(bench.seen.causes[1], ResetCause::kWatchdog);
  EXPECT_EQ(bench.seen.text, "18") << "MCUSR: WDRF";
}

// Edges in 20 ms before main_hang, in 20 ms after it, and in 20 ms after a reset; of one pin.
std::vector<std::size_t> edges_around_a_main_hang(int bit, unsigned microseconds) {
  MachineSetup setup = pulser_setup();
  setup.elf = MAIN_HANG_ELF;
  setup.watched = {{'B', bit}};
  Bench bench(setup);
  std::vector<std::size_t> counts;
  const auto count = [&](std::uint64_t milliseconds) {
    const std::size_t before = bench.seen.edges.size();
    bench.run_ms(milliseconds);
    counts.push_back(bench.seen.edges.size() - before);
  };
  count(20);
  bench.machine.run_until(bench.machine.cycle() + 16u * microseconds);
  bench.machine.hang_main();
  bench.run_ms(2);
  count(20);
  EXPECT_EQ(bench.seen.resets.size(), 1u) << "the handler feeds the watchdog";
  bench.machine.reset(ResetCause::kExternal);
  count(20);
  return counts;
}

TEST(Machine, HangsInItsMainProgramWhileTheHandlersGoOn) {
  for (const unsigned microseconds : {0u, 100u, 300u, 700u}) {  // asleep, awake
    const auto handler = edges_around_a_main_hang(0, microseconds);
    EXPECT_EQ(handler.at(1), 20u) << microseconds;
    const auto main = edges_around_a_main_hang(1, microseconds);
    EXPECT_GE(main.at(0), 19u) << microseconds;
    EXPECT_EQ(main.at(1), 0u) << microseconds;
    EXPECT_GE(main.at(2), 19u) << microseconds;
  }
}

TEST(Machine, PokesAVariableOfTheImageByName) {
  Bench bench;
  bench.run_ms(1);
  const std::uint16_t at = bench.machine.address_of("command").value();
  bench.machine.poke(at, 'a');
  bench.run_ms(5);
  EXPECT_EQ(bench.seen.text, "1b");
  EXPECT_FALSE(bench.machine.address_of("commands").has_value());
}

TEST(Machine, TellsTheFirmwareOfAByteWithoutItsStopBit) {
  Bench bench;
  bench.run_ms(3);
  ASSERT_TRUE(bench.machine.send_uart('f', false));
  bench.run_ms(3);
  EXPECT_EQ(bench.seen.text, "1F") << "the firmware answers a framing error";
  ASSERT_TRUE(bench.machine.send_uart('f'));
  bench.run_ms(3);
  EXPECT_EQ(bench.seen.text, "1Fg");
}

TEST(Machine, HoldsItsBreathInABrownOut) {
  Bench bench;
  bench.run_ms(10);
  ASSERT_TRUE(bench.machine.is_driven({'B', 1}));
  bench.machine.hold(true);
  bench.run_ms(50);
  EXPECT_EQ(bench.machine.cycle(), 60 * kMillisecond) << "time goes on";
  EXPECT_FALSE(bench.machine.is_driven({'B', 1}));
  EXPECT_FALSE(bench.seen.edges.back().level);
  EXPECT_LE(bench.seen.edges.back().cycle, 10 * kMillisecond + 3);
  EXPECT_EQ(bench.seen.resets.size(), 1u) << "not started yet";
  bench.machine.hold(false);
  bench.run_ms(5);
  ASSERT_EQ(bench.seen.resets.size(), 2u);
  EXPECT_EQ(bench.seen.resets[1], 60 * kMillisecond);
  EXPECT_EQ(bench.seen.text, "14") << "MCUSR: BORF";
}

TEST(Machine, KeepsRamThroughABrownOutAndNotThroughAPowerOn) {
  constexpr std::uint16_t kUnused = 0x600;
  Bench bench;
  bench.run_ms(5);
  const std::uint8_t before = bench.machine.peek(kUnused);
  bench.machine.hold(true, ResetCause::kBrownOut);
  bench.machine.hold(false, ResetCause::kBrownOut);
  bench.run_ms(5);
  EXPECT_EQ(bench.machine.peek(kUnused), before);
  int same = 0;
  std::vector<std::uint8_t> old;
  for (std::uint16_t i = 0; i < 100; ++i) old.push_back(bench.machine.peek(kUnused + i));
  bench.machine.reset(ResetCause::kPowerOn);
  bench.run_ms(5);
  for (std::uint16_t i = 0; i < 100; ++i) same += bench.machine.peek(kUnused + i) == old[i] ? 1 : 0;
  EXPECT_LT(same, 10);
}

TEST(Machine, FillsRamFromItsSeed) {
  MachineSetup other = pulser_setup();
  other.ram_seed = 2;
  Bench a;
  Bench same;
  Bench different(other);
  int equal = 0;
  for (Bench* bench : {&a, &same, &different}) bench->machine.run_until(1);
  for (std::uint16_t address = 0x100; address < 0x200; ++address) {
    EXPECT_EQ(a.machine.peek(address), same.machine.peek(address));
    equal += a.machine.peek(address) == different.machine.peek(address) ? 1 : 0;
  }
  EXPECT_LT(equal, 20);
}

TEST(Machine, KeepsItsEepromThroughResetsAndIntoTheNextMachine) {
  Bench first;
  first.run_ms(10);
  EXPECT_EQ(first.machine.eeprom()[0], 6) << "5 in the image, one start";
  first.machine.reset(ResetCause::kExternal);
  first.run_ms(10);
  EXPECT_EQ(first.machine.eeprom()[0], 7);

  Bench second;
  second.machine.set_eeprom(first.machine.eeprom());
  second.run_ms(10);
  EXPECT_EQ(second.machine.eeprom()[0], 8);
}

TEST(Machine, LosesTheByteWhenPowerFailsDuringAnEepromWrite) {
  Bench bench;
  bench.run_ms(10);
  bench.send('w');
  bench.run_ms(2);  // of 3.4
  bench.machine.hold(true, ResetCause::kBrownOut);
  bench.run_ms(1);
  EXPECT_EQ(bench.machine.eeprom()[1], 0xFF);
  EXPECT_EQ(bench.machine.take_doubts(),
            (std::vector<std::string>{
                "power failed during an EEPROM write: the byte is taken as erased"}));
}

TEST(Machine, FinishesAnEepromWriteThroughAReset) {
  Bench bench;
  bench.run_ms(10);
  bench.send('w');
  bench.run_ms(2);
  bench.machine.reset(ResetCause::kExternal);
  bench.run_ms(3);
  EXPECT_EQ(bench.machine.eeprom()[1], 0x5A);
}

TEST(Machine, StaysDeadAfterACrashUntilAReset) {
  Bench bench;
  bench.run_ms(10);
  bench.send('c');
  bench.run_ms(100);
  EXPECT_EQ(bench.machine.cycle(), 110 * kMillisecond);
  const std::vector<std::string> doubts = bench.machine.take_doubts();
  ASSERT_EQ(doubts.size(), 1u);
  EXPECT_EQ(doubts[0].substr(0, 22), "the CPU crashed at 0x0");
  EXPECT_NE(doubts[0].find(": store outside of RAM"), std::string::npos) << doubts[0];
  EXPECT_EQ(bench.seen.resets.size(), 1u);
  bench.run_ms(30);
  EXPECT_EQ(bench.seen.resets.size(), 2u) << "the watchdog";
  EXPECT_EQ(bench.seen.text, "18");
  EXPECT_TRUE(bench.machine.take_doubts().empty()) << "a doubt is told once";
}

TEST(Machine, SleepsForEverWithInterruptsOff) {
  Bench bench;
  bench.run_ms(10);
  bench.send('s');
  bench.run_ms(100);
  const std::vector<std::string> doubts = bench.machine.take_doubts();
  ASSERT_EQ(doubts.size(), 1u);
  EXPECT_NE(doubts[0].find("with interrupts off: only a reset ends it"), std::string::npos);
  bench.run_ms(30);
  EXPECT_EQ(bench.seen.text, "18");
}

TEST(Machine, IsAnAtmega1284pToo) {
  MachineSetup setup = pulser_setup();
  setup.elf = PULSER_1284P_ELF;
  setup.mcu = "atmega1284p";
  setup.watched = {{'D', 5}};
  Bench bench(setup);
  bench.run_ms(10);
  bench.send('a');
  bench.run_ms(40);
  bench.machine.hang();
  bench.run_ms(140);
  EXPECT_EQ(bench.seen.text, "1b8");
  EXPECT_EQ(bench.seen.last_pin, (Pin{'D', 5}));
  ASSERT_GT(bench.seen.edges.size(), 20u);
  EXPECT_EQ(bench.seen.edges[20].cycle - bench.seen.edges[10].cycle, 80'000u);
  EXPECT_EQ(bench.machine.eeprom().size(), 4096u);
  EXPECT_EQ(bench.machine.eeprom()[0], 7) << "5 in the image, two starts";
}

TEST(Machine, WaitsForItsOscillator) {
  MachineSetup setup = pulser_setup();
  setup.start_up_cycles = 65 * kMillisecond;
  Bench late(setup);
  Bench bench;
  late.run_ms(100);
  bench.run_ms(35);
  ASSERT_EQ(late.seen.edges.size(), bench.seen.edges.size());
  EXPECT_EQ(late.seen.edges[0].cycle, bench.seen.edges[0].cycle + 65 * kMillisecond);
}

}  // namespace
}  // namespace rig::simulated
