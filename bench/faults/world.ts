/**
 * What a bot of the bench watches: two HTTP services of ours (a shop that asks its stock), a small disk of its own, a
 * queue that works, and a worker. Everything in it can be broken on purpose.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** What a service does to whoever asks. */
export interface Manner {
  readonly delay: number;
  /** Share of answers that are errors. */
  readonly failing: number;
  readonly silent: boolean;
}

export const WELL: Manner = { delay: 0, failing: 0, silent: false };

export interface Service {
  readonly port: number;
  behave(manner: Partial<Manner>): void;
  /** Nobody listens on its port any more. */
  close(): void;
}

export interface World {
  readonly folder: string;
  /** A file system of 64 MB; `null` where none may be mounted. */
  readonly disk: string | null;
  readonly shop: Service;
  readonly stock: Service;
  /** While this file is there, tasks hang and the worker ends again and again. */
  readonly fault: { set(kind: 'hang' | 'crash'): void };
  close(): void;
}

export async function openWorld(folder: string): Promise<World> {
  mkdirSync(folder, { recursive: true });
  const stock = await openService(() => Promise.resolve(true));
  const shop = await openService(() => answers(stock.port));
  const disk = mountDisk(join(folder, 'spool'));
  writePrograms(folder);
  return {
    folder,
    disk,
    shop,
    stock,
    fault: { set: (kind) => writeFileSync(join(folder, `${kind}.fault`), '') },
    close() {
      for (const service of [shop, stock]) service.close();
      if (disk !== null) execFileSync('/usr/bin/umount', ['-l', disk]);
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}

async function openService(needs: () => Promise<boolean>): Promise<Service> {
  let manner = WELL;
  const answer = async (response: ServerResponse): Promise<void> => {
    if (manner.silent) return;
    const isWell = await needs();
    // A service at rest takes a few milliseconds, never twice the same.
    await sleep(manner.delay + 2 + Math.random() * 6);
    const fails = !isWell || Math.random() < manner.failing;
    response.writeHead(fails ? 500 : 200, { 'content-type': 'text/plain' });
    response.end(fails ? 'error' : 'ok');
  };
  const server: Server = createServer((_, response) => void answer(response));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    behave(change) {
      manner = { ...manner, ...change };
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answers(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(10_000) })).ok;
  } catch {
    // Dead, hung or refused: all the same to whoever needs it.
    return false;
  }
}

function mountDisk(path: string): string | null {
  mkdirSync(path, { recursive: true });
  if (process.getuid?.() !== 0) return null;
  try {
    execFileSync('/usr/bin/mount', ['-t', 'tmpfs', '-o', 'size=64m', 'nightshift-bench', path], {
      stdio: 'ignore',
    });
    return path;
  } catch {
    // A container without the right to mount: the fault is left out and the table says so.
    return null;
  }
}

function writePrograms(folder: string): void {
  writeFileSync(
    join(folder, 'invoice.mjs'),
    `import { existsSync } from 'node:fs';
if (existsSync(${JSON.stringify(join(folder, 'hang.fault'))})) setInterval(() => {}, 1e6);
`,
  );
  writeFileSync(
    join(folder, 'importer.mjs'),
    `import { existsSync } from 'node:fs';
setInterval(() => {
  if (!existsSync(${JSON.stringify(join(folder, 'crash.fault'))})) return;
  console.error('Error: cannot open /srv/import/current: permission denied');
  process.exit(3);
}, 1_000);
`,
  );
  writeFileSync(
    join(folder, 'filler.mjs'),
    `import { appendFileSync } from 'node:fs';
const [path, bytes = '1000000'] = process.argv.slice(2);
const piece = Buffer.alloc(Number(bytes), 1);
let left = 61_000_000;
setInterval(() => {
  if (left > 0) appendFileSync(path, piece);
  left -= piece.length;
}, 250);
`,
  );
}

function sleep(span: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, span));
}
