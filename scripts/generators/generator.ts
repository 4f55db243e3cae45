/** Task of one load generator: where it connects, how much it sends, and for how long. */
export interface GeneratorLoad {
  host: string;
  port: number;
  /** Path of an HTTP client's requests. The server always responds at once with the same batch of one message. */
  path: string;
  connections: number;
  /** Round trips per second over all connections. 0 is a closed loop: each response causes the next request. */
  ratePerS: number;
  /** Seconds that the generator runs, its start included. */
  seconds: number;
}

/** Counts that a generator reports about itself. They are compared with the server's counts. */
export interface GeneratorCounts {
  roundTrips: number;
  /** Unexpected responses and lost connections. */
  errors: number;
}

/** A load generator: a command line, and a parser of what it prints. */
export interface Generator {
  name: string;
  /** Command that prints the version. */
  versionCommand: readonly string[];
  /** Versions whose output is known; the first group is the version. Other versions are left out. */
  versionPattern: RegExp;
  /** One shell command that installs the generator. */
  installCommand: string;
  /** True where the generator can send at a given rate. Every generator can run a closed loop. */
  keepsRate: boolean;
  /** Files that the generator reads from its working directory, text by name. Default: none. */
  files?: (load: GeneratorLoad) => Record<string, string>;
  command(load: GeneratorLoad): readonly string[];
  /** Parses the output. Throws a RunError where the output has an unknown form. */
  readOutput(output: string): GeneratorCounts;
  /** Seconds within which all connections must be open. Default 5. */
  connectTimeoutS?: number;
  /** Largest accepted difference between the generator's count and the server's, as a share. Default 0.1. */
  countTolerance?: number;
}

/** Bytes of text in every message. */
export const echoPayloadBytes = 128;

/** Message that every external generator repeats. Our own clients stamp each message and check each response. */
export const echoPayload = "x".repeat(echoPayloadBytes);
