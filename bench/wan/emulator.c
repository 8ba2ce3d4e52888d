/* A long link with real TCP on it: two TUN devices, each in a network namespace of its own. A packet that is read from one
   waits until the link is free for it at RATE, and is written to the other one DELAY later. It is dropped if it would have
   to wait longer than QUEUE, and at random with LOSS.

   emulator NEAR_NAMESPACE FAR_NAMESPACE MBIT ONE_WAY_MS LOSS_PERCENT QUEUE_MS MTU
   prints "up" when both devices have their address: 10.77.0.1 near, 10.77.0.2 far. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { SLOTS = 1 << 16, MOST_BYTES = 9216, AT_ONCE = 32 };

struct packet {
  int64_t due_ns;
  int bytes;
  unsigned char *data;
};

/* One direction. Packets leave in the order in which they came, so a ring is enough. */
struct direction {
  int from, to;
  int64_t free_ns;
  unsigned first, next;
  struct packet slots[SLOTS];
};

static struct { double ns_per_byte, loss; int64_t delay_ns, queue_ns; } link_shape;
static struct direction directions[2];

static int64_t now_ns(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec * 1000000000LL + at.tv_nsec;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static int device_in(const char *name, const char *address, const char *mtu) {
  char path[128], setup[256];
  snprintf(path, sizeof path, "/run/netns/%s", name);
  int netns = open(path, O_RDONLY | O_CLOEXEC);
  if (netns < 0 || setns(netns, CLONE_NEWNET) != 0) fail(path);
  close(netns);
  int device = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI, .ifr_name = "img0"};
  if (device < 0 || ioctl(device, TUNSETIFF, &request) != 0) fail("/dev/net/tun");
  snprintf(setup, sizeof setup,
           "ip addr add %s/24 dev img0 && ip link set dev img0 mtu %s txqueuelen 4000 up && ip link set lo up", address, mtu);
  if (system(setup) != 0) exit(1);
  return device;
}

static void enqueue(struct direction *way, const unsigned char *data, int bytes, int64_t at_ns) {
  int64_t begins_ns = way->free_ns > at_ns ? way->free_ns : at_ns;
  int is_full = begins_ns - at_ns > link_shape.queue_ns || way->next - way->first == SLOTS;
  if (is_full || drand48() < link_shape.loss) return;
  way->free_ns = begins_ns + (int64_t)(bytes * link_shape.ns_per_byte);
  struct packet *slot = &way->slots[way->next++ % SLOTS];
  *slot = (struct packet){way->free_ns + link_shape.delay_ns, bytes, malloc(bytes)};
  if (slot->data == NULL) fail("memory");
  memcpy(slot->data, data, bytes);
}

static void take_in(struct direction *way) {
  unsigned char data[MOST_BYTES];
  for (int count = 0; count < AT_ONCE; count++) {
    ssize_t bytes = read(way->from, data, sizeof data);
    if (bytes <= 0) return;
    enqueue(way, data, bytes, now_ns());
  }
}

/* Returns when the next packet is due; INT64_MAX if there is none. */
static int64_t let_out(struct direction *way) {
  while (way->first != way->next) {
    struct packet *slot = &way->slots[way->first % SLOTS];
    if (slot->due_ns > now_ns()) return slot->due_ns;
    if (write(way->to, slot->data, slot->bytes) < 0) { /* as a router that drops it */ }
    free(slot->data);
    way->first++;
  }
  return INT64_MAX;
}

static void forward(void) {
  for (;;) {
    int64_t due_ns = INT64_MAX;
    for (int n = 0; n < 2; n++) {
      take_in(&directions[n]);
      int64_t next_ns = let_out(&directions[n]);
      if (next_ns < due_ns) due_ns = next_ns;
    }
    int64_t left_ns = due_ns == INT64_MAX ? 100000000 : due_ns - now_ns();
    struct timespec wait = {0, left_ns > 100000000 ? 100000000 : left_ns > 0 ? left_ns : 0};
    struct pollfd both[2] = {{directions[0].from, POLLIN, 0}, {directions[1].from, POLLIN, 0}};
    ppoll(both, 2, &wait, NULL);
  }
}

int main(int count, char **args) {
  if (count != 8) {
    fprintf(stderr, "emulator NEAR FAR MBIT ONE_WAY_MS LOSS_PERCENT QUEUE_MS MTU\n");
    return 2;
  }
  link_shape.ns_per_byte = 8000 / atof(args[3]);
  link_shape.delay_ns = atof(args[4]) * 1e6;
  link_shape.loss = atof(args[5]) / 100;
  link_shape.queue_ns = atof(args[6]) * 1e6;
  srand48(1);
  int near = device_in(args[1], "10.77.0.1", args[7]);
  int far = device_in(args[2], "10.77.0.2", args[7]);
  directions[0].from = directions[1].to = near;
  directions[0].to = directions[1].from = far;
  puts("up");
  fflush(stdout);
  forward();
}
