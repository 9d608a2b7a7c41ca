/* Two networks in one program: one takes and gives floats, the other codes, and
   what it leaves to its caller is done here. Both must give the same bits. */
#include "digits_codes.h"
#include "digits_floats.h"
#include <math.h>
#include <stdio.h>

#define ALIGNED __attribute__((aligned(DIGITS_CODES_ALIGNMENT)))
static float ALIGNED input[DIGITS_FLOATS_INPUT_ELEMENTS(100)];
static float ALIGNED logits[DIGITS_FLOATS_LOGITS_ELEMENTS(100)];
static int8_t ALIGNED input_codes[DIGITS_CODES_INPUT_ELEMENTS(100)];
static int8_t ALIGNED logits_codes[DIGITS_CODES_LOGITS_ELEMENTS(100)];

static int8_t quantize(float x) {
  float code =
      rintf(x / DIGITS_CODES_INPUT_SCALE) + DIGITS_CODES_INPUT_ZERO_POINT;
  return (int8_t)fminf(fmaxf(code, DIGITS_CODES_INPUT_LOWEST),
                       DIGITS_CODES_INPUT_HIGHEST);
}

int main(void) {
  if (fread(input, sizeof(input), 1, stdin) != 1)
    return 1;
  digits_floats(100, input, logits);
  for (int i = 0; i < DIGITS_CODES_INPUT_ELEMENTS(100); ++i)
    input_codes[i] = quantize(input[i]);
  digits_codes(100, input_codes, logits_codes);
  for (int i = 0; i < DIGITS_CODES_LOGITS_ELEMENTS(100); ++i)
    if (logits[i] !=
        (float)(logits_codes[i] - DIGITS_CODES_LOGITS_ZERO_POINT) *
            DIGITS_CODES_LOGITS_SCALE)
      return 2;
  return fwrite(logits_codes, sizeof(logits_codes), 1, stdout) != 1;
}
