// Load box, operator and supply of a real table: the real drivers on sockets of this machine.
#include "rig/instruments/table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "fixtures/devices/table.h"
#include "fixtures/devices/tektronix_scope.h"
#include "rig/core/error.h"
#include "rig/instruments/instrument_bench.h"
#include "rig/instruments/scpi_socket.h"
#include "tests/instruments/scpi_server.h"

namespace rig {
namespace {

using std::chrono::milliseconds;
using Words = std::vector<std::string>;

std::string error_of(const std::function<void()>& what) {
  try {
    what();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "no error";
}

class TableTest : public testing::Test {
 protected:
  TableTest() {
    box_settings_ = {.where = TcpAddress{board_server_.address()},
                     .answer = "OK",
                     .settle = milliseconds(2),
                     .loads = {{SeriesLoad{.series = Ohms(500)}, "R500"},
                               {SeriesLoad{.series = Ohms(1000)}, "R1000"},
                               {OpenLoad{}, "R0"}},
                     .buttons = {{.name = "stop", .press = "K1 1", .release = "K1 0"}}};
    supply_settings_.nominal = Volts(7.4);
    supply_settings_.highest = Volts(9);
    supply_settings_.settle = milliseconds(2);
    supply_settings_.discharge = milliseconds(5);
  }
  std::unique_ptr<BenchSupply> supply() {
    return std::make_unique<BenchSupply>(
        open_scpi_socket(read_socket_address(lab_server_.address()), within(milliseconds(2000))),
        supply_settings_, clock_);
  }
  Table table() { return {clock_, make_switch_box(box_settings_, clock_), supply(), Ohms(500)}; }

  devices::RelayBoard board_{{"R500", "R1000", "R0", "K1 1", "K1 0"}};
  fake::ScpiServer board_server_{board_};
  devices::LabSupply lab_;
  fake::ScpiServer lab_server_{lab_};
  TableClock clock_;
  SwitchBoxSettings box_settings_;
  BenchSupplySettings supply_settings_;
};

TEST_F(TableTest, OffersWhatItsLoadsButtonsAndSupplyAllow) {
  const std::set<std::string> all{"load",   "load.open",  "button.stop",
                                  "supply", "supply.dip", "power"};
  EXPECT_EQ(table().capabilities(), all);
  EXPECT_TRUE(Table(clock_, nullptr, nullptr, Ohms(500)).capabilities().empty());
}

TEST_F(TableTest, SwitchesTheLoadAndSaysBetweenWhichInstantsItHappened) {
  Table t = table();
  const Picos before = clock_.now();
  t.apply(Load{SeriesLoad{.series = Ohms(1000)}}, {.at = before});
  const Picos after = clock_.now();
  const std::vector<Applied> applied = t.take_applied();
  ASSERT_EQ(applied.size(), 1u);
  EXPECT_EQ(board_.heard, Words{"R1000"});
  EXPECT_GE(applied[0].achieved, before);
  EXPECT_LE(applied[0].achieved, after);
  EXPECT_GE(to_seconds(after - before), 2e-3) << "the contacts settle";
  EXPECT_GE(applied[0].u, 2e-3 / std::sqrt(12.0)) << "an even chance over all that time";
  EXPECT_LE(applied[0].u, to_seconds(after - before) / std::sqrt(12.0));
  EXPECT_TRUE(t.take_applied().empty());
}

TEST_F(TableTest, WhatIsAskedForLaterHappensWhileSomebodyWaitsOnTheClock) {
  Table t = table();
  const Picos begin = clock_.now();
  t.apply(Load{OpenLoad{}}, {.at = begin + milliseconds(40)});
  t.apply(ButtonChange{.button = "stop", .pressed = true}, {.at = begin + milliseconds(20)});
  EXPECT_TRUE(board_.heard.empty());
  clock_.wait_until(begin + milliseconds(30));
  EXPECT_EQ(board_.heard, Words{"K1 1"});
  clock_.wait_until(begin + milliseconds(60));
  EXPECT_EQ(board_.heard, (Words{"K1 1", "R0"}));
  const std::vector<Applied> applied = t.take_applied();
  ASSERT_EQ(applied.size(), 2u);
  EXPECT_GE(applied[1].achieved, begin + milliseconds(40));
  EXPECT_EQ(applied[1].asked, begin + milliseconds(40));
}

TEST_F(TableTest, LoadButtonOrMomentThatItDoesNotHaveIsBlockedWithWhatItHas) {
  Table t = table();
  const Moment now{.at = clock_.now()};
  EXPECT_EQ(error_of([&] { t.apply(Load{SeriesLoad{.series = Ohms(200)}}, now); }),
            "the load box has no 200 ohm; it has 500 ohm, 1 kohm, open");
  EXPECT_EQ(error_of([&] { t.apply(Load{ShortLoad{}}, now); }),
            "the load box has no short; it has 500 ohm, 1 kohm, open");
  EXPECT_EQ(error_of([&] { t.apply(ButtonChange{.button = "dead_man"}, now); }),
            "the load box has no button 'dead_man'");
  EXPECT_EQ(error_of([&] { t.apply(InjectedFault{.name = "cpu_hang"}, now); }),
            "this bench has no hand for that");
  EXPECT_EQ(error_of([&] { t.apply(Load{OpenLoad{}}, {.pulse = 3}); }),
            "this bench cannot do anything in time with a pulse");
  EXPECT_TRUE(board_.heard.empty());
}

TEST_F(TableTest, BoardThatRefusesOrSaysNothingIsAnError) {
  box_settings_.loads.emplace_back(ShortLoad{}, "BOGUS");
  Table t = table();
  const std::string where = "load box tcp " + board_server_.address() + ": ";
  EXPECT_EQ(error_of([&] { t.apply(Load{ShortLoad{}}, {}); }),
            where + "'BOGUS': expected the answer 'OK', found 'ERR'");
  board_.silent = true;
  EXPECT_EQ(error_of([&] { t.apply(Load{OpenLoad{}}, {}); }),
            where + "'R0': expected the answer 'OK', found none");
}

TEST_F(TableTest, SupplyIsSetAndMeasured) {
  lab_.on = true;
  Table t = table();
  t.apply(SupplyChange{SupplyLevel{Volts(6)}}, {});
  EXPECT_DOUBLE_EQ(lab_.volts(), 6);
  EXPECT_EQ(t.take_applied().size(), 1u);
  const std::string where = "tcp " + lab_server_.address() + ": ";
  lab_.drops = -0.5;
  EXPECT_EQ(error_of([&] { t.apply(SupplyChange{SupplyLevel{Volts(7)}}, {}); }),
            where + "the supply was set to 7 V and measures 6.5 V");
  lab_.drops = 0;
  lab_.highest = 5;
  EXPECT_EQ(error_of([&] { t.apply(SupplyChange{SupplyLevel{Volts(7)}}, {}); }),
            where + "the supply reports -222,\"Data out of range\"");
  lab_.reading = "busy";
  EXPECT_EQ(error_of([&] { t.apply(SupplyChange{SupplyLevel{Volts(4)}}, {}); }),
            where + "MEAS:VOLT?: expected a voltage, found 'busy'");
}

TEST_F(TableTest, VoltageBeyondTheBenchFilesLimitsIsBlockedBeforeItIsSet) {
  lab_.on = true;
  lab_.set = 7.4;
  Table t = table();
  EXPECT_EQ(error_of([&] { t.apply(SupplyChange{SupplyLevel{Volts(12)}}, {}); }),
            "the supply may be set from 0 V to 9 V, the scenario needs 12 V");
  EXPECT_DOUBLE_EQ(lab_.volts(), 7.4);
}

TEST_F(TableTest, DipGoesDownAndUpAgainAndNotFasterThanTheSupplyCan) {
  lab_.on = true;
  Table t = table();
  const Picos begin = clock_.now();
  t.apply(SupplyChange{SupplyDip{.to = Volts(3), .duration = milliseconds(20)}}, {});
  EXPECT_GE(clock_.now() - begin, Picos(milliseconds(20)));
  EXPECT_DOUBLE_EQ(lab_.volts(), 7.4);
  EXPECT_EQ(std::ranges::count(lab_.heard, "VOLT 3"), 1);
  EXPECT_EQ(error_of([&] {
              t.apply(SupplyChange{SupplyDip{.to = Volts(3), .duration = milliseconds(3)}}, {});
            }),
            "the supply settles in 2 ms, too slow for a dip of 3 ms");
}

TEST_F(TableTest, PowerCycleReleasesButtonsPutsTheLoadBackAndSwitchesOffAndOn) {
  Table t = table();
  EXPECT_FALSE(lab_.on) << "opening a bench energises nothing";
  t.apply(ButtonChange{.button = "stop", .pressed = true}, {});
  t.apply(Load{OpenLoad{}}, {});
  t.power_cycle();
  EXPECT_EQ(board_.heard, (Words{"K1 1", "R0", "K1 0", "R500"}));
  EXPECT_TRUE(lab_.on);
  EXPECT_DOUBLE_EQ(lab_.volts(), 7.4);
  const auto off = std::ranges::find(lab_.heard, "OUTP OFF");
  EXPECT_LT(off, std::ranges::find(lab_.heard, "OUTP ON"));
  Table bare(clock_, nullptr, nullptr, Ohms(500));
  EXPECT_EQ(error_of([&] { bare.power_cycle(); }),
            "this bench cannot switch the device off and on");
}

TEST_F(TableTest, OperatorIsAskedInWordsAndMayDecline) {
  Words asked;
  bool can = true;
  const auto box = make_operator(clock_, [&](const std::string& question) {
    asked.push_back(question);
    return can;
  });
  box->select(SeriesLoad{Ohms(300), Ohms(2000), Farads(50e-9)});
  box->select(OpenLoad{});
  box->press({.button = "dead_man", .pressed = true});
  box->select(DummyMass{15});
  box->select(FootLifted{});
  EXPECT_EQ(asked, (Words{"connect 300 ohm + 2 kohm || 50 nF", "disconnect the load",
                          "press and hold dead_man", "put 15 kg on the platform, unclamped",
                          "take what stands on the platform off it"}));
  can = false;
  EXPECT_EQ(error_of([&] { box->select(ShortLoad{}); }),
            "the operator cannot do it: short the output");
}

TEST(InstrumentBench, NamesTheDialectOfItsOscilloscopeAndWhatIsUnconfirmedOfIt) {
  devices::TektronixScope model([] { return 0.0; }, [](int, double) { return 0.0; });
  devices::LabSupply device;
  const fake::ScpiServer scope(model);
  const fake::ScpiServer other_end(device);
  InstrumentBenchSettings settings{.title = "a table",
                                   .protocol = "soleus",
                                   .device = TcpAddress{other_end.address()},
                                   .scope = TcpAddress{scope.address()}};
  settings.digitizer.channels = {{.name = "current", .unit = "A", .input = 1}};
  const Bench bench = open_instrument_bench(settings);
  const auto found = std::ranges::find(bench.facts.instruments, "dialect",
                                       &std::pair<std::string, std::string>::first);
  ASSERT_NE(found, bench.facts.instruments.end());
  EXPECT_TRUE(found->second.starts_with("Tektronix MDO, MSO, DPO; unconfirmed: CH1:PROBE:GAIN, "))
      << found->second;
}

}  // namespace
}  // namespace rig
