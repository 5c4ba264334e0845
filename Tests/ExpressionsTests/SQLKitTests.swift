import Expressions
import Testing

@Suite struct SQLKitTests {
  @Test(
    .enabled(
      if: SQLCompatibilityKit.directory != nil,
      """
      NOT RUN: the compatibility kit of CloudEvents SQL is neither in ../shared/conformance nor in \
      $EVENT_GATEWAY_CONFORMANCE
      """))
  func `every test of the compatibility kit passes`() throws {
    let kit = try SQLCompatibilityKit(try #require(SQLCompatibilityKit.directory))
    #expect(kit.cases.count == 275)
    for test in kit.cases { check(test) }
  }

  private func check(_ test: SQLCompatibilityKit.Case) {
    do {
      let (value, error) = try SQLExpression(test.expression).value(for: test.view)
      #expect(error?.kind.rawValue == test.error, "\(test)")
      if let result = test.result { #expect(value == result, "\(test)") }
      #expect(test.result != nil || error != nil, "\(test): nothing is expected")
    } catch {
      #expect(test.error == "parse", "\(test): \(error)")
    }
  }
}
