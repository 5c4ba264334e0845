// A load client for HTTP/2 servers of gRPC calls, on libnghttp2 and epoll, in one thread.
//
//   load [-c CONNECTIONS] [-m STREAMS] [-t SECONDS] [-s BYTES] [-r MESSAGES] [-TGi] PORT PATH
//
//   -c, -m  connections, and calls in flight on each (1, 1)
//   -t      seconds during which calls are started (2); those open then are waited for
//   -s      bytes of a message, without gRPC's prefix of five (100)
//   -r      server streaming: the first four bytes of the request ask for so many messages
//   -T      TLS 1.3 with ALPN h2; the certificate is not checked
//   -G      GET, and :status 200 is what makes a response good: a server of files
//   -i      idle: one call on each connection, then "ready" on stdout, and all of them stay open
//           until stdin ends
//
// A call is good if it ends with grpc-status 0 and brought as many whole messages of the right size
// as were asked for (with -G: as many bytes). Prints one line, `calls=N messages=N failed=N`, and
// exits with 1 if one failed.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum {
  prefix_bytes = 5,
  stream_window_bytes = 1 << 20,
  connection_window_bytes = 1 << 24,
  buffer_bytes = 1 << 18,
  connecting_max = 64,  // a listener's queue is no part of what is measured
  patience_seconds = 60,
};

struct connection {
  int fd;
  SSL *tls;
  nghttp2_session *session;
  int calls_open;
  uint8_t *unsent;  // what the socket did not take; nothing else is sent before
  size_t unsent_bytes;
  bool wants_write;
};

struct call {
  struct connection *connection;
  size_t request_sent;
  size_t body_bytes;
  uint8_t prefix[prefix_bytes];  // of the message that is being received
  size_t prefix_filled;
  size_t message_left;
  uint32_t messages;
  bool status_good;
  bool broken;
};

static struct {
  int connections, streams, port;
  double seconds;
  size_t message_bytes;
  uint32_t replies;
  bool tls, get, idle;
  const char *path;
} options = {1, 1, 0, 2, 100, 0, false, false, false, NULL};

static int poller;
static SSL_CTX *tls_context;
static uint8_t *request;
static size_t request_bytes;
static double deadline;
static long calls_done, messages_done, calls_failed;
static uint8_t buffer[buffer_bytes];

static void fail(const char *what) {
  fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
  exit(2);
}

