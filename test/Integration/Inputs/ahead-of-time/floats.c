/* Reads samples from stdin, writes logits to stdout. As C and as C++. */
#include "digits.h"
#include <stdio.h>

#define ALIGNED __attribute__((aligned(DIGITS_ALIGNMENT)))
static float ALIGNED input[DIGITS_INPUT_ELEMENTS(100)];
static float ALIGNED logits[DIGITS_LOGITS_ELEMENTS(100)];

int main(void) {
  if (fread(input, sizeof(input), 1, stdin) != 1)
    return 1;
  digits(100, input, logits);
  return fwrite(logits, sizeof(logits), 1, stdout) != 1;
}
