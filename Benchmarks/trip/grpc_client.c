#include "grpc_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { prefix_bytes = 5, read_bytes = 1 << 18, window_bytes = 1 << 26, out_bytes = 1 << 18 };

static void fail(const char *what) {
  fprintf(stderr, "grpc_client: %s: %s\n", what, strerror(errno));
  exit(2);
}

static void check(int result, const char *what) {
  if (result >= 0) return;
  fprintf(stderr, "grpc_client: %s: %s\n", what, nghttp2_strerror(result));
  exit(2);
}

static uint8_t *room(struct bytes *bytes, size_t count) {
  if (bytes->count + count > bytes->capacity) {
    bytes->capacity = 2 * (bytes->count + count);
    bytes->start = realloc(bytes->start, bytes->capacity);
    if (!bytes->start) fail("realloc");
  }
  return bytes->start + bytes->count;
}

// Out

static ssize_t read_out(nghttp2_session *session, int32_t stream, uint8_t *out, size_t length,
                        uint32_t *flags, nghttp2_data_source *source, void *context) {
  (void)session, (void)stream, (void)context;
  struct grpc_call *call = source->ptr;
  size_t left = call->out.count - call->out_sent;
  size_t count = left < length ? left : length;
  memcpy(out, call->out.start + call->out_sent, count);
  call->out_sent += count;
  if (count == left) {
    call->out.count = call->out_sent = 0;
    if (call->ends_after_out) {
      *flags |= NGHTTP2_DATA_FLAG_EOF;
    } else if (count == 0) {
      call->is_deferred = true;
      return NGHTTP2_ERR_DEFERRED;
    }
  }
  return (ssize_t)count;
}

static void wake(struct grpc_call *call) {
  if (!call->is_deferred) return;
  call->is_deferred = false;
  check(nghttp2_session_resume_data(call->connection->session, call->stream), "resume_data");
}

void grpc_send(struct grpc_call *call, const ProtobufCMessage *message) {
  size_t size = protobuf_c_message_get_packed_size(message);
  uint8_t *start = room(&call->out, prefix_bytes + size);
  uint32_t length = htonl((uint32_t)size);
  start[0] = 0;
  memcpy(start + 1, &length, sizeof length);
  protobuf_c_message_pack(message, start + prefix_bytes);
  call->out.count += prefix_bytes + size;
  wake(call);
}

void grpc_end_requests(struct grpc_call *call) {
  call->ends_after_out = true;
  wake(call);
}

#define HEADER(name, value)                                                \
  {(uint8_t *)name, (uint8_t *)(value), sizeof(name) - 1, strlen(value),   \
   NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE}

struct grpc_call *grpc_start(struct grpc_connection *connection, const char *path) {
  struct grpc_call *call = connection->free_calls;
  if (call) {
    connection->free_calls = call->next_free;
  } else if (!(call = calloc(1, sizeof *call))) {
    fail("calloc");
  }
  *call = (struct grpc_call){
      .connection = connection,
      .status = -1,
      .out = {call->out.start, 0, call->out.capacity},
      .in = {call->in.start, 0, call->in.capacity},
  };
  nghttp2_nv headers[] = {
      HEADER(":method", "POST"),           HEADER(":scheme", "http"),
      HEADER(":path", path),               HEADER(":authority", "127.0.0.1"),
      HEADER("content-type", "application/grpc"), HEADER("te", "trailers"),
  };
  nghttp2_data_provider body = {.source.ptr = call, .read_callback = read_out};
  call->stream = nghttp2_submit_request(connection->session, NULL, headers,
                                        sizeof headers / sizeof *headers, &body, call);
  check(call->stream, "submit_request");
  return call;
}

