/* Two threads call the network at once, each with memory of its own; the logits
   of both are written to stdout, those of the first thread first. */
#include "digits_threads.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define ALIGNED __attribute__((aligned(DIGITS_THREADS_ALIGNMENT)))
static float ALIGNED input[DIGITS_THREADS_INPUT_ELEMENTS];
static float ALIGNED logits[2][DIGITS_THREADS_LOGITS_ELEMENTS];
static char ALIGNED workspace[2][DIGITS_THREADS_WORKSPACE_BYTES];

static void *call(void *number) {
  int own = *(int *)number;
  for (int i = 0; i < 50; ++i) {
    memset(logits[own], 0, sizeof(logits[own]));
    digits_threads(input, logits[own], workspace[own]);
  }
  return NULL;
}

int main(void) {
  int numbers[2] = {0, 1};
  pthread_t second;
  if (fread(input, sizeof(input), 1, stdin) != 1 ||
      pthread_create(&second, NULL, call, &numbers[1]) != 0)
    return 1;
  call(&numbers[0]);
  if (pthread_join(second, NULL) != 0 ||
      fwrite(logits, sizeof(logits), 1, stdout) != 1)
    return 1;
  return 0;
}
