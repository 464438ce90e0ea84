// A device that never boots.
int main(void) {
  for (;;) {
  }
}
