// The scenario of Tests/Clients/test_clients.py on grpc-go: client ADDRESS ORGANIZATION COMMAND
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
	"time"

	pb "dispatch.dev/events/v1"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

func main() {
	address, organization, command := os.Args[1], os.Args[2], os.Args[3]
	connection, err := grpc.Dial(address, grpc.WithInsecure())
	check(err)
	defer connection.Close()
	all := metadata.AppendToOutgoingContext(context.Background(), "x-dispatch-org", organization)
	ctx, cancel := context.WithTimeout(all, time.Minute)
	defer cancel()

	define(ctx, connection, command)
	triggers := pb.NewTriggerServiceClient(connection)
	stream(ctx, triggers)
	refused(ctx, connection)
	late(ctx, triggers)
	cancelled(ctx, triggers)
}

func define(ctx context.Context, connection *grpc.ClientConn, command string) {
	functions := pb.NewFunctionServiceClient(connection)
	_, err := functions.CreateFunction(ctx, &pb.CreateFunctionRequest{Function: &pb.Function{
		FunctionId: "reserve-stock",
		Target:     &pb.Function_Process{Process: &pb.ProcessTarget{Command: command}},
	}})
	check(err)
	events := pb.NewEventServiceClient(connection)
	event, err := events.CreateEvent(ctx, &pb.CreateEventRequest{Event: &pb.Event{
		Event: "order.placed", Metadata: map[string]string{"team": "shop"},
	}})
	check(err)
	fmt.Println("event", event.Event, "revision", event.Revision, "team", event.Metadata["team"])
	subscriptions := pb.NewSubscriptionServiceClient(connection)
	subscription, err := subscriptions.CreateSubscription(ctx, &pb.CreateSubscriptionRequest{
		Subscription: &pb.Subscription{
			SubscriptionId: "stock", Event: "order.placed", FunctionId: "reserve-stock",
		},
	})
	check(err)
	fmt.Println("subscription", subscription.SubscriptionId, "to", subscription.Event)
}

func stream(ctx context.Context, triggers pb.TriggerServiceClient) {
	updates, err := triggers.TriggerEvent(ctx, &pb.TriggerEventRequest{
		Event: "order.placed",
		Data:  []byte(`{"order": 7, "items": [{"sku": "tea", "quantity": 2}, {"sku": "cup", "quantity": 1}]}`),
	})
	check(err)
	for {
		response, err := updates.Recv()
		if err == io.EOF {
			return
		}
		check(err)
		switch update := response.Update.(type) {
		case *pb.TriggerEventResponse_Accepted:
			fmt.Println("accepted", update.Accepted.Trigger.Event)
		case *pb.TriggerEventResponse_Invocation:
			fmt.Println("invocation", update.Invocation.SubscriptionId, short(update.Invocation.State))
		case *pb.TriggerEventResponse_Output:
			fmt.Println("output", update.Output.Offset, strings.TrimSpace(string(update.Output.Data)))
		case *pb.TriggerEventResponse_Log:
			fmt.Println("log", update.Log.Line.Text)
		case *pb.TriggerEventResponse_Summary:
			fmt.Println("summary", short(update.Summary.State), update.Summary.Succeeded)
		}
	}
}

func refused(ctx context.Context, connection *grpc.ClientConn) {
	events := pb.NewEventServiceClient(connection)
	_, err := events.CreateEvent(ctx, &pb.CreateEventRequest{Event: &pb.Event{Event: "Not a name"}})
	answer := status.Convert(err)
	fmt.Println("refused", code(err))
	for _, detail := range answer.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			fmt.Println("reason", detail.Reason, "of", detail.Domain)
		case *errdetails.BadRequest:
			for _, violation := range detail.FieldViolations {
				fmt.Println("field", violation.Field)
			}
		}
	}
}

// Thirty seconds of work for whoever waits for it.
func longOrder(cancelOnDisconnect bool) *pb.TriggerEventRequest {
	item := `{"sku": "tea", "quantity": 1}`
	items := strings.Repeat(item+", ", 99) + item
	return &pb.TriggerEventRequest{
		Event: "order.placed", CancelOnDisconnect: cancelOnDisconnect,
		Data: []byte(`{"order": 8, "items": [` + items + `]}`),
	}
}

func late(ctx context.Context, triggers pb.TriggerServiceClient) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	updates, err := triggers.TriggerEvent(ctx, longOrder(false))
	for err == nil {
		_, err = updates.Recv()
	}
	fmt.Println("late", code(err))
}

func cancelled(ctx context.Context, triggers pb.TriggerServiceClient) {
	call, cancel := context.WithCancel(ctx)
	updates, err := triggers.TriggerEvent(call, longOrder(true))
	id := ""
	for err == nil {
		var response *pb.TriggerEventResponse
		response, err = updates.Recv()
		if accepted := response.GetAccepted(); accepted != nil {
			id = accepted.Trigger.TriggerId
		}
		if response.GetOutput() != nil {
			cancel()
		}
	}
	fmt.Println("cancelled", code(err))
	for {
		trigger, err := triggers.GetTrigger(ctx, &pb.GetTriggerRequest{TriggerId: id})
		check(err)
		if trigger.State == pb.Trigger_STATE_CANCELLED {
			fmt.Println("trigger", short(trigger.State))
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// code names a status as gRPC's documents do.
func code(err error) string {
	names := []string{"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED"}
	if code := int(status.Code(err)); code < len(names) {
		return names[code]
	}
	return status.Code(err).String()
}

func short(state fmt.Stringer) string { return strings.TrimPrefix(state.String(), "STATE_") }

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
