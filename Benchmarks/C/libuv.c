// libuv with its fast path, uv_try_write; what that leaves goes through uv_write, and nothing is read until it has
// gone. Usage: libuv [PORT]
#include "baseline.h"

#include <uv.h>

// A write on its way, with its bytes.
struct pending_write {
  uv_write_t request;
  char bytes[];
};

static char shared_buffer[buffer_size];

static void give_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer) {
  (void)handle, (void)suggested;
  *buffer = uv_buf_init(shared_buffer, sizeof shared_buffer);
}

static void release(uv_handle_t *handle) { free(handle); }

static void end(uv_stream_t *client) {
  if (!uv_is_closing((uv_handle_t *)client)) uv_close((uv_handle_t *)client, release);
}

static void has_read(uv_stream_t *client, ssize_t count, const uv_buf_t *buffer);

static void has_written(uv_write_t *request, int status) {
  uv_stream_t *client = request->handle;
  free(request);
  if (status < 0)
    end(client);
  else
    uv_read_start(client, give_buffer, has_read);
}

static void has_read(uv_stream_t *client, ssize_t count, const uv_buf_t *buffer) {
  if (count == 0) return;
  if (count < 0) {
    end(client);
    return;
  }
  uv_buf_t bytes = uv_buf_init(buffer->base, (unsigned)count);
  int written = uv_try_write(client, &bytes, 1);
  if (written == UV_EAGAIN) written = 0;
  if (written == count) return;
  size_t rest = (size_t)(count - (written < 0 ? 0 : written));
  struct pending_write *write = written < 0 ? NULL : malloc(sizeof *write + rest);
  if (!write) {
    end(client);
    return;
  }
  memcpy(write->bytes, bytes.base + written, rest);
  bytes = uv_buf_init(write->bytes, (unsigned)rest);
  uv_read_stop(client);
  if (uv_write(&write->request, client, &bytes, 1, has_written) == 0) return;
  free(write);
  end(client);
}

static void has_connected(uv_stream_t *listener, int status) {
  if (status < 0) return;
  uv_tcp_t *client = malloc(sizeof *client);
  if (!client) return;
  uv_tcp_init(listener->loop, client);
  if (uv_accept(listener, (uv_stream_t *)client) == 0)
    uv_read_start((uv_stream_t *)client, give_buffer, has_read);
  else
    end((uv_stream_t *)client);
}

int main(int argc, char **argv) {
  uv_tcp_t listener;
  uv_tcp_init(uv_default_loop(), &listener);
  uv_tcp_open(&listener, bound_socket(SOCK_STREAM | SOCK_NONBLOCK, argc > 1 ? argv[1] : NULL));
  checked(uv_listen((uv_stream_t *)&listener, 4096, has_connected), "uv_listen");
  return uv_run(uv_default_loop(), UV_RUN_DEFAULT);
}