static void check(int result, const char *what) {
  if (result == 0) return;
  fprintf(stderr, "load: %s: %s\n", what, nghttp2_strerror(result));
  exit(2);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

// Calls

static ssize_t read_request(nghttp2_session *session, int32_t stream, uint8_t *out, size_t length,
                            uint32_t *flags, nghttp2_data_source *source, void *context) {
  (void)session, (void)stream, (void)context;
  struct call *call = source->ptr;
  size_t left = request_bytes - call->request_sent;
  size_t count = left < length ? left : length;
  memcpy(out, request + call->request_sent, count);
  call->request_sent += count;
  if (call->request_sent == request_bytes) *flags = NGHTTP2_DATA_FLAG_EOF;
  return (ssize_t)count;
}

#define HEADER(name, value) \
  {(uint8_t *)name, (uint8_t *)(value), sizeof(name) - 1, strlen(value), NGHTTP2_NV_FLAG_NONE}

static void start(struct call *call) {
  struct connection *connection = call->connection;
  nghttp2_nv headers[] = {
      HEADER(":method", options.get ? "GET" : "POST"),
      HEADER(":scheme", options.tls ? "https" : "http"),
      HEADER(":path", options.path),
      HEADER(":authority", "127.0.0.1"),
      HEADER("content-type", "application/grpc"),
      HEADER("te", "trailers"),
      HEADER("user-agent", "load/1"),
  };
  nghttp2_data_provider body = {.source.ptr = call, .read_callback = read_request};
  *call = (struct call){.connection = connection};
  int32_t stream = nghttp2_submit_request(connection->session, NULL, headers,
                                          sizeof headers / sizeof *headers,
                                          options.get ? NULL : &body, call);
  check(stream < 0 ? stream : 0, "submit_request");
  connection->calls_open++;
}

// Takes the body apart into messages, which may begin and end anywhere in `data`.
static void receive(struct call *call, const uint8_t *data, size_t length) {
  call->body_bytes += length;
  while (length > 0) {
    if (call->prefix_filled < prefix_bytes) {
      call->prefix[call->prefix_filled++] = *data++;
      length--;
      if (call->prefix_filled < prefix_bytes) continue;
      uint32_t size;
      memcpy(&size, call->prefix + 1, sizeof size);
      call->message_left = ntohl(size);
      if (call->prefix[0] != 0 || call->message_left != options.message_bytes) call->broken = true;
    }
    size_t count = call->message_left < length ? call->message_left : length;
    data += count;
    length -= count;
    call->message_left -= count;
    if (call->message_left == 0) {
      call->messages++;
      call->prefix_filled = 0;
    }
  }
}

static bool is_good(const struct call *call) {
  if (options.get) return call->status_good && call->body_bytes == request_bytes;
  uint32_t expected = options.replies > 0 ? options.replies : 1;
  return call->status_good && !call->broken && call->prefix_filled == 0 &&
         call->messages == expected;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                     size_t name_length, const uint8_t *value, size_t length, uint8_t flags,
                     void *context) {
  (void)flags, (void)context;
  const char *status = options.get ? ":status" : "grpc-status";
  const char *good = options.get ? "200" : "0";
  if (name_length != strlen(status) || memcmp(name, status, name_length) != 0) return 0;
  struct call *call = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
  if (call) call->status_good = length == strlen(good) && memcmp(value, good, length) == 0;
  return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *data,
                   size_t length, void *context) {
  (void)flags, (void)context;
  struct call *call = nghttp2_session_get_stream_user_data(session, stream);
  if (call) receive(call, data, length);
  return 0;
}

static int on_close(nghttp2_session *session, int32_t stream, uint32_t error, void *context) {
  (void)context;
  struct call *call = nghttp2_session_get_stream_user_data(session, stream);
  if (!call) return 0;
  call->connection->calls_open--;
  calls_done++;
  messages_done += call->messages;
  if (!is_good(call) || error != 0) calls_failed++;
  if (!options.idle && now() < deadline) start(call);
  return 0;
}

// Connections

// Bytes read; 0 if there is nothing now, -1 at the end.
static ssize_t read_some(struct connection *connection) {
  if (!connection->tls) {
    ssize_t count = read(connection->fd, buffer, sizeof buffer);
    if (count < 0 && errno == EAGAIN) return 0;
    return count > 0 ? count : -1;
  }
  int count = SSL_read(connection->tls, buffer, sizeof buffer);
  if (count > 0) return count;
  return SSL_get_error(connection->tls, count) == SSL_ERROR_WANT_READ ? 0 : -1;
}

// Bytes written; 0 if the socket is full, -1 at the end.
static ssize_t write_some(struct connection *connection, const uint8_t *data, size_t length) {
  if (!connection->tls) {
    ssize_t count = send(connection->fd, data, length, MSG_NOSIGNAL);
    return count < 0 && errno == EAGAIN ? 0 : count;
  }
  int count = SSL_write(connection->tls, data, (int)length);
  if (count > 0) return count;
  return SSL_get_error(connection->tls, count) == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

// Sends `data` as far as it goes and keeps the rest. False once the connection is gone.
static bool write_or_keep(struct connection *connection, const uint8_t *data, size_t length) {
  size_t sent = 0;
  while (sent < length) {
    ssize_t count = write_some(connection, data + sent, length - sent);
    if (count < 0) return false;
    if (count == 0) break;
    sent += (size_t)count;
  }
  if (sent == length) return true;
  connection->unsent_bytes = length - sent;
  connection->unsent = malloc(connection->unsent_bytes);
  if (!connection->unsent) fail("malloc");
  memcpy(connection->unsent, data + sent, connection->unsent_bytes);
  return true;
}

static bool write_all(struct connection *connection) {
  if (connection->unsent) {
    uint8_t *kept = connection->unsent;
    connection->unsent = NULL;
    bool open = write_or_keep(connection, kept, connection->unsent_bytes);
    free(kept);
    if (!open) return false;
  }
  while (!connection->unsent) {
    size_t filled = 0;
    const uint8_t *frame;
    ssize_t length = 0;
    while (filled + (1 << 15) < sizeof buffer &&
           (length = nghttp2_session_mem_send(connection->session, &frame)) > 0) {
      memcpy(buffer + filled, frame, (size_t)length);  // a frame is at most 16 KiB and a header
      filled += (size_t)length;
    }
    if (length < 0) return false;
    if (filled == 0) return true;
    if (!write_or_keep(connection, buffer, filled)) return false;
  }
  return true;
}

static void watch(struct connection *connection, int operation) {
  bool wants_write = connection->unsent != NULL;
  if (operation == EPOLL_CTL_MOD && wants_write == connection->wants_write) return;
  connection->wants_write = wants_write;
  struct epoll_event event = {.events = EPOLLIN | (wants_write ? EPOLLOUT : 0),
                              .data.ptr = connection};
  if (epoll_ctl(poller, operation, connection->fd, &event) < 0) fail("epoll_ctl");
}

static bool turn(struct connection *connection) {
  ssize_t count;
  while ((count = read_some(connection)) > 0) {
    if (nghttp2_session_mem_recv(connection->session, buffer, (size_t)count) < 0) return false;
    if (!connection->tls && count < (ssize_t)sizeof buffer) break;
  }
  if (count < 0 || !write_all(connection)) return false;
  watch(connection, EPOLL_CTL_MOD);
  return true;
}

static void open_socket(struct connection *connection) {
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)options.port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0) fail("connect");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  connection->fd = fd;
  if (!options.tls) return;
  connection->tls = SSL_new(tls_context);
  SSL_set_fd(connection->tls, fd);
  if (SSL_connect(connection->tls) != 1) fail("SSL_connect");
  const uint8_t *protocol;
  unsigned length;
  SSL_get0_alpn_selected(connection->tls, &protocol, &length);
  if (length != 2 || memcmp(protocol, "h2", 2) != 0) fail("no h2 by ALPN");
}