bool grpc_flush(struct grpc_connection *connection) {
  struct bytes *out = &connection->out;
  for (;;) {
    const uint8_t *frame;
    ssize_t length = 0;
    while (out->count < out_bytes &&
           (length = nghttp2_session_mem_send(connection->session, &frame)) > 0) {
      memcpy(room(out, (size_t)length), frame, (size_t)length);
      out->count += (size_t)length;
    }
    check((int)length, "mem_send");
    if (out->count == 0) return true;
    for (size_t sent = 0; sent < out->count;) {
      ssize_t count = send(connection->fd, out->start + sent, out->count - sent, MSG_NOSIGNAL);
      if (count >= 0) {
        sent += (size_t)count;
      } else if (errno == EAGAIN) {
        struct pollfd writable = {connection->fd, POLLOUT, 0};
        poll(&writable, 1, 1000);
      } else {
        return false;
      }
    }
    out->count = 0;
  }
}

// In

static size_t take_messages(struct grpc_call *call, const uint8_t *start, size_t count) {
  size_t taken = 0;
  while (count - taken >= prefix_bytes) {
    uint32_t length;
    memcpy(&length, start + taken + 1, sizeof length);
    length = ntohl(length);
    if (count - taken - prefix_bytes < length) break;
    call->on_message(call, start + taken + prefix_bytes, length);
    taken += prefix_bytes + length;
  }
  return taken;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *data,
                   size_t length, void *context) {
  (void)flags, (void)context;
  struct grpc_call *call = nghttp2_session_get_stream_user_data(session, stream);
  if (!call) return 0;
  if (call->in.count == 0) {
    size_t taken = take_messages(call, data, length);
    data += taken;
    length -= taken;
  }
  if (length == 0) return 0;
  memcpy(room(&call->in, length), data, length);
  call->in.count += length;
  size_t taken = take_messages(call, call->in.start, call->in.count);
  call->in.count -= taken;
  memmove(call->in.start, call->in.start + taken, call->in.count);
  return 0;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                     size_t name_length, const uint8_t *value, size_t length, uint8_t flags,
                     void *context) {
  (void)flags, (void)context, (void)length;
  if (name_length != 11 || memcmp(name, "grpc-status", 11) != 0) return 0;
  struct grpc_call *call = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
  if (call) call->status = atoi((const char *)value);
  return 0;
}

static int on_close(nghttp2_session *session, int32_t stream, uint32_t error, void *context) {
  (void)error;
  struct grpc_connection *connection = context;
  struct grpc_call *call = nghttp2_session_get_stream_user_data(session, stream);
  if (!call) return 0;
  if (call->on_end) call->on_end(call);
  call->next_free = connection->free_calls;
  connection->free_calls = call;
  return 0;
}

bool grpc_receive(struct grpc_connection *connection) {
  static uint8_t buffer[read_bytes];
  ssize_t count = recv(connection->fd, buffer, sizeof buffer, 0);
  if (count < 0 && errno == EAGAIN) return true;
  if (count <= 0) return false;
  return nghttp2_session_mem_recv(connection->session, buffer, (size_t)count) >= 0;
}

// Connecting

static void open_session(struct grpc_connection *connection) {
  nghttp2_session_callbacks *callbacks;
  nghttp2_option *option;
  check(nghttp2_session_callbacks_new(&callbacks), "callbacks_new");
  check(nghttp2_option_new(&option), "option_new");
  nghttp2_option_set_no_closed_streams(option, 1);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
  check(nghttp2_session_client_new2(&connection->session, callbacks, connection, option),
        "client_new2");
  nghttp2_session_callbacks_del(callbacks);
  nghttp2_option_del(option);
  nghttp2_settings_entry settings[] = {
      {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, window_bytes},
  };
  check(nghttp2_submit_settings(connection->session, NGHTTP2_FLAG_NONE, settings, 2), "settings");
  check(nghttp2_session_set_local_window_size(connection->session, NGHTTP2_FLAG_NONE, 0,
                                              window_bytes),
        "local_window_size");
}

struct grpc_connection *grpc_connect(int port) {
  struct grpc_connection *connection = calloc(1, sizeof *connection);
  if (!connection) fail("calloc");
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int on = 1;
  connection->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connection->fd < 0 ||
      connect(connection->fd, (struct sockaddr *)&address, sizeof address) < 0) {
    fail("connect");
  }
  setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (fcntl(connection->fd, F_SETFL, O_NONBLOCK) < 0) fail("fcntl");
  open_session(connection);
  return connection;
}
