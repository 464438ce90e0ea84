; The cycles of 44 instruction forms, measured with timer 0, as bytes from 0x700.
#include <avr/io.h>

.set result, 0x700

; timer before, the instructions, timer after
.macro measure_begin
  in r20, _SFR_IO_ADDR(TCNT0)
.endm
.macro measure_end
  in r21, _SFR_IO_ADDR(TCNT0)
  sub r21, r20
  dec r21
  sts result, r21
  .set result, result + 1
.endm
#define MEASURE(...) measure_begin $ __VA_ARGS__ $ measure_end

.global main
main:
  ldi r16, 1
  out _SFR_IO_ADDR(TCCR0B), r16
  clr r1
  ldi r28, lo8(0x200)
  ldi r29, hi8(0x200)
  ldi r26, lo8(0x210)
  ldi r27, hi8(0x210)
  ldi r30, lo8(0x40)
  ldi r31, hi8(0x40)
  MEASURE(nop)
  MEASURE(add r0, r1)
  MEASURE(adiw r24, 1)
  MEASURE(sbiw r24, 1)
  MEASURE(mul r0, r1)
  MEASURE(muls r16, r17)
  MEASURE(fmul r16, r17)
  MEASURE(movw r2, r0)
  MEASURE(ldi r17, 3)
  MEASURE(in r17, 0x3e)
  MEASURE(out 0x2b, r1)
  MEASURE(sbi 0x1e - 0x10, 0)
  MEASURE(cbi 0x1e - 0x10, 0)
  MEASURE(lds r17, 0x0200)
  MEASURE(sts 0x0200, r1)
  MEASURE(ld r17, X)
  MEASURE(ld r17, X+)
  MEASURE(ld r17, -X)
  MEASURE(ldd r17, Y+3)
  MEASURE(std Y+3, r1)
  MEASURE(st X, r1)
  MEASURE(st -X, r1)
  MEASURE(push r1)
  MEASURE(pop r1)
  MEASURE(lpm r17, Z)
  MEASURE(lpm r17, Z+)
  MEASURE(rjmp .+0)
  MEASURE(bset 6)
  MEASURE(bst r16, 0)
  MEASURE(swap r17)
  clz
  MEASURE(breq .+0)
  clz
  MEASURE(brne .+0)
  clr r1  ; the multiplications wrote it
  MEASURE(cpse r16, r1)
  MEASURE(sbis 0x0e, 0)
  ldi r30, lo8(gs(return))
  ldi r31, hi8(gs(return))
  MEASURE(rcall return)
  MEASURE(call return)
  MEASURE(icall)
  MEASURE(rcall return_from_interrupt)
  cli
  MEASURE(wdr)
  ldi r30, lo8(gs(after_ijmp))
  ldi r31, hi8(gs(after_ijmp))
  measure_begin
  ijmp
after_ijmp:
  measure_end
  measure_begin
  jmp after_jmp
after_jmp:
  measure_end
  measure_begin
  cpse r16, r16
  nop
  measure_end
  measure_begin
  cpse r16, r16
  sts 0x200, r1
  measure_end
  measure_begin
  sbrs r16, 0
  sts 0x200, r1
  measure_end
end:
  rjmp end
return:
  ret
return_from_interrupt:
  reti
