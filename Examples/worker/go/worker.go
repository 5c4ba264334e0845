// A worker on generated code and grpc-go, with one function, `count-words`:
// worker ADDRESS [ORGANIZATION [NAME]]
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	pb "dispatch.dev/events/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

const concurrency = 8

type worker struct {
	hello *pb.WorkerMessage_Hello

	mutex    sync.Mutex
	stream   pb.WorkerService_ConnectClient      // nil from its end until the next Welcome
	running  map[uint64]context.CancelFunc       // by lease
	results  map[uint64]*pb.WorkerMessage_Result // not acknowledged yet, by lease
	draining bool
}

// send is called with the mutex held. Nothing is lost while there is no stream: welcomed says it again.
func (w *worker) send(message *pb.WorkerMessage) {
	if w.stream != nil {
		w.stream.Send(message) // an error here is the stream's end, which serve sees
	}
}

func (w *worker) sendStarted(lease uint64) {
	w.send(&pb.WorkerMessage{Message: &pb.WorkerMessage_Started_{
		Started: &pb.WorkerMessage_Started{Lease: lease}}})
}

func (w *worker) sendResult(result *pb.WorkerMessage_Result) {
	w.send(&pb.WorkerMessage{Message: &pb.WorkerMessage_Result_{Result: result}})
}

func (w *worker) sendCredit(count int) {
	if count > 0 && !w.draining {
		w.send(&pb.WorkerMessage{Message: &pb.WorkerMessage_Credit_{
			Credit: &pb.WorkerMessage_Credit{Count: int32(count)}}})
	}
}

func (w *worker) sendDrain() {
	w.send(&pb.WorkerMessage{Message: &pb.WorkerMessage_Drain_{Drain: &pb.WorkerMessage_Drain{}}})
}

// serve is one stream, from Hello to its end. A gateway that is silent for two of its ping intervals
// is gone, and so may be the connection to it: each stream has its own.
func (w *worker) serve(ctx context.Context, address string) (welcome bool, err error) {
	connection, err := grpc.Dial(address, grpc.WithInsecure())
	if err != nil {
		return false, err
	}
	defer connection.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := pb.NewWorkerServiceClient(connection).Connect(ctx)
	if err == nil {
		err = stream.Send(&pb.WorkerMessage{Message: &pb.WorkerMessage_Hello_{Hello: w.hello}})
	}
	patience := 20 * time.Second
	silence := time.AfterFunc(patience, cancel)
	defer silence.Stop()
	for err == nil {
		var message *pb.GatewayMessage
		if message, err = stream.Recv(); err == nil {
			if hello := message.GetWelcome(); hello != nil {
				welcome, patience = true, 2*hello.PingInterval.AsDuration()
			}
			silence.Reset(patience)
			w.receive(ctx, stream, message)
		}
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.stream = nil
	return welcome, err
}

func (w *worker) receive(ctx context.Context, stream pb.WorkerService_ConnectClient, message *pb.GatewayMessage) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	switch message := message.Message.(type) {
	case *pb.GatewayMessage_Welcome_:
		w.stream = stream
		w.welcomed(message.Welcome)
	case *pb.GatewayMessage_Assignment_:
		w.start(message.Assignment)
	case *pb.GatewayMessage_Cancel_:
		delete(w.results, message.Cancel.Lease)
		if stop, runs := w.running[message.Cancel.Lease]; runs {
			stop()
		}
	case *pb.GatewayMessage_ResultAck_:
		delete(w.results, message.ResultAck.Lease)
	case *pb.GatewayMessage_Ping:
		if !message.Ping.Answer {
			w.send(&pb.WorkerMessage{Message: &pb.WorkerMessage_Ping{
				Ping: &pb.Ping{Number: message.Ping.Number, Answer: true}}})
		}
	}
}

