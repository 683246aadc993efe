import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Demo, prepareDemo } from '../../../src/app/demo.ts';
import { demo as demoCommand } from '../../../src/app/demo-command.ts';
import { createDemoDesk, DEMO_FAULTS, injectFault } from '../../../src/app/demo-faults.ts';
import { readEnvironment } from '../../../src/app/environment.ts';
import { BotConfig } from '../../../src/bot/config.ts';
import type { HttpResult } from '../../../src/domain/ports.ts';
import { ms } from '../../../src/domain/units.ts';
import { HealingConfig } from '../../../src/healing/config.ts';
import { checkHealing, checkTargets } from '../../../src/healing/config-checks.ts';
import { TargetsConfig } from '../../../src/healing/targets-config.ts';
import { WorkersConfig } from '../../../src/healing/workers-config.ts';
import { MonitorConfig } from '../../../src/monitor/config.ts';
import { actor } from '../../support/builders.ts';
import { createMemoryHttp } from '../../support/memory-ports.ts';

let folder: string;
let demo: Demo;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nightshift-demo-'));
  demo = await prepareDemo(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const config = async (name: string): Promise<unknown> =>
  JSON.parse(await readFile(join(demo.configFolder, name), 'utf8'));

const answering = (answer: HttpResult) => createMemoryHttp(() => answer);
const OK: HttpResult = { kind: 'answered', status: 200, body: '{}', took: ms(2) };
const SILENT: HttpResult = { kind: 'timed_out', took: ms(2_000) };

describe('prepareDemo', () => {
  it('writes a configuration that every room accepts, in production mode on the sandbox alone', async () => {
    const workers = WorkersConfig.parse(await config('workers.json'));
    const targets = TargetsConfig.parse(await config('targets.json'));
    const healing = HealingConfig.parse(await config('healing_strategies.json'));
    const names = [...workers.workers, ...targets.targets].map(({ name }) => name);

    expect(BotConfig.parse(await config('bot.json')).mode).toBe('production');
    expect(MonitorConfig.parse(await config('anomaly_detection_config.json')).probes[0]?.target).toBe(
      'demo-shop',
    );
    expect(checkTargets(targets, workers.workers)).toEqual([]);
    expect(checkHealing(healing, names)).toEqual([]);
    expect(workers.workers.map(({ name, critical }) => [name, critical])).toEqual([
      ['demo-shop', true],
      ['rpa-worker', false],
    ]);
    expect(healing.criticalAllowList).toEqual(['demo-shop']);
  });

  it('keeps its ports over a restart, and takes new ones when a stranger has them', async () => {
    const again = await prepareDemo(folder);
    const stranger = await listenAt(again.patients[0]?.port ?? 0);
    const moved = await prepareDemo(folder);
    stranger.close();

    expect(again.patients).toEqual(demo.patients);
    expect(moved.patients[0]?.port).not.toBe(again.patients[0]?.port);
    expect(moved.patients[1]).toEqual(again.patients[1]);
  });
});

describe('injectFault', () => {
  it.each(DEMO_FAULTS)(
    'breaks $patient by $name and says what will happen',
    async ({ name, kind, patient, summary }) => {
      const http = answering(OK);

      expect(await injectFault(folder, name, http)).toEqual({ kind: 'done', text: summary });

      const url = demo.patients.find((one) => one.name === patient)?.url;
      expect(http.calls).toMatchObject([
        { url: `${url}/fault`, method: 'POST', body: JSON.stringify({ kind }) },
      ]);
    },
  );

  it('says so when the patient does not answer, when the fault is unknown, and when there is no demo', async () => {
    const nowhere = join(folder, 'elsewhere');

    expect(await injectFault(folder, 'slow', answering(SILENT))).toMatchObject({ kind: 'failed' });
    expect(await injectFault(folder, 'flood', answering(OK))).toMatchObject({ kind: 'not_found' });
    expect(await injectFault(nowhere, 'slow', answering(OK))).toMatchObject({ kind: 'not_found' });
  });

  it('mends: all faults end, and a dead patient takes its crash loop up no more', async () => {
    const http = answering(SILENT);

    const mended = await injectFault(folder, 'mend', http);

    expect(mended).toMatchObject({
      kind: 'done',
      text: expect.stringContaining('nightshift worker start demo-shop'),
    });
    expect(http.calls.map(({ method }) => method)).toEqual(['DELETE', 'DELETE']);
    expect(await readFile(demo.patients[1]?.faultFile ?? '', 'utf8')).toBe('[]');
  });
});

describe('createDemoDesk', () => {
  it('shows every fault and which is active, without asking a patient that may hang', async () => {
    const http = answering(SILENT);
    const desk = createDemoDesk(folder, demo.patients, http);
    await injectFault(folder, 'mend', answering(OK));

    expect(desk.faults().map(({ name }) => name)).toEqual([...DEMO_FAULTS.map(({ name }) => name), 'mend']);
    expect(desk.faults().some(({ active }) => active)).toBe(false);
    expect(http.calls).toEqual([]);
    expect(await desk.inject('slow', actor())).toMatchObject({ kind: 'failed' });
  });
});

function listenAt(port: number): Promise<Server> {
  return new Promise((done) => {
    const server = createServer((socket) => socket.destroy());
    server.listen(port, '127.0.0.1', () => done(server));
  });
}

describe('demo', () => {
  it('breaks the demo that the other commands were told of, whichever folder it is told', async () => {
    const parent = join(folder, 'bot');
    await prepareDemo(join(parent, 'demo'));
    const breakIt = (dataFolder: string): Promise<number> =>
      demoCommand(['break', 'crash_loop'], 0, { ...readEnvironment({}), dataFolder });

    // Nobody runs, so the patient does not answer (1); without a demo it would be 4.
    expect(await breakIt(parent)).toBe(1);
    expect(await breakIt(demo.dataFolder)).toBe(1);
    expect(await breakIt(join(folder, 'elsewhere'))).toBe(4);
  });
});
