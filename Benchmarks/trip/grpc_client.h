// A gRPC client on libnghttp2, as small as a benchmark's must be: one connection, one thread, many
// calls; everything that one turn queues leaves in one write.
#pragma once

#include <nghttp2/nghttp2.h>
#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
  uint8_t *start;
  size_t count, capacity;
};

struct grpc_call {
  struct grpc_connection *connection;
  int32_t stream;
  struct bytes out, in;
  size_t out_sent;
  bool is_deferred, ends_after_out;
  int status;  // grpc-status; -1 until it came
  uint64_t tag;
  void (*on_message)(struct grpc_call *call, const uint8_t *message, size_t length);
  void (*on_end)(struct grpc_call *call);
  struct grpc_call *next_free;
};

struct grpc_connection {
  int fd;
  nghttp2_session *session;
  struct bytes out;
  struct grpc_call *free_calls;
};

struct grpc_connection *grpc_connect(int port);

// The call is the connection's: it may be used until its on_end returns.
struct grpc_call *grpc_start(struct grpc_connection *connection, const char *path);
void grpc_send(struct grpc_call *call, const ProtobufCMessage *message);
void grpc_end_requests(struct grpc_call *call);

// Both are false once the connection is gone.
bool grpc_receive(struct grpc_connection *connection);
bool grpc_flush(struct grpc_connection *connection);
