# The scenario of Tests/Clients/test_clients.py on Ruby's grpc: client.rb ADDRESS ORGANIZATION COMMAND

require "json"
require "grpc"
require "google/protobuf/well_known_types"
require "google/rpc/error_details_pb"
require "google/rpc/status_pb"
require "dispatch/events/v1/event_service_services_pb"
require "dispatch/events/v1/function_service_services_pb"
require "dispatch/events/v1/subscription_service_services_pb"
require "dispatch/events/v1/trigger_service_services_pb"

include Dispatch::Events::V1

ORDER = {order: 7, items: [{sku: "tea", quantity: 2}, {sku: "cup", quantity: 1}]}
# Thirty seconds of work for whoever waits for it.
LONG_ORDER = {order: 8, items: [{sku: "tea", quantity: 1}] * 100}

class Scenario
  def initialize(address, organization, command)
    @address, @command = address, command
    @options = {metadata: {"x-dispatch-org" => organization}}
    @events, @triggers = stub(EventService), stub(TriggerService)
  end

  def run
    define
    stream
    refused
    late
    cancelled
  end

  private

  def stub(service)
    service::Stub.new(@address, :this_channel_is_insecure, timeout: 60)
  end

  def define
    function = Function.new(
      function_id: "reserve-stock", process: ProcessTarget.new(command: @command))
    stub(FunctionService).create_function(CreateFunctionRequest.new(function: function), **@options)
    event = @events.create_event(
      CreateEventRequest.new(event: Event.new(event: "order.placed", metadata: {"team" => "shop"})),
      **@options)
    puts "event #{event.event} revision #{event.revision} team #{event.metadata["team"]}"
    subscription = Subscription.new(
      subscription_id: "stock", event: "order.placed", function_id: "reserve-stock")
    made = stub(SubscriptionService).create_subscription(
      CreateSubscriptionRequest.new(subscription: subscription), **@options)
    puts "subscription #{made.subscription_id} to #{made.event}"
  end

  def request(order, **fields)
    TriggerEventRequest.new(event: "order.placed", data: order.to_json, **fields)
  end

  def stream
    @triggers.trigger_event(request(ORDER), **@options).each do |response|
      case response.update
      when :accepted
        puts "accepted #{response.accepted.trigger.event}"
      when :invocation
        puts "invocation #{response.invocation.subscription_id} #{short(response.invocation.state)}"
      when :output
        puts "output #{response.output.offset} #{response.output.data.strip}"
      when :log
        puts "log #{response.log.line.text}"
      when :summary
        puts "summary #{short(response.summary.state)} #{response.summary.succeeded}"
      end
    end
  end

  def refused
    @events.create_event(CreateEventRequest.new(event: Event.new(event: "Not a name")), **@options)
  rescue GRPC::BadStatus => error
    puts "refused #{name(error)}"
    error.to_rpc_status.details.each do |detail|
      if detail.is(Google::Rpc::ErrorInfo)
        info = detail.unpack(Google::Rpc::ErrorInfo)
        puts "reason #{info.reason} of #{info.domain}"
      elsif detail.is(Google::Rpc::BadRequest)
        bad = detail.unpack(Google::Rpc::BadRequest)
        bad.field_violations.each { |violation| puts "field #{violation.field}" }
      end
    end
  end

  def late
    @triggers.trigger_event(request(LONG_ORDER), deadline: Time.now + 1, **@options).each {}
  rescue GRPC::BadStatus => error
    puts "late #{name(error)}"
  end

  def cancelled
    trigger_id = nil
    call = @triggers.trigger_event(
      request(LONG_ORDER, cancel_on_disconnect: true), return_op: true, **@options)
    begin
      call.execute.each do |response|
        trigger_id = response.accepted.trigger.trigger_id if response.accepted
        call.cancel if response.output
      end
    rescue GRPC::BadStatus => error
      puts "cancelled #{name(error)}"
    end
    get = GetTriggerRequest.new(trigger_id: trigger_id)
    sleep 0.02 until @triggers.get_trigger(get, **@options).state == :STATE_CANCELLED
    puts "trigger CANCELLED"
  end

  # A status by the name that gRPC's documents have for it.
  def name(error)
    GRPC::Core::StatusCodes.constants.find do |name|
      GRPC::Core::StatusCodes.const_get(name) == error.code
    end
  end

  def short(state)
    state.to_s.delete_prefix("STATE_")
  end
end

$stdout.sync = true
Scenario.new(*ARGV).run
