package import EventCore
internal import Expressions

extension Subscription {
  /// Compiles its filter and transform, as they will be for every trigger.
  ///
  /// - Throws: FILTER_INVALID or TEMPLATE_INVALID, with line and column.
  package func checkExpressions(_ path: String) throws(GatewayError) {
    if let filter {
      let field = "\(path).filter.\(filter.language.rawValue)"
      try Self.report(field, .filterInvalid) { () throws(ExpressionError) in _ = try Filter(filter)
      }
    }
    if let transform {
      try Self.report("\(path).transform.template", .templateInvalid) {
        () throws(ExpressionError) in _ = try Template(transform.template)
      }
    }
  }

  private static func report(
    _ field: String, _ reason: GatewayError.Reason, _ body: () throws(ExpressionError) -> Void
  ) throws(GatewayError) {
    do throws(ExpressionError) {
      try body()
    } catch {
      let problem = "\(error.problem) (line \(error.line), column \(error.column))"
      throw .invalid([FieldViolation(field: field, problem: problem)], reason)
    }
  }
}
