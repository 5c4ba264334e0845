package import EventCore
import GRPC
package import Logging
package import NIOCore

/// Calls services that implement dispatch.functions.v1.Function.
///
/// What a service streams is the output and the logs, its status the outcome (see `GRPCFailure`).
/// Channels are shared by the functions of one destination (see `GRPCChannels`).
package final class GRPCRuntime: FunctionRuntime {
  private let channels: GRPCChannels

  /// - Parameters:
  ///   - group: runs the connections; it must outlive this.
  ///   - limits: of idle channels.
  package init(
    group: any EventLoopGroup, limits: GRPCChannelLimits = GRPCChannelLimits(), logger: Logger
  ) {
    channels = GRPCChannels(group: group, limits: limits, logger: logger)
  }

  /// Closes its connections, with calls that still run. To be called once, when no attempt runs.
  package func shutdown() async {
    await channels.close()
  }

  package func validate(_ function: Function) throws(GatewayError) {
    guard case .grpc(let target) = function.target else { return }
    _ = try GRPCDestination(target).configuration()
  }

  package func run(_ attempt: AttemptRequest, into sink: any OutputSink) async -> AttemptResult {
    guard case .grpc(let target) = attempt.function.target else {
      return .noTarget(attempt.function)
    }
    let destination = GRPCDestination(target)
    let client: GRPCClient
    do throws(GatewayError) {
      client = try channels.open(destination)
    } catch {
      return .failed(.system, code: "TARGET_INVALID", message: error.message, isFinal: true)
    }
    defer { channels.close(destination) }
    let call = GRPCCall(client, target, attempt)
    // On the loop of the connection, so that what is streamed takes no hop for each message.
    return await withTaskExecutorPreference(client.executor) { await call.run(into: sink) }
  }
}
