// The echo server on grpc-go: messages as plain bytes; GOMAXPROCS=1 gives it one processor. Methods
// and arguments are those of echo-server.
package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"log"
	"net"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/encoding"
)

// plainBytes takes the place of protobuf under its name, which is the default content subtype.
type plainBytes struct{}

func (plainBytes) Name() string                          { return "proto" }
func (plainBytes) Marshal(v interface{}) ([]byte, error) { return *v.(*[]byte), nil }
func (plainBytes) Unmarshal(data []byte, v interface{}) error {
	*v.(*[]byte) = data
	return nil
}

func unary(_ interface{}, _ context.Context, decode func(interface{}) error,
	_ grpc.UnaryServerInterceptor) (interface{}, error) {
	message := new([]byte)
	if err := decode(message); err != nil {
		return nil, err
	}
	return message, nil
}

// stream sends the message back as many times as its first four bytes say.
func stream(_ interface{}, call grpc.ServerStream) error {
	message := new([]byte)
	if err := call.RecvMsg(message); err != nil {
		return err
	}
	for left := binary.BigEndian.Uint32(*message); left > 0; left-- {
		if err := call.SendMsg(message); err != nil {
			return err
		}
	}
	return nil
}

func main() {
	encoding.RegisterCodec(plainBytes{})
	var options []grpc.ServerOption
	if len(os.Args) == 4 && os.Args[1] == "--tls" {
		tls, err := credentials.NewServerTLSFromFile(os.Args[2], os.Args[3])
		if err != nil {
			log.Fatal(err)
		}
		options = append(options, grpc.Creds(tls))
	}
	server := grpc.NewServer(options...)
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "echo.Echo",
		HandlerType: (*interface{})(nil),
		Methods:     []grpc.MethodDesc{{MethodName: "Unary", Handler: unary}},
		Streams:     []grpc.StreamDesc{{StreamName: "Stream", Handler: stream, ServerStreams: true}},
	}, struct{}{})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("listening on port %d\n", listener.Addr().(*net.TCPAddr).Port)
	log.Fatal(server.Serve(listener))
}
