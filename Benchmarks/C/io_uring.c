// io_uring as far as it goes: multishot accept and receive, and a ring of buffers that all connections share; what was
// received is sent from the buffer that it came in. Usage: io_uring [PORT]
#include "baseline.h"

#include <liburing.h>
#include <sys/mman.h>

enum {
  // A power of two.
  buffer_count = 1024,
  shared_buffer_size = 16384,
  // A connection that has so many buffers to send is not received from until they are sent.
  queue_limit = 8,
  submission_entries = 4096,
  completion_entries = 16384,
};

// What a completion is of: the low bits of its user data, whose others are the connection's address.
enum operation { ACCEPT, RECEIVE, SEND, CANCEL, operation_mask = 3 };

struct connection {
  int socket;
  // The buffers that are to be sent, of which the first is on its way.
  int first, last, queued;
  bool is_receiving, is_cancelling, has_ended;
};

static struct io_uring ring;
static struct io_uring_buf_ring *free_buffers;
static char *buffers;
// Of each buffer: how much is in it, and which one the same connection sends next.
static struct {
  int next;
  unsigned length;
} chain[buffer_count];

static char *bytes_of(int buffer) { return buffers + (size_t)buffer * shared_buffer_size; }

static void give_back(int buffer) {
  io_uring_buf_ring_add(free_buffers, bytes_of(buffer), shared_buffer_size, (unsigned short)buffer,
                        io_uring_buf_ring_mask(buffer_count), 0);
  io_uring_buf_ring_advance(free_buffers, 1);
}

static struct io_uring_sqe *submission(struct connection *connection, enum operation operation) {
  struct io_uring_sqe *entry;
  // Where the queue is full, what is in it goes to the kernel first.
  while (!(entry = io_uring_get_sqe(&ring)))
    checked(io_uring_submit(&ring), "io_uring_submit");
  io_uring_sqe_set_data64(entry, (uintptr_t)connection | operation);
  return entry;
}

static void submit_accept(int listener) {
  io_uring_prep_multishot_accept(submission(NULL, ACCEPT), listener, NULL, NULL, SOCK_CLOEXEC);
}

static void submit_receive(struct connection *connection) {
  struct io_uring_sqe *entry = submission(connection, RECEIVE);
  io_uring_prep_recv_multishot(entry, connection->socket, NULL, 0, 0);
  entry->flags |= IOSQE_BUFFER_SELECT;
  entry->buf_group = 0;
  connection->is_receiving = true;
}

static void submit_send(struct connection *connection) {
  int buffer = connection->first;
  // MSG_WAITALL: completes when all of it is sent.
  io_uring_prep_send(submission(connection, SEND), connection->socket, bytes_of(buffer), chain[buffer].length,
                     MSG_WAITALL | MSG_NOSIGNAL);
}

static void submit_cancel(struct connection *connection) {
  io_uring_prep_cancel64(submission(connection, CANCEL), (uintptr_t)connection | RECEIVE, 0);
  connection->is_cancelling = true;
}

static void enqueue(struct connection *connection, int buffer, unsigned length) {
  chain[buffer].length = length;
  if (connection->queued++ > 0) {
    chain[connection->last].next = buffer;
    connection->last = buffer;
    return;
  }
  connection->first = connection->last = buffer;
  submit_send(connection);
}

static void dequeue(struct connection *connection) {
  int buffer = connection->first;
  connection->first = chain[buffer].next;
  connection->queued--;
  give_back(buffer);
}

// Decides what comes next on a connection, once nothing or not everything is under way.
static void go_on(struct connection *connection) {
  if (connection->is_receiving) {
    bool is_unwanted = connection->has_ended || connection->queued >= queue_limit;
    if (is_unwanted && !connection->is_cancelling) submit_cancel(connection);
  } else if (!connection->is_cancelling && connection->queued == 0) {
    if (!connection->has_ended) {
      submit_receive(connection);
    } else {
      close(connection->socket);
      free(connection);
    }
  }
}

static void has_accepted(int listener, const struct io_uring_cqe *completion) {
  if (!(completion->flags & IORING_CQE_F_MORE)) submit_accept(listener);
  if (completion->res < 0) return;
  struct connection *connection = calloc(1, sizeof *connection);
  if (!connection) {
    close(completion->res);
    return;
  }
  connection->socket = completion->res;
  submit_receive(connection);
}

static void has_received(struct connection *connection, const struct io_uring_cqe *completion) {
  if (!(completion->flags & IORING_CQE_F_MORE)) connection->is_receiving = false;
  if (completion->res > 0)
    enqueue(connection, (int)(completion->flags >> IORING_CQE_BUFFER_SHIFT), (unsigned)completion->res);
  else if (completion->res != -ENOBUFS && completion->res != -ECANCELED)
    connection->has_ended = true;
  go_on(connection);
}

static void has_sent(struct connection *connection, const struct io_uring_cqe *completion) {
  bool is_whole = completion->res == (int)chain[connection->first].length;
  dequeue(connection);
  if (!is_whole) {
    connection->has_ended = true;
    while (connection->queued > 0)
      dequeue(connection);
  }
  if (connection->queued > 0) submit_send(connection);
  go_on(connection);
}

static void has_cancelled(struct connection *connection) {
  connection->is_cancelling = false;
  go_on(connection);
}

static void prepare(void) {
  struct io_uring_params parameters = {
      .flags = IORING_SETUP_CQSIZE | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
      .cq_entries = completion_entries,
  };
  int result = io_uring_queue_init_params(submission_entries, &ring, &parameters);
  errno = -result;
  checked(result, "io_uring_queue_init_params");
  void *memory = mmap(NULL, buffer_count * (sizeof(struct io_uring_buf) + shared_buffer_size), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) checked(-1, "mmap");
  free_buffers = memory;
  buffers = (char *)memory + buffer_count * sizeof(struct io_uring_buf);
  struct io_uring_buf_reg registration = {.ring_addr = (uintptr_t)free_buffers, .ring_entries = buffer_count};
  result = io_uring_register_buf_ring(&ring, &registration, 0);
  errno = -result;
  checked(result, "io_uring_register_buf_ring");
  io_uring_buf_ring_init(free_buffers);
  for (int i = 0; i < buffer_count; i++)
    give_back(i);
}

int main(int argc, char **argv) {
  prepare();
  int listener = bound_socket(SOCK_STREAM, argc > 1 ? argv[1] : NULL);
  submit_accept(listener);
  for (;;) {
    int result = io_uring_submit_and_wait(&ring, 1);
    if (result < 0 && result != -EINTR && result != -EBUSY) {
      errno = -result;
      checked(result, "io_uring_submit_and_wait");
    }
    struct io_uring_cqe *completion;
    unsigned head, count = 0;
    io_uring_for_each_cqe(&ring, head, completion) {
      count++;
      uintptr_t data = completion->user_data;
      struct connection *connection = (struct connection *)(data & ~(uintptr_t)operation_mask);
      switch ((enum operation)(data & operation_mask)) {
      case ACCEPT:
        has_accepted(listener, completion);
        break;
      case RECEIVE:
        has_received(connection, completion);
        break;
      case SEND:
        has_sent(connection, completion);
        break;
      case CANCEL:
        has_cancelled(connection);
        break;
      }
    }
    io_uring_cq_advance(&ring, count);
  }
}
