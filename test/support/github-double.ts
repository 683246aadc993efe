/** As strict as GitHub about a workflow dispatch: method, path, headers and body, each with its own answer. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface GithubDouble {
  readonly url: string;
  /** Dispatches that were taken, as `workflow@ref`. */
  readonly taken: string[];
  close(): Promise<void>;
}

interface Known {
  readonly token: string;
  readonly repository: string;
  readonly workflow: string;
  readonly ref: string;
}

export async function startGithub(known: Known): Promise<GithubDouble> {
  const taken: string[] = [];
  const server = createServer((request, response) => {
    answer(request, response, known, taken).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    taken,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  known: Known,
  taken: string[],
): Promise<void> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const { status, message } = judge(request, body, known);
  if (status === 204) taken.push(`${known.workflow}@${known.ref}`);
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(status === 204 ? undefined : JSON.stringify({ message }));
}

function judge(request: IncomingMessage, body: string, known: Known): { status: number; message: string } {
  const { method, url = '', headers } = request;
  if (headers['user-agent'] === undefined) return { status: 403, message: 'a user agent is required' };
  if (headers.authorization !== `Bearer ${known.token}`) return { status: 401, message: 'Bad credentials' };
  if (headers.accept !== 'application/vnd.github+json') return { status: 415, message: 'wrong media type' };
  if (headers['x-github-api-version'] !== '2022-11-28') return { status: 400, message: 'no such version' };
  const path = `/repos/${known.repository}/actions/workflows/${known.workflow}/dispatches`;
  if (method !== 'POST' || url !== path) return { status: 404, message: 'Not Found' };
  const sent: unknown = parse(body);
  if (typeof sent !== 'object' || sent === null || Object.keys(sent).join() !== 'ref')
    return { status: 422, message: 'Invalid request' };
  if (!('ref' in sent) || sent.ref !== known.ref) return { status: 422, message: 'No ref found' };
  return { status: 204, message: '' };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null; // judged as an invalid request
  }
}
