// Prints how the plant lives through a fixed story, for an independent judge: one line a time, the
// pools' volumes in mL.
#include <cstdio>

#include "tests/second_heart/plant_fixture.h"

using namespace rig::second_heart;

int main() {
  Plant plant(shipped());
  const auto print = [&] {
    std::printf("%.9f", plant.now());
    for (std::size_t k = 0; k < kFlowedPopliteal; ++k) std::printf(" %.12g", plant.state()[k]);
    std::printf("\n");
  };
  print();
  plant.take(Posture::kStanding);
  for (int k = 0; k < 60; ++k) {  // stand, tiptoe at 20 s, lose a valve at 25 s
    if (k == 40) plant.contract(shipped().tiptoe_force);
    if (k == 42) plant.contract(0);
    if (k == 50) plant.set_leak(kSaphenous, shipped().valve_incompetent);
    plant.rest(0.5);
    print();
  }
  return 0;
}
