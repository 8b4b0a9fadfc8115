#if Programs
  /// A percentile, and what it is called.
  struct Percentile {
    let name: String
    let value: Double

    static let reported = [
      Percentile(name: "p50", value: 50), Percentile(name: "p90", value: 90), Percentile(name: "p99", value: 99),
      Percentile(name: "p999", value: 99.9),
    ]
  }

  extension Measurement {
    /// Latencies in microseconds, by name, in the order of the report.
    var latencies: [(name: String, value: Double)] {
      let latencies = tally.latencies
      return [("min", latencies.min), ("mean", latencies.mean)]
        + Percentile.reported.map { ($0.name, latencies.percentile($0.value)) } + [("max", latencies.max)]
    }

    /// The report for a person.
    var summary: String {
      let wide = latencies.map { decimal($0.value, 1) }
      let width = wide.map(\.count).max() ?? 0
      let kind =
        settings.rate.map { "\(decimal($0, 0)) requests/s on schedule" } ?? "\(settings.pipeline) under way on each"
      var text = """
        \(settings.endpoint): \(decimal(seconds, 2)) s, \(settings.connections) connections, \(settings.payload) bytes, \(kind)

          requests  \(grouped(Double(tally.requests)))
          per second  \(grouped(requestsPerSecond)) requests, \(decimal(bytesPerSecond / 1e6, 1)) MB each way
          errors  \(tally.errors), lost datagrams \(tally.lost)

        """
      text += "  latency\(settings.rate == nil ? "" : ", from when a request was due")\n"
      for (latency, value) in zip(latencies, wide) {
        let name = latency.name == "p999" ? "p99.9" : latency.name
        text += "    \(name.padded(to: 6))" + String(repeating: " ", count: width - value.count) + "\(value) µs\n"
      }
      text += "  CPU a request  client \(decimal(clientMicrosecondsPerRequest, 2)) µs"
      if let server = serverMicrosecondsPerRequest { text += ", server \(decimal(server, 2)) µs" }
      return text + "\n"
    }

    /// The report for a program: one JSON object.
    var json: String {
      let fields: [(String, String)] = [
        ("endpoint", quoted("\(settings.endpoint)")),
        ("connections", "\(settings.connections)"),
        ("payload", "\(settings.payload)"),
        ("pipeline", "\(settings.pipeline)"),
        ("rate", settings.rate.map { decimal($0, 3) } ?? "null"),
        ("duration_seconds", decimal(seconds, 6)),
        ("requests", "\(tally.requests)"),
        ("errors", "\(tally.errors)"),
        ("lost", "\(tally.lost)"),
        ("requests_per_second", decimal(requestsPerSecond, 1)),
        ("bytes_per_second", decimal(bytesPerSecond, 1)),
        ("latency_microseconds", object(latencies.map { ($0.name, decimal($0.value, 3)) })),
        ("corrected_for_coordinated_omission", "\(settings.rate != nil)"),
        ("server_cpu_microseconds_per_request", serverMicrosecondsPerRequest.map { decimal($0, 4) } ?? "null"),
        ("client_cpu_microseconds_per_request", decimal(clientMicrosecondsPerRequest, 4)),
      ]
      return object(fields) + "\n"
    }
  }

  private func object(_ fields: [(String, String)]) -> String {
    "{" + fields.map { "\(quoted($0.0)): \($0.1)" }.joined(separator: ", ") + "}"
  }

  /// A text as JSON writes it.
  private func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case "\0"..<" ":
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }

  extension String {
    fileprivate func padded(to width: Int) -> String {
      self + String(repeating: " ", count: max(width - count, 0))
    }
  }
#endif
