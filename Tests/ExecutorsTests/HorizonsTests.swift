import EventCore
import Testing

@testable import Executors

@Suite struct HorizonsTests {
  private func id(_ number: Int) -> UniqueID { UniqueID(high: 0, low: UInt64(number)) }
  private func organization(_ number: Int) -> Organization { Organization(unchecked: "o\(number)") }

  @Test func `each organization has its own, which only rises`() {
    var horizons = Horizons()
    horizons.raise(organization(1), to: id(5))
    horizons.raise(organization(1), to: id(3))
    horizons.raise(organization(2), to: id(1))
    #expect(horizons[organization(1)] == id(5))
    #expect(horizons[organization(2)] == id(1))
    #expect(horizons[organization(3)] == id(0))
  }

  @Test func `past its bound none is forgotten: all have the highest`() {
    var horizons = Horizons()
    for number in 1...ExecutorLimits.horizonsMax {
      horizons.raise(organization(number), to: id(number))
    }
    #expect(horizons[organization(1)] == id(1))
    horizons.raise(organization(0), to: id(7))
    for number in 0...ExecutorLimits.horizonsMax {
      #expect(horizons[organization(number)] == id(ExecutorLimits.horizonsMax))
    }
    horizons.raise(organization(2), to: id(5_000))
    #expect(horizons[organization(2)] == id(5_000))
    #expect(horizons[organization(3)] == id(ExecutorLimits.horizonsMax))
  }
}
