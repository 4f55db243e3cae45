import type { Options } from "../../../scenarios/contract.ts";
import type { ApiRequest } from "../../../scenarios/lib/dialect.ts";
import { fillTemplate, isJsonTemplate, type PlaceholderValues } from "../../../scenarios/lib/template.ts";
import { extraHeaders } from "../http1/request-head.ts";
import type { RequestChannel } from "../library-http/request-channel.ts";
import type { HttpResponse } from "../library-http/undici.ts";

/** Sends a request of an API. Resolves to its response, whose status is 2xx; rejects for any other, with its text. */
export async function callApi(
  channel: RequestChannel,
  { method, path, body }: ApiRequest,
  values: PlaceholderValues,
  options: Options,
  content = body === undefined ? undefined : Buffer.from(fillTemplate(body, values)),
): Promise<HttpResponse> {
  const type = body === undefined || !isJsonTemplate(body) ? "text/plain" : "application/json";
  const response = await channel.call(
    {
      method: method as "GET",
      path: fillTemplate(path, values, false),
      headers: { ...extraHeaders(options.extraHeaderBytes), ...(content && { "content-type": type }) },
      ...(content && { body: content }),
    },
    options.handshakeMs,
  );
  if (response.status >= 200 && response.status < 300) return response;
  throw new Error(`${method} ${path} was answered ${response.status}: ${response.body.toString().slice(0, 200)}`);
}

/** The JSON of a response; undefined for a response without a body. Throws an error that shows a body that is no JSON. */
export function jsonOf({ body }: HttpResponse): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch (cause) {
    throw new Error(`the server answered ${JSON.stringify(body.toString().slice(0, 100))} instead of JSON`, { cause });
  }
}
