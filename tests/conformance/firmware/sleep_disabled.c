// SLEEP without SE does nothing.
#include "behaviour.h"

int main(void) {
  begin();
  sei();
  sleep_cpu();
  RESULT[0] = 1;
  finish();
}
