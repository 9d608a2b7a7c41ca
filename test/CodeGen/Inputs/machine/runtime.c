/* The part of the C library that a network and its main function need, on a machine
   with nothing but a processor, memory and two printers: what the program writes
   goes to one, what stops it to the other.

   Memory is strict: what malloc returns ends where a page ends, and no page follows;
   it is not zero, and it is gone once it is freed. */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *memset(void *to, int value, size_t size) {
  void *result = to;
  __asm__ volatile("rep stosb" : "+D"(to), "+c"(size) : "a"(value) : "memory");
  return result;
}

void *memcpy(void *restrict to, const void *restrict from, size_t size) {
  void *result = to;
  __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
  return result;
}

void *memmove(void *to, const void *from, size_t size) {
  char *last_to = (char *)to + size - 1;
  const char *last_from = (const char *)from + size - 1;
  if (to <= from)
    return memcpy(to, from, size);
  __asm__ volatile("std; rep movsb; cld"
                   : "+D"(last_to), "+S"(last_from), "+c"(size)
                   :
                   : "memory");
  return to;
}

/* Printers. */

enum { OUTPUT = 0x378, MESSAGES = 0x278, POWER = 0x8900 };
enum { CONTROL = 2, SELECTED = 0xc, STROBE = 1 };

static void write_port(uint16_t port, uint8_t value) {
  __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static void print(uint16_t printer, const void *data, size_t size) {
  for (const uint8_t *byte = data; size > 0; ++byte, --size) {
    write_port(printer, *byte);
    write_port(printer + CONTROL, SELECTED);
    write_port(printer + CONTROL, SELECTED | STROBE);
  }
}

_Noreturn static void power_off(void) {
  for (const char *letter = "Shutdown"; *letter; ++letter)
    write_port(POWER, *letter);
  for (;;)
    ;
}

/* Exceptions. */

int main(void);
extern const uint8_t exceptions[], inputs[], network[];

size_t strlen(const char *text) {
  size_t size = 0;
  while (text[size])
    ++size;
  return size;
}

static void print_text(const char *text) {
  print(MESSAGES, text, strlen(text));
}

int puts(const char *text) {
  print_text(text);
  print_text("\n");
  return 0;
}

_Noreturn void abort(void) {
  puts("aborted");
  power_off();
}

static void print_number(uint64_t number) {
  print_text("0x");
  int digits = 1;
  while (digits < 16 && number >> (4 * digits))
    ++digits;
  while (digits-- > 0)
    print(MESSAGES, &"0123456789abcdef"[number >> (4 * digits) & 15], 1);
}

/* Prints what is on the stack after an exception. */
_Noreturn void report(const uint64_t *stack) {
  enum { HAVE_ERROR_CODE = 0x60227d00, INVALID_INSTRUCTION = 6, PAGE_FAULT = 14 };
  uint64_t vector = stack[0], address;
  uint64_t instruction = stack[HAVE_ERROR_CODE >> vector & 1 ? 2 : 1];
  __asm__("mov %%cr2, %0" : "=r"(address));
  print_text("exception ");
  print_number(vector);
  print_text(vector == INVALID_INSTRUCTION ? " (invalid instruction)" : "");
  print_text(" at network + ");
  print_number(instruction - (uintptr_t)network);
  if (vector == PAGE_FAULT) {
    print_text(" on access to ");
    print_number(address);
  }
  puts("");
  power_off();
}

static void handle_exceptions(void) {
  static struct {
    uint16_t low, segment, kind, middle;
    uint32_t high, zero;
  } gates[32];
  struct __attribute__((packed)) {
    uint16_t limit;
    uint64_t base;
  } table = {sizeof gates - 1, (uintptr_t)gates};
  for (int i = 0; i < 32; ++i) {
    uintptr_t handler = (uintptr_t)exceptions + 16 * i;
    gates[i].low = handler;
    gates[i].segment = 8;
    gates[i].kind = 0x8e00;
    gates[i].middle = handler >> 16;
  }
  __asm__ volatile("lidt %0" : : "m"(table));
}

/* Memory: pages between 32 MiB and 512 MiB, which are never used again. */

enum { PAGE = 0x1000, BLOCK = 0x200000, HEAP = 0x2000000, HEAP_END = 0x20000000 };
enum { PRESENT = 3 };

extern uint64_t level2[];
static uint64_t level1[HEAP_END / PAGE] __attribute__((aligned(PAGE)));
static uintptr_t next = HEAP + PAGE;

static void take_heap_away(void) {
  for (uintptr_t block = HEAP; block < HEAP_END; block += BLOCK)
    level2[block / BLOCK] = (uintptr_t)&level1[block / PAGE] | PRESENT;
  __asm__ volatile("mov %%cr3, %%rax; mov %%rax, %%cr3" : : : "rax", "memory");
}

void *aligned_alloc(size_t alignment, size_t size) {
  uintptr_t first = next, end = first + (size + PAGE - 1) / PAGE * PAGE;
  if (alignment > PAGE || size > HEAP_END || end + PAGE > HEAP_END) {
    puts("out of memory");
    power_off();
  }
  for (uintptr_t page = first; page < end; page += PAGE)
    level1[page / PAGE] = page | PRESENT;
  next = end + PAGE;
  return memset((void *)((end - size) & -alignment), 0xa5, size);
}

void *malloc(size_t size) { return aligned_alloc(16, size); }

void free(void *pointer) {
  uintptr_t page = (uintptr_t)pointer & -(uintptr_t)PAGE;
  for (; pointer && level1[page / PAGE]; page += PAGE) {
    level1[page / PAGE] = 0;
    __asm__ volatile("invlpg (%0)" : : "r"(page) : "memory");
  }
}

/* Files. */

FILE *stdin, *stdout;

size_t fread(void *to, size_t size, size_t count, FILE *file) {
  static size_t position;
  (void)file;
  memcpy(to, inputs + position, size * count);
  position += size * count;
  return count;
}

size_t fwrite(const void *data, size_t size, size_t count, FILE *file) {
  (void)file;
  print(OUTPUT, data, size * count);
  return count;
}

_Noreturn void run(void) {
  handle_exceptions();
  take_heap_away();
  if (main() != 0)
    puts("main failed");
  power_off();
}
