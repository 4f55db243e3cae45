import { UserError } from "./errors.ts";

/** Texts that were given in confidence to this process. */
const secrets = new Set<string>();
/** The same, the longest first, since one may be a part of another. Undefined after a new one. */
let longestFirst: readonly string[] | undefined;

/** Shorter texts are no secrets, and to hide them would make a message unreadable. */
const shortestSecret = 4;

/** Keeps a text out of everything that this process prints or writes. A template is none: its values are. */
export function keepSecret(text: string): void {
  if (text.length < shortestSecret || /\{\{.*\}\}/s.test(text)) return;
  longestFirst = undefined;
  for (const form of [
    text,
    encodeURIComponent(text),
    Buffer.from(text).toString("base64"),
    JSON.stringify(text).slice(1, -1),
  ])
    secrets.add(form);
}

/** A text with three asterisks in place of each secret. */
export function withoutSecrets(text: string): string {
  longestFirst ??= [...secrets].toSorted((one, other) => other.length - one.length);
  let shown = text;
  for (const secret of longestFirst) if (shown.includes(secret)) shown = shown.replaceAll(secret, "***");
  return shown;
}

/**
 * A text with the values of environment variables in place of `$NAME` and `${NAME}`; `$$` is a dollar sign. The values
 * are secrets. Throws a UserError where a variable is not set. `what` names the text.
 */
export function expandVariables(what: string, text: string, environment: NodeJS.ProcessEnv = process.env): string {
  return text.replaceAll(/\$(?:\$|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})/g, (_, plain?: string, braced?: string) => {
    const name = plain ?? braced;
    if (name === undefined) return "$";
    const value = environment[name];
    if (value === undefined || value === "")
      throw new UserError(
        `${what} names the environment variable ${name}, which is not set: export ${name}=... first.`,
      );
    keepSecret(value);
    return value;
  });
}
