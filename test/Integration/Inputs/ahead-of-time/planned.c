/* Reads samples from stdin one by one, writes logits to stdout. */
#include "digits_one.h"
#include <stdio.h>

#define ALIGNED __attribute__((aligned(DIGITS_ONE_ALIGNMENT)))
static float ALIGNED input[DIGITS_ONE_INPUT_ELEMENTS];
static float ALIGNED logits[DIGITS_ONE_LOGITS_ELEMENTS];
static char ALIGNED workspace[DIGITS_ONE_WORKSPACE_BYTES];

int main(void) {
  while (fread(input, sizeof(input), 1, stdin) == 1) {
    digits_one(input, logits, workspace);
    if (fwrite(logits, sizeof(logits), 1, stdout) != 1)
      return 1;
  }
  return 0;
}
