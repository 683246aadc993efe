/** A real redis-server of its own, that can be killed, frozen and started again on its data. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { Redis } from 'ioredis';

export interface RedisProcess {
  readonly url: string;
  /** `SIGKILL` ends it, `SIGSTOP` freezes it, `SIGCONT` lets it go on. */
  signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): Promise<void>;
  restart(): Promise<void>;
  end(): Promise<void>;
}

/** Whether the program is there; a test that needs it says that it is skipped. */
export const hasRedis: boolean = spawnSync('redis-server', ['--version']).status === 0;

export async function startRedis(folder: string): Promise<RedisProcess> {
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let child = await launch(folder, port, url);
  const exited = (): Promise<void> =>
    child.exitCode !== null || child.signalCode !== null
      ? Promise.resolve()
      : new Promise((resolve) => void child.once('exit', () => resolve()));
  return {
    url,
    async signal(signal) {
      child.kill(signal);
      if (signal === 'SIGKILL') await exited();
    },
    async restart() {
      child = await launch(folder, port, url);
    },
    async end() {
      child.kill('SIGKILL');
      await exited();
    },
  };
}

async function launch(folder: string, port: number, url: string): Promise<ChildProcess> {
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const durable = ['--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction'];
  const child = spawn('redis-server', [...options, ...durable], { stdio: 'ignore' });
  const probe = new Redis(url, { retryStrategy: () => 20, maxRetriesPerRequest: null });
  probe.on('error', () => {}); // it is not up yet
  await probe.ping();
  probe.disconnect();
  return child;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
