//: flags -O2
//: prints 2
#include <stdio.h>

// The beginnings of a sockaddr and a sockaddr_in.
struct general {
  unsigned short family;
  char data[14];
};
struct internet {
  unsigned short family;
  unsigned short port;
};

__attribute__((noinline)) static int change(struct internet *address, struct general *same) {
  address->family = 2;
  same->family = 10;
  return address->family;
}

int main(void) {
  struct internet address;
  printf("%d\n", change(&address, (struct general *)&address));
}
