import EventCore

extension Signal {
  /// The same as `wait`, but for no longer than `time`.
  nonisolated(nonsending) func wait(atMost time: Duration, by clock: any PoolClock) async {
    let timer = Task {
      guard (try? await clock.sleep(time)) != nil else { return }
      raise()
    }
    await wait()
    timer.cancel()
  }
}
