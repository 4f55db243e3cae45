import { readFileSync } from "node:fs";
import { errorMessage, UserError } from "../lib/errors.ts";
import { keepSecret } from "../lib/secrets.ts";

/** Environment variable with the URL of the broker. */
export const brokerVariable = "TRANSPORT_BENCH_BROKER";

/** Where the broker is, and how to introduce oneself there. */
export interface BrokerAddress {
  host: string;
  port: number;
  /** Number of the database. Default: 0. */
  db: number;
  username?: string;
  password?: string;
  /** Set for `rediss:`. `ca`: certificates to trust, as PEM; default: those of Node. */
  tls?: { ca?: string; servername: string };
}

/**
 * The broker that the environment or a file names. The variable is taken out of the environment, so that no child has
 * it, and the URL and its password are secrets from here on. Throws a UserError where there is none.
 */
export function findBroker(file: string | undefined, environment: NodeJS.ProcessEnv = process.env): BrokerAddress {
  const given = environment[brokerVariable];
  delete environment[brokerVariable];
  const text = file === undefined ? given : readUrl(file);
  if (text === undefined || text.trim() === "")
    throw new UserError(
      `Agents meet at a Redis or Valkey: set ${brokerVariable}=redis://HOST:PORT, or write that into a file and give --broker-file FILE.`,
    );
  return parseBroker(text.trim());
}

function readUrl(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UserError(`Cannot read --broker-file ${file}: ${errorMessage(error)}.`, { cause: error });
  }
}

/** The broker of a URL: `redis://user:password@host:port/db`, or `rediss:` with `?ca=FILE`. Throws a UserError. */
export function parseBroker(text: string): BrokerAddress {
  keepSecret(text);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const [, digits = "0"] = /^rediss?:\/\/[^/?]*\/(\d+)/.exec(text) ?? [];
  const db = Number(digits);
  if (!url || !/^rediss?:$/.test(url.protocol) || url.hostname === "")
    throw new UserError(
      `The broker's URL is not redis://HOST:PORT or rediss://USER:PASSWORD@HOST:PORT/DB: correct ${brokerVariable} or the file.`,
    );
  const [username, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  if (password !== "") keepSecret(password);
  const ca = url.searchParams.get("ca");
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return {
    host,
    port: Number(url.port || 6379),
    db,
    ...(username !== "" && { username }),
    ...(password !== "" && { password }),
    ...(url.protocol === "rediss:" && { tls: { servername: host, ...(ca !== null && { ca: readUrl(ca) }) } }),
  };
}

/** Host and port of a broker: all that results and messages say of it. */
export function brokerName({ host, port }: Pick<BrokerAddress, "host" | "port">): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

const unreachable =
  /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ECONNRESET|Connection is closed|timed? ?out|has not answered/i;

/** One sentence, with its remedy, for an error of the broker. */
export function brokerSentence(name: string, error: unknown): string {
  const words = errorMessage(error);
  if (/WRONGPASS|NOAUTH|invalid password|without any password/i.test(words))
    return `The broker at ${name} refuses the user or the password: correct the URL in ${brokerVariable} or --broker-file.`;
  if (/NOPERM/.test(words))
    return `The broker at ${name} does not permit what agents need (${words.replace(/^.*NOPERM\s*/, "").trim()}): give the user the rights on tb:* that scripts/README.md lists.`;
  if (/\bOOM\b|maxmemory/.test(words))
    return `The broker at ${name} is full (maxmemory): give it more memory, or delete old keys.`;
  if (/MISCONF|READONLY/.test(words)) return `The broker at ${name} cannot write: ${words.split("\n")[0]}`;
  if (unreachable.test(words))
    return `No broker answers at ${name}: start a redis-server or valkey-server there, or correct ${brokerVariable}.`;
  return `The broker at ${name} answers: ${words.split("\n")[0]}`;
}
