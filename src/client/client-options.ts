/** Files of a TLS connection; all optional. The system's authorities are trusted where no `caFile` is named. */
export interface ClientTls {
  /** PEM authority of the server's certificate. */
  readonly caFile?: string | undefined;
  /** PEM client certificate, for mutual TLS. */
  readonly certificateFile?: string | undefined;
  /** The PEM key of `certificateFile`. */
  readonly keyFile?: string | undefined;
}

/** How to reach one SymFace server. */
export interface SymFaceClientOptions {
  /** `host:port` */
  readonly server: string;
  /** It is sent with every call; servers that know no keys need none. */
  readonly apiKey?: string | undefined;
  /** The connection is plaintext where undefined. */
  readonly tls?: ClientTls | undefined;
  /**
   * How many milliseconds a call may take from its start to its one answer; 30,000 unless given. It does not bound calls
   * that are answered by a stream.
   */
  readonly timeoutMs?: number | undefined;
}

/** What one call may be told beside its request. */
export interface CallOptions {
  /** How many milliseconds this call may take, that of a stream until its last message. */
  readonly timeoutMs?: number | undefined;
  /** It cancels the call, which then fails with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}
