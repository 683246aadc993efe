/** What is answered before there is a request: the same JSON shape as everywhere, written to the bare socket. */
import type { Socket } from 'node:net';
import { codeOf } from './durable-file.ts';
import { problem } from './http-problem.ts';

/** Before there is a request: bytes that are not HTTP, headers too long, or a client that sends too slowly. */
export function answerBadClient(error: Error, socket: Socket): void {
  const code = codeOf(error);
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { status, body } =
    code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? problem('TIMEOUT', 'The request took too long to arrive.')
      : problem('BAD_REQUEST', 'The request is not valid HTTP.');
  const text = JSON.stringify(body);
  const head = `HTTP/1.1 ${status} ${status === 408 ? 'Request Timeout' : 'Bad Request'}`;
  const headers = `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close`;
  socket.end(`${head}\r\n${headers}\r\n\r\n${text}`, () => socket.destroy());
}
