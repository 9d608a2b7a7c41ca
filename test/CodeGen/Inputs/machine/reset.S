// From the first instruction of the processor to main: 64-bit mode, all addresses
// below 1 GiB as they are, and every register that the processor has enabled.

  // At the end of the 32-bit addresses, which is where the processor begins. The
  // segment of its code begins at 0xffff0000.
  .section .reset, "ax"
first:
  .code16
start:
  cli
  lgdtl %cs:(table - first + 0xf000)
  mov $0x11, %eax // Protected mode.
  mov %eax, %cr0
  ljmpl $0x08, $protected

  .code32
protected:
  mov $0x10, %eax
  mov %eax, %ds
  mov %eax, %es
  mov %eax, %ss
  cld
  mov $ROM, %esi
  mov $0x100000, %edi
  mov $image_words, %ecx
  rep movsl
  mov $bss, %edi
  mov $bss_end, %ecx
  sub %edi, %ecx
  shr $2, %ecx
  xor %eax, %eax
  rep stosl
  mov $enter_long_mode, %eax
  jmp *%eax

  .balign 8
descriptors:
  .quad 0
  .quad 0x00cf9b000000ffff // Code of 32 bits.
  .quad 0x00cf93000000ffff // Data.
table:
  .word . - descriptors - 1
  .long descriptors

  .org 0xff0
  .code16
  .globl reset
reset:
  jmp start
  .org 0x1000

  .text
  .code32
enter_long_mode:
  // Pages of 2 MiB.
  movl $(level3 + 3), level4
  movl $(level2 + 3), level3
  mov $level2, %edi
  mov $0x83, %eax
1:
  mov %eax, (%edi)
  add $0x200000, %eax
  add $8, %edi
  cmp $(level2 + 0x1000), %edi
  jne 1b
  mov $level4, %eax
  mov %eax, %cr3
  mov $0x40620, %eax // Physical addresses of 64 bits, SSE, XSAVE.
  mov %eax, %cr4
  mov $0xc0000080, %ecx
  mov $0x100, %eax // Long mode,
  xor %edx, %edx
  wrmsr
  mov $0x80000013, %eax // as soon as there are pages.
  mov %eax, %cr0
  lgdtl long_table
  ljmpl $0x08, $long_mode

  .code64
long_mode:
  mov $stack_end, %rsp
  // Every state of vectors and masks that the processor has.
  mov $0xd, %eax
  xor %ecx, %ecx
  cpuid
  and $0xe7, %eax
  xor %ecx, %ecx
  xor %edx, %edx
  xsetbv
  call run

  // What the processor calls on an exception, 16 bytes each.
  .balign 16
  .globl exceptions
exceptions:
  .set vector, 0
  .rept 32
  .balign 16
  push $vector
  jmp exception
  .set vector, vector + 1
  .endr
exception:
  mov %rsp, %rdi
  and $-16, %rsp
  call report

  .section .rodata
  .balign 8
long_descriptors:
  .quad 0
  .quad 0x00af9b000000ffff // Code of 64 bits.
long_table:
  .word . - long_descriptors - 1
  .long long_descriptors
  .balign 64
  .globl inputs
inputs:
  .incbin "inputs"

  .bss
  .balign 0x1000
  .globl level2
level4:
  .skip 0x1000
level3:
  .skip 0x1000
level2:
  .skip 0x1000
  .skip 0x100000
stack_end:

  .section .note.GNU-stack, "", @progbits
