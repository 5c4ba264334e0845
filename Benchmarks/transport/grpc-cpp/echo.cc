// The echo server on grpc C++: callback API, messages as plain bytes. One default event engine; the
// benchmark pins the process to one processor. Methods and arguments are those of echo-server.
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace {

using grpc::ByteBuffer;
using grpc::Status;

// Reads one message and answers with it, once.
class Unary : public grpc::ServerGenericBidiReactor {
 public:
  Unary() { StartRead(&message_); }

  void OnReadDone(bool ok) override {
    if (ok) {
      StartWriteAndFinish(&message_, {}, Status::OK);
    } else {
      Finish(Status(grpc::StatusCode::INTERNAL, "no message"));
    }
  }

  void OnDone() override { delete this; }

 private:
  ByteBuffer message_;
};

// Reads one message, whose first four bytes say how many times it is sent back.
class Stream : public grpc::ServerGenericBidiReactor {
 public:
  Stream() { StartRead(&message_); }

  void OnReadDone(bool ok) override {
    if (!ok) return Finish(Status(grpc::StatusCode::INTERNAL, "no message"));
    grpc::Slice slice;
    message_.DumpToSingleSlice(&slice);
    for (int i = 0; i < 4 && i < static_cast<int>(slice.size()); i++) {
      left_ = left_ << 8 | slice.begin()[i];
    }
    Next();
  }

  void OnWriteDone(bool ok) override {
    if (ok) {
      Next();
    } else {
      Finish(Status::CANCELLED);
    }
  }

  void OnDone() override { delete this; }

 private:
  void Next() {
    if (left_ == 0) return Finish(Status::OK);
    left_--;
    copy_ = message_;  // shares the slices; a write takes what it is given
    StartWrite(&copy_);
  }

  ByteBuffer message_;
  ByteBuffer copy_;
  uint32_t left_ = 0;
};

class Echo : public grpc::CallbackGenericService {
  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    if (context->method() == "/echo.Echo/Unary") return new Unary;
    if (context->method() == "/echo.Echo/Stream") return new Stream;
    return CallbackGenericService::CreateReactor(context);
  }
};

std::string Contents(const char* path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::shared_ptr<grpc::ServerCredentials> Credentials(int argc, char** argv) {
  if (argc != 4 || std::strcmp(argv[1], "--tls") != 0) return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions options;
  options.pem_key_cert_pairs.push_back({Contents(argv[3]), Contents(argv[2])});
  return grpc::SslServerCredentials(options);
}

}  // namespace

int main(int argc, char** argv) {
  Echo service;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", Credentials(argc, argv), &port);
  builder.RegisterCallbackGenericService(&service);
  auto server = builder.BuildAndStart();
  if (!server) return 1;
  std::printf("listening on port %d\n", port);
  std::fflush(stdout);
  server->Wait();
}