static void open_session(struct connection *connection) {
  nghttp2_session_callbacks *callbacks;
  check(nghttp2_session_callbacks_new(&callbacks), "callbacks_new");
  nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
  check(nghttp2_session_client_new(&connection->session, callbacks, connection), "client_new");
  nghttp2_session_callbacks_del(callbacks);
  nghttp2_settings_entry settings[] = {
      {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, stream_window_bytes},
  };
  check(nghttp2_submit_settings(connection->session, NGHTTP2_FLAG_NONE, settings, 2), "settings");
  check(nghttp2_session_set_local_window_size(connection->session, NGHTTP2_FLAG_NONE, 0,
                                              connection_window_bytes),
        "local_window_size");
}

static void open_connection(struct connection *connection) {
  open_socket(connection);
  open_session(connection);
  for (int i = 0; i < options.streams; i++) {
    struct call *call = malloc(sizeof *call);  // lives as long as the process
    if (!call) fail("malloc");
    call->connection = connection;
    start(call);
  }
  if (fcntl(connection->fd, F_SETFL, O_NONBLOCK) < 0) fail("fcntl");
  if (!write_all(connection)) fail("the connection was closed at once");
  watch(connection, EPOLL_CTL_ADD);
}

// The whole

static void lose(struct connection *connection) {
  calls_failed += connection->calls_open;
  calls_done += connection->calls_open;
  connection->calls_open = 0;
  close(connection->fd);
  fprintf(stderr, "load: a connection was closed by the server\n");
}

static void run(struct connection *connections) {
  int opened = 0, wanted = options.connections;
  long expected = (long)wanted * options.streams;
  deadline = now() + options.seconds;
  double last = deadline + patience_seconds;
  for (;;) {
    int open = 0;
    // While it connects, a call done is a connection that has been accepted.
    while (opened < wanted && (long)opened * options.streams - calls_done < connecting_max) {
      open_connection(&connections[opened++]);
    }
    struct epoll_event events[256];
    int count = epoll_wait(poller, events, 256, 1000);
    if (count < 0 && errno != EINTR) fail("epoll_wait");
    for (int i = 0; i < count; i++) {
      struct connection *connection = events[i].data.ptr;
      if (!turn(connection)) lose(connection);
    }
    if (options.idle && opened == wanted && calls_done >= expected) return;
    if (now() > last) return;
    if (options.idle || now() < deadline) continue;
    for (int i = 0; i < opened; i++) open += connections[i].calls_open;
    if (open == 0) return;
  }
}

static void parse(int argc, char **argv) {
  int option;
  while ((option = getopt(argc, argv, "c:m:t:s:r:TGi")) != -1) {
    switch (option) {
      case 'c': options.connections = atoi(optarg); break;
      case 'm': options.streams = atoi(optarg); break;
      case 't': options.seconds = atof(optarg); break;
      case 's': options.message_bytes = (size_t)atol(optarg); break;
      case 'r': options.replies = (uint32_t)atol(optarg); break;
      case 'T': options.tls = true; break;
      case 'G': options.get = true; break;
      case 'i': options.idle = true; break;
      default: exit(64);
    }
  }
  if (argc - optind != 2 || options.connections < 1 || options.streams < 1 ||
      options.message_bytes < 4) {
    fprintf(stderr, "load: see the head of load.c\n");
    exit(64);
  }
  options.port = atoi(argv[optind]);
  options.path = argv[optind + 1];
}

static void prepare(void) {
  uint32_t size = htonl((uint32_t)options.message_bytes), replies = htonl(options.replies);
  request_bytes = prefix_bytes + options.message_bytes;
  request = calloc(1, request_bytes);
  if (!request) fail("calloc");
  memcpy(request + 1, &size, sizeof size);
  memcpy(request + prefix_bytes, &replies, sizeof replies);
  poller = epoll_create1(0);
  if (!options.tls) return;
  tls_context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_min_proto_version(tls_context, TLS1_3_VERSION);
  SSL_CTX_set_ciphersuites(tls_context, "TLS_AES_128_GCM_SHA256");  // the same for every server
  SSL_CTX_set_alpn_protos(tls_context, (const uint8_t *)"\2h2", 3);
  SSL_CTX_set_mode(tls_context,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

int main(int argc, char **argv) {
  signal(SIGPIPE, SIG_IGN);
  parse(argc, argv);
  prepare();
  struct connection *connections = calloc((size_t)options.connections, sizeof *connections);
  if (!connections) fail("calloc");
  run(connections);
  for (int i = 0; i < options.connections; i++) calls_failed += connections[i].calls_open;
  if (options.idle) {
    printf("ready\n");
    fflush(stdout);
    while (getchar() != EOF) continue;
  }
  printf("calls=%ld messages=%ld failed=%ld\n", calls_done, messages_done, calls_failed);
  return calls_failed > 0 || calls_done == 0;
}
