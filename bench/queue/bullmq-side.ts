/** BullMQ on a redis-server of its own with `appendfsync always`, and jobs that do nothing. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { rate } from './embedded-side.ts';

const AT_ONCE = 64;
const WORKERS = 50;

export interface Figures {
  readonly addsOne: number;
  readonly addsMany: number;
  /** Tasks a second from waiting to done. */
  readonly runs: number;
}

/** `null` where there is no redis-server. */
export async function bullFigures(tasks: number): Promise<Figures | null> {
  if (spawnSync('redis-server', ['--version']).status !== 0) return null;
  const folder = mkdtempSync(join(tmpdir(), 'nightshift-bench-redis-'));
  const path = join(folder, 'redis.sock');
  const server = serve(folder, path);
  const connect = (): Redis => {
    const client = new Redis({ path, maxRetriesPerRequest: null, retryStrategy: () => 50 });
    client.on('error', () => {}); // it is not up yet
    return client;
  };
  const clients = [connect(), connect()] as const;
  try {
    await clients[0].ping();
    return await measure(tasks, clients);
  } finally {
    for (const client of clients) client.disconnect();
    server.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(tasks: number, [first, second]: readonly [Redis, Redis]): Promise<Figures> {
  const queue = new Queue('bench', { connection: first });
  const add = (index: number): Promise<unknown> => queue.add('nothing', { id: `n${index}` });
  const addsOne = await rate(Math.ceil(tasks / 10), 1, add);
  const addsMany = await rate(tasks - Math.ceil(tasks / 10), AT_ONCE, add);
  let ended = 0;
  const begun = performance.now();
  const worker = new Worker('bench', async () => 1, { connection: second, concurrency: WORKERS });
  await new Promise<void>((resolve) => {
    worker.on('completed', () => {
      ended += 1;
      if (ended === tasks) resolve();
    });
  });
  const runs = (tasks * 1_000) / (performance.now() - begun);
  await worker.close(true);
  await queue.close();
  return { addsOne, addsMany, runs };
}

function serve(folder: string, path: string): ChildProcess {
  const options = ['--port', '0', '--unixsocket', path, '--dir', folder, '--save', ''];
  const durable = ['--appendonly', 'yes', '--appendfsync', 'always'];
  return spawn('redis-server', [...options, ...durable], { stdio: 'ignore' });
}
