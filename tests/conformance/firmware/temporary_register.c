// The high byte of OCR1A waits in TEMP for the low byte.
#include "behaviour.h"

int main(void) {
  begin();
  OCR1AH = 0x12;
  RESULT[0] = OCR1A;
  OCR1AL = 0x34;
  RESULT[1] = OCR1A;
  finish();
}
