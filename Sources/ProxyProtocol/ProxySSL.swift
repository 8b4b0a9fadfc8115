internal import Sockets

/// The value of a PP2_TYPE_SSL field: how the client's connection to the proxy is encrypted.
public struct ProxySSL: Hashable, Sendable {
  /// What is known of the client.
  public let client: Client
  /// 0 where the client's certificate was verified.
  public let verify: UInt32
  /// The fields within, in their order.
  public let values: [ProxyTLV]

  /// PP2_CLIENT_ bits.
  public struct Client: OptionSet, Hashable, Sendable {
    /// The bits.
    public let rawValue: UInt8

    /// These bits.
    public init(rawValue: UInt8) {
      self.rawValue = rawValue
    }

    /// PP2_CLIENT_SSL: it connected over TLS.
    public static var ssl: Client { Client(rawValue: 0x01) }
    /// PP2_CLIENT_CERT_CONN: it gave a certificate over this connection.
    public static var certificateOnConnection: Client { Client(rawValue: 0x02) }
    /// PP2_CLIENT_CERT_SESS: it gave a certificate at least once over this session.
    public static var certificateInSession: Client { Client(rawValue: 0x04) }
  }

  /// A value with these parts.
  public init(client: Client, verify: UInt32, values: [ProxyTLV] = []) {
    self.client = client
    self.verify = verify
    self.values = values
  }

  init(parsing bytes: Span<UInt8>, at position: Int) throws(ProxyError) {
    guard bytes.count >= 5 else { throw ProxyError(.wrongLength(.ssl, bytes.count), at: position) }
    client = Client(rawValue: bytes[0])
    verify = bytes.bigEndian32(at: 1)
    values = try ProxyTLV.read(bytes, from: 5, at: position)
  }

  /// The value as a field of a header.
  ///
  /// - Throws: `ProxyEncodingError` for a field within that is too long.
  public func field() throws(ProxyEncodingError) -> ProxyTLV {
    var bytes = [client.rawValue]
    bytes.append(bigEndian: verify)
    for value in values { try value.append(to: &bytes) }
    return ProxyTLV(.ssl, bytes)
  }
}

extension ProxyTLV.Kind {
  /// PP2_SUBTYPE_SSL_VERSION: the version of TLS, as text. These are within a ``ProxySSL`` alone.
  public static var sslVersion: Self { Self(rawValue: 0x21) }
  /// PP2_SUBTYPE_SSL_CN: the common name of the client's certificate.
  public static var sslCommonName: Self { Self(rawValue: 0x22) }
  /// PP2_SUBTYPE_SSL_CIPHER: the cipher.
  public static var sslCipher: Self { Self(rawValue: 0x23) }
  /// PP2_SUBTYPE_SSL_SIG_ALG: the algorithm that the certificate is signed with.
  public static var sslSignatureAlgorithm: Self { Self(rawValue: 0x24) }
  /// PP2_SUBTYPE_SSL_KEY_ALG: the algorithm of the certificate's key.
  public static var sslKeyAlgorithm: Self { Self(rawValue: 0x25) }
}
