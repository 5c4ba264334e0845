import ArgumentParser
import GRPC

extension Endpoint: ExpressibleByArgument {
  init?(argument: String) { self.init(argument) }

  var defaultValueDescription: String { description }
}
