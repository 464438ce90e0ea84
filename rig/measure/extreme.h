// What noise makes of an extreme: the largest of many noisy values lies beyond the largest of what
// they stand for. Nothing is taken off it, for a spike of one sample has no such company; its
// uncertainty covers it. Internal to measure/.
#pragma once

#include "rig/measure/budget.h"

namespace rig {

// Of the largest of n values with normal noise, in standard deviations of one of them.
struct Extreme {
  double bias = 0;     // lies so far out on average
  double scatter = 1;  // standard deviation
};
Extreme extreme_of(double n);

// `rest` is the budget of the extreme but for its bias, which it may have, in part or whole. The
// interval of k = 2 then holds the truth in 95 % of cases with all of the bias, and in more with
// less of it (GUM F.2.4.5).
Budget with_bias(Budget rest, double bias);

}  // namespace rig
