/**
 * A Docker Engine API on a socket of its own, as far as an update of a container needs it, with the ways of the real
 * one: 0 in an update is "as it is", memory may not be above its swap limit, and NanoCpus excludes CpuQuota.
 */
import { createServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';

type Limits = Readonly<Record<string, number>>;

const NONE = { NanoCpus: 0, CpuQuota: 0, CpuPeriod: 0, Memory: 0, MemorySwap: 0 };
const LEAST_MEMORY = 6 * 1_048_576;
const SWAP_FIRST =
  'Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time';

export interface EngineDouble {
  readonly socketPath: string;
  readonly limits: Record<string, number>;
  readonly updates: unknown[];
  stop(): Promise<void>;
}

export async function startEngineDouble(
  folder: string,
  before: Readonly<Record<string, number>> = {},
): Promise<EngineDouble> {
  const limits: Record<string, number> = { ...NONE, ...before };
  const updates: unknown[] = [];
  const server = createServer(async (call, answer) => {
    const reply = (status: number, body: unknown): void => {
      answer.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (call.url === '/containers/web/json') return reply(200, inspection(limits));
    if (call.method !== 'POST' || call.url !== '/containers/web/update') return reply(404, {});
    const body = JSON.parse(await text(call)) as Record<string, number>;
    updates.push(body);
    const fault = faultOf(body, limits);
    if (fault !== null) return reply(409, { message: fault });
    for (const [name, value] of Object.entries(body)) if (value !== 0) limits[name] = value;
    reply(200, { Warnings: null });
  });
  const socketPath = join(folder, 'docker.sock');
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    socketPath,
    limits,
    updates,
    /** Asked again it is stopped already. */
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function inspection(limits: Readonly<Record<string, number>>): object {
  const State = { Status: 'running', Running: true, Pid: 1, StartedAt: '2026-11-22T01:00:00.000Z' };
  return { Id: 'f00', State, HostConfig: { RestartPolicy: { Name: '' }, ...limits } };
}

function faultOf(body: Limits, limits: Limits): string | null {
  const [asked, has] = [
    { ...NONE, ...body },
    { ...NONE, ...limits },
  ];
  if (asked.CpuQuota !== 0 && has.NanoCpus > 0) return conflict('CPU Quota', 'NanoCPUs');
  if (asked.NanoCpus > 0 && has.CpuQuota > 0) return conflict('Nano CPUs', 'CPU Quota');
  const swap = asked.MemorySwap === 0 ? has.MemorySwap : asked.MemorySwap;
  if (asked.Memory > 0 && asked.Memory < LEAST_MEMORY) return 'Minimum memory limit allowed is 6MB';
  return swap > 0 && asked.Memory > swap ? SWAP_FIRST : null;
}

function conflict(asked: string, has: string): string {
  return `Conflicting options: ${asked} cannot be updated as ${has} has already been set`;
}

async function text(call: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of call as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