// welcomed gives up what was lost, tells again what is done, and says how much room there is.
func (w *worker) welcomed(welcome *pb.GatewayMessage_Welcome) {
	ours := map[uint64]bool{}
	room := concurrency - len(w.running)
	for _, lease := range welcome.Leases {
		ours[lease] = true
		if w.running[lease] != nil {
			w.sendStarted(lease)
		} else if w.results[lease] == nil {
			room-- // its assignment comes again
		}
	}
	for lease, stop := range w.running {
		if !ours[lease] {
			stop()
		}
	}
	for _, result := range w.results {
		w.sendResult(result)
	}
	w.sendCredit(room)
	if w.draining {
		w.sendDrain()
	}
}

func (w *worker) start(assignment *pb.GatewayMessage_Assignment) {
	lease := assignment.Lease
	if w.running[lease] != nil || w.results[lease] != nil {
		return // told again, because our Started was lost
	}
	ctx, stop := context.WithDeadline(context.Background(), assignment.Deadline.AsTime())
	w.running[lease] = stop
	w.sendStarted(lease)
	go func() {
		defer stop()
		result := &pb.WorkerMessage_Result{Lease: lease}
		result.Output, result.Error = countWords(assignment.Trigger, func(line string) {
			w.mutex.Lock()
			defer w.mutex.Unlock()
			w.send(&pb.WorkerMessage{Message: &pb.WorkerMessage_Progress_{
				Progress: &pb.WorkerMessage_Progress{Lease: lease, Logs: []*pb.LogLine{{Text: line}}}}})
		})
		w.mutex.Lock()
		defer w.mutex.Unlock()
		delete(w.running, lease)
		if ctx.Err() == nil { // somebody still wants it
			w.results[lease] = result
			w.sendResult(result)
		}
		w.sendCredit(1)
	}()
}

func countWords(trigger *pb.Trigger, log func(string)) (*pb.Output, *pb.InvocationError) {
	var payload struct{ Text *string }
	if json.Unmarshal(trigger.Data, &payload) != nil || payload.Text == nil {
		return nil, &pb.InvocationError{
			ErrorClass: pb.InvocationError_ERROR_CLASS_INPUT, Code: "NO_TEXT",
			Message: "there is no text to count the words of", Final: true}
	}
	counts := map[string]int{}
	for _, word := range strings.Fields(strings.ToLower(*payload.Text)) {
		counts[word]++
	}
	log(fmt.Sprintf("%d different words", len(counts)))
	data, _ := json.Marshal(counts)
	return &pb.Output{Data: data, DataType: "application/json"}, nil
}

func (w *worker) isOver() bool {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.draining && len(w.running) == 0 && len(w.results) == 0
}

func (w *worker) drainOnSignal() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM)
	<-signals
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.draining = true
	w.sendDrain()
}

func main() {
	arguments := []string{"127.0.0.1:7070", "default", "go"}
	copy(arguments, os.Args[1:])
	session := make([]byte, 16)
	rand.Read(session)
	w := &worker{
		hello: &pb.WorkerMessage_Hello{
			Worker: arguments[2], Session: fmt.Sprintf("%x", session),
			FunctionIds: []string{"count-words"}},
		running: map[uint64]context.CancelFunc{}, results: map[uint64]*pb.WorkerMessage_Result{},
	}
	go w.drainOnSignal()
	ctx := metadata.AppendToOutgoingContext(context.Background(), "x-dispatch-org", arguments[1])
	pause := 100 * time.Millisecond
	for !w.isOver() {
		welcome, err := w.serve(ctx, arguments[0])
		if code := status.Code(err); code == codes.InvalidArgument || code == codes.Aborted {
			log.Fatal(err)
		} else if err != io.EOF {
			log.Printf("%v; again in %v", err, pause)
		}
		if welcome {
			pause = 100 * time.Millisecond
		}
		for end := time.Now().Add(pause); time.Now().Before(end) && !w.isOver(); {
			time.Sleep(10 * time.Millisecond)
		}
		if pause *= 2; pause > 10*time.Second {
			pause = 10 * time.Second
		}
	}
}
