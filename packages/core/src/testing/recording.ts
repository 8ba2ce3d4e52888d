import { HTTPClient, type SDKOptions } from "@img/core";
import { SfcCore } from "@img/core/core.js";

/** A client that always gets the same answer, and what it sent: method, path, query and body. */
export function recording(
  answer: object,
  options: SDKOptions = {},
  status = 200,
): { core: SfcCore; sent: string[] } {
  const sent: string[] = [];
  const fetcher = async (input: string | URL | Request) => {
    const request = input as Request;
    const { pathname, search } = new URL(request.url);
    const body = await request.text();
    sent.push(`${request.method} ${pathname}${search}${body && ` ${body}`}`);
    return Response.json(answer, { status });
  };
  const httpClient = new HTTPClient({ fetcher });
  const core = new SfcCore({ serverURL: "https://api.example.com", httpClient, ...options });
  return { core, sent };
}
