/** What a generator of load is to do, and where. */
export interface GeneratorLoad {
  host: string;
  port: number;
  /** What an HTTP client asks for: it is answered at once, always with the same one message. */
  path: string;
  connections: number;
  /** Round trips per second in all; 0 is a closed loop, in which each answer brings on the next request. */
  ratePerS: number;
  /** How long it runs, its start included. */
  seconds: number;
}

/** What a generator says of its own work, to be compared with what the server saw. */
export interface GeneratorCounts {
  roundTrips: number;
  /** Answers that it did not like, and connections that it lost. */
  errors: number;
}

/** A generator of load: a command line, and how to read what it prints. */
export interface Generator {
  name: string;
  /** A command that prints a version, and where that stands in it: of another version the output is not known. */
  asks: readonly string[];
  version: RegExp;
  /** The one line that installs it. */
  get: string;
  /** Whether it can keep to a rate; every one of them runs closed loops. */
  keepsRate: boolean;
  /** It is run in a folder of its own that has these files. */
  files?: (load: GeneratorLoad) => Record<string, string>;
  command(load: GeneratorLoad): readonly string[];
  /** Throws where it finds nothing that it knows. */
  read(out: string): GeneratorCounts;
  /** Seconds that it may take to open its connections. Default 5. */
  opensWithinS?: number;
  /** How far its count may be from the server's, as a share. Default 0.1. */
  countsWithin?: number;
}

/** Bytes of text that every message carries. */
export const echoPayloadBytes = 128;

/** What every generator but ours sends, again and again; ours stamps each message and checks each answer. */
export const echoPayload = "x".repeat(echoPayloadBytes);
