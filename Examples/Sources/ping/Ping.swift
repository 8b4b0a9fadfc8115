// Asks a host whether it is there, once a second:
//   ping www.example.org
//   ping ::1 10

internal import ExampleSupport
internal import Sockets

@main struct PingCommand {
  static func main() {
    Program.run(usage: "HOST [COUNT]") { arguments in
      guard 1...2 ~= arguments.count, let count = Int(arguments.dropFirst().first ?? "4"), count > 0 else {
        throw Usage()
      }
      try ping(try Host(arguments[0]), count)
    }
  }
}

private func ping(_ host: Host, _ count: Int) throws {
  let signals = try Program.terminationSignals()
  guard let address = try Resolver().addresses(of: host).first, let ip = address.ip else {
    throw Failure("\(host): no address")
  }
  var scope: UInt32 = 0
  if case .ipv6(_, _, let index, _) = address { scope = index }
  var ping = try Ping(ip, scope: scope)

  var times: [Duration] = []
  var sent = 0
  while sent < count {
    let next = Deadline.after(.seconds(1))
    sent += 1
    let answer: String
    do throws(SocketError) {
      let time = try ping.roundTripTime(until: next)
      times.append(time)
      answer = time.milliseconds
    } catch {
      // A router, or the kernel, may know why there is none.
      answer = error.reason == .timedOut ? "no answer" : "\(error)"
    }
    try Program.say("\(sent) \(ip) \(answer)")
    // The rest of the second, unless the user has seen enough.
    if sent < count, try !signals.wait(for: .read, until: next).isEmpty { break }
  }
  try Program.say("\(sent) sent, \(times.count) answered")
  guard let least = times.min(), let most = times.max() else { throw Failure("\(host): no answer") }
  let mean = times.reduce(.zero, +) / times.count
  try Program.say("least \(least.milliseconds), mean \(mean.milliseconds), most \(most.milliseconds)")
}

extension Duration {
  /// As people read it: `0.123 ms`.
  fileprivate var milliseconds: String {
    let microseconds = Int64(self / .microseconds(1))
    let fraction = String(1000 + microseconds % 1000).dropFirst()
    return "\(microseconds / 1000).\(fraction) ms"
  }
}
