import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Demo, prepareDemo } from '../../src/app/demo.ts';
import { injectFault } from '../../src/app/demo-faults.ts';
import type { HttpClient } from '../../src/domain/ports.ts';
import { ms } from '../../src/domain/units.ts';
import type { Supervisor } from '../../src/healing/supervisor.ts';
import { createBench, eventually, inState, type SupervisorBench } from '../support/supervisor-bench.ts';

const SHOP = 0;
const RPA = 1;

/** Plain fetch: what the supervisor and the demo need of the port. */
const http: HttpClient = {
  async request({ url, method = 'GET', body, headers = {}, timeLimit }) {
    try {
      const answer = await fetch(url, {
        method,
        headers,
        signal: AbortSignal.timeout(timeLimit),
        ...(body === undefined ? {} : { body }),
      });
      return { kind: 'answered', status: answer.status, body: await answer.text(), took: ms(1) };
    } catch (cause) {
      const timedOut = cause instanceof Error && cause.name === 'TimeoutError';
      return timedOut
        ? { kind: 'timed_out', took: timeLimit }
        : { kind: 'failed', reason: String(cause), took: ms(1) };
    }
  },
};

let bench: SupervisorBench;
let supervisor: Supervisor;
afterEach(async () => {
  await supervisor.stop();
  await bench.dispose();
});

/** The sandbox under a real supervisor, both patients well. */
async function startDemo(): Promise<Demo & { readonly folder: string }> {
  bench = await createBench([], { http });
  const folder = join(bench.folder, 'demo');
  const demo = await prepareDemo(folder);
  const file = JSON.parse(await readFile(join(demo.configFolder, 'workers.json'), 'utf8'));
  for (const worker of file.workers) worker.restart = { backoffSeconds: 0.1 };
  bench.setWorkers(file);
  supervisor = bench.build();
  await supervisor.start();
  await Promise.all([inState(supervisor, 'running', SHOP), inState(supervisor, 'running', RPA)]);
  return { ...demo, folder };
}

describe('the sandbox', () => {
  it('shows a hung shop and a hung worker as unhealthy, and a restart mends both', async () => {
    const { folder } = await startDemo();

    await injectFault(folder, 'hang', http);
    await injectFault(folder, 'worker_hang', http);
    const [shop] = await Promise.all([
      inState(supervisor, 'unhealthy', SHOP),
      inState(supervisor, 'unhealthy', RPA),
    ]);
    const restarts = await Promise.all([
      supervisor.workers.restart('demo-shop', 'nightshift'),
      supervisor.workers.restart('rpa-worker', 'nightshift'),
    ]);
    await Promise.all([inState(supervisor, 'running', SHOP), inState(supervisor, 'running', RPA)]);

    expect(shop.reason).toBe('no answer within 1,000 ms');
    expect(restarts.map(({ kind }) => kind)).toEqual(['done', 'done']);
  });

  it('has a crashed worker back at once, hands over one that loops, and lets it run again when it is mended', async () => {
    const { folder } = await startDemo();

    await injectFault(folder, 'crash', http);
    await eventually('the crash is counted', () =>
      supervisor.workers.list()[RPA]?.exitsInTenMinutes === 1 ? true : undefined,
    );
    await inState(supervisor, 'running', RPA);
    await injectFault(folder, 'crash_loop', http);
    await eventually(
      'it is handed over',
      () => bench.events.find((event) => event.type === 'worker.gave_up'),
      30_000,
    );
    await injectFault(folder, 'mend', http);
    await supervisor.workers.start('rpa-worker', 'cli:local');
    const { pid } = await inState(supervisor, 'running', RPA);

    expect(await supervisor.workers.logs('rpa-worker', 50)).toContain('leaving with code 1');
    expect(bench.processes.look(pid).kind).toBe('alive');
  }, 60_000);
});
