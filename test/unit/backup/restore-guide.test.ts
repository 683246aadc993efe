import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { OpsEvent } from '../../../src/domain/events.ts';
import type { ErrandRequest } from '../../../src/domain/ports.ts';
import { after, approvalId, hours, incidentId, minutes } from '../../../src/domain/units.ts';
import { createEventBus } from '../../../src/platform/event-bus.ts';
import { type BackupSite, backupSite, furnish } from '../../support/backup-site.ts';
import { actor, START } from '../../support/builders.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryLogger } from '../../support/memory-ports.ts';
import { temporaryFolder } from '../../support/temp-folder.ts';

const TWO = { backup: 'latest', sections: ['config', 'data'], path: null } as const;
const BOT = '{\n  "mode": "dry-run"\n}\n';

interface Scene {
  readonly site: BackupSite;
  readonly events: string[];
  readonly asked: ErrandRequest[];
  changed(): { readonly config: boolean; readonly data: boolean };
}

/** A backup of two sections, and both changed since. */
async function scene(raw: Record<string, unknown> = {}): Promise<Scene> {
  const bus = createEventBus(createMemoryLogger());
  const events: string[] = [];
  bus.onAny((event: OpsEvent) => void events.push(event.type));
  const asked: ErrandRequest[] = [];
  const gate = {
    async ask(request: ErrandRequest) {
      asked.push(request);
      const ids = { approvalId: approvalId('a'.repeat(32)), incidentId: incidentId('inc-1') };
      return { kind: 'asked' as const, ...ids, expiresAt: START };
    },
  };
  const site = backupSite(temporaryFolder(), raw, { bus, gate });
  furnish(site);
  await site.backup.create(null, []);
  const config = join(site.folder, 'configs/bot.json');
  const data = join(site.app, 'a.txt');
  writeFileSync(config, '{"mode":"broken"}');
  writeFileSync(data, 'changed');
  return {
    site,
    events,
    asked,
    changed: () => ({
      config: readFileSync(config, 'utf8') !== BOT,
      data: readFileSync(data, 'utf8') === 'changed',
    }),
  };
}

describe('a guided restore', () => {
  it('waits after each section, goes on with next, and holds up backups meanwhile', async () => {
    const one = await scene();
    const { backup } = one.site;

    const first = await backup.restore(TWO, actor(), {}, 'guided');

    expect(first).toMatchObject({ kind: 'done', value: { next: 'data' } });
    expect(one.changed()).toEqual({ config: false, data: true });
    expect(await backup.restoreState()).toMatchObject({ kind: 'waiting', done: ['config'], next: 'data' });
    expect(await backup.create(null, [])).toMatchObject({ kind: 'refused' });
    expect(backup.underWay()).toBe('a restore');

    const second = await backup.next(actor());

    expect(second).toMatchObject({ kind: 'done', value: { next: null } });
    expect(one.changed()).toEqual({ config: false, data: false });
    expect(backup.underWay()).toBeNull();
    expect(await backup.next(actor())).toMatchObject({ kind: 'not_found' });
    expect(one.events.filter((type) => type.startsWith('restore.'))).toEqual([
      'restore.started',
      'restore.waiting',
      'restore.started',
      'restore.finished',
    ]);
  });

  it('puts everything back on abort, after a crash while it waits, and when nobody goes on', async () => {
    for (const way of ['abort', 'crash', 'silence'] as const) {
      const one = await scene();
      await one.site.backup.restore(TWO, actor(), {}, 'guided');
      expect(one.changed().config).toBe(false);

      if (way === 'abort') await one.site.backup.abort(actor(), 'wrong night');
      if (way === 'crash') await one.site.backup.recover();
      if (way === 'silence') {
        await one.site.backup.expireWaiting();
        expect(one.changed().config).toBe(false);
        const clock = { ...one.site.deps.clock, now: () => after(one.site.deps.clock.now(), minutes(61)) };
        await backupSite(one.site.folder, {}, { clock }).backup.expireWaiting();
      }

      expect(one.changed(), way).toEqual({ config: true, data: true });
      expect(await one.site.backup.restoreState()).toMatchObject({ kind: 'rolled_back' });
    }
  });

  it('takes the first section back too when the check after the second fails', async () => {
    const folder = temporaryFolder();
    const one = await scene({
      restore: { healthCheck: { argv: ['/usr/bin/test', '!', '-e', join(folder, 'bad')] } },
    });
    await one.site.backup.restore(TWO, actor(), {}, 'guided');
    writeFileSync(join(folder, 'bad'), '');

    const second = await one.site.backup.next(actor());

    expect(second).toMatchObject({ kind: 'failed' });
    expect(one.changed()).toEqual({ config: true, data: true });
  });

  it('can be aborted while it runs', async () => {
    const one = await scene();
    let aborting: Promise<unknown> = Promise.resolve();
    const onProgress = ({ what }: { readonly what: string }): void => {
      if (what.startsWith('unpacking')) aborting = one.site.backup.abort(actor(), 'stop');
    };

    const done = await one.site.backup.restore(TWO, actor(), { onProgress });
    await aborting;

    expect(done).toMatchObject({ kind: 'failed' });
    expect(one.changed()).toEqual({ config: true, data: true });
  });
});

describe('a restore that is asked for', () => {
  it('shows what it would change, and its yes is void when the configuration of backups changes', async () => {
    const one = await scene();

    const result = await one.site.backup.requestRestore(TWO, actor(), 'mode is broken');

    expect(result).toMatchObject({
      kind: 'done',
      value: { preview: { sections: [{ changed: 1 }, { changed: 1 }] } },
    });
    const [request] = one.asked;
    expect(request?.why).toContain('config: 1 changed; 24 B to write.');
    expect(one.changed()).toEqual({ config: true, data: true });
    const errand = request?.errand;
    if (errand === undefined) throw new Error('nothing was asked');
    expect(one.site.backup.errands.hashOf(errand)).toEqual({ kind: 'hash', hash: request?.hash });
    const other = backupSite(one.site.folder, {}, {}).backup.errands.hashOf(errand);
    expect(other.kind).toBe('gone');
  });

  it('counts a yes that was asked for before a restart of the bot', async () => {
    const one = await scene();
    await one.site.backup.requestRestore(TWO, actor(), '');
    const [request] = one.asked;
    if (request === undefined) throw new Error('nothing was asked');

    const { backup } = backupSite(one.site.folder);
    await backup.recover();

    expect(backup.errands.hashOf(request.errand)).toEqual({ kind: 'hash', hash: request.hash });
    const [{ id = '' } = {}] = await backup.list();
    writeFileSync(join(one.site.backups, id, 'manifest.json'), '{}');
    const later = backupSite(one.site.folder).backup;
    await later.recover();
    expect(later.errands.hashOf(request.errand).kind).toBe('gone');
  });

  it('that was approved ends with its last section, or with the way back, and tells each step', async () => {
    const one = await scene();
    const { backup } = one.site;
    await backup.requestRestore(TWO, actor(), '');
    const errand = one.asked[0]?.errand;
    if (errand === undefined) throw new Error('nothing was asked');
    const lines: string[] = [];
    let ends = 0;
    const run = async (): Promise<unknown> => {
      const first = new Promise<void>((resolve) => {
        const tell = (line: string): void => {
          lines.push(line);
          if (line.includes('restore next')) resolve();
        };
        ended = backup.errands.run(errand, actor(), tell).finally(() => (ends += 1));
      });
      await first;
      return backup.restoreState();
    };
    let ended: Promise<unknown> = Promise.resolve();

    expect(await run()).toMatchObject({ kind: 'waiting', next: 'data' });
    expect(ends).toBe(0);
    await backup.abort(actor(), 'wrong one');
    expect(await ended).toMatchObject({ kind: 'failed', reason: expect.stringContaining('wrong one') });

    expect(await run()).toMatchObject({ kind: 'waiting' });
    await backup.next(actor());
    expect(await ended).toMatchObject({ kind: 'done', text: expect.stringContaining('Restored data') });
    expect(ends).toBe(2);
    expect(one.changed()).toEqual({ config: false, data: false });
  });

  it('stops what writes there before each exchange and before the way back', async () => {
    const seen: string[] = [];
    const folder = temporaryFolder();
    const look = (): string => readFileSync(join(folder, 'app/a.txt'), 'utf8').split('\n')[0] ?? '';
    const note = (what: string) => async (): Promise<null> => {
      seen.push(`${what} at ${look()}`);
      return null;
    };
    const writers = { stop: note('stop'), start: note('start') };
    const site = backupSite(folder, {}, { writers });
    furnish(site);
    await site.backup.create(null, []);
    writeFileSync(join(site.app, 'a.txt'), 'changed');

    await site.backup.restore(
      { backup: 'latest', sections: ['data', 'state'], path: null },
      actor(),
      {},
      'guided',
    );
    await site.backup.abort(actor(), '');

    expect(seen).toEqual(['stop at changed', 'start at first', 'stop at first', 'start at changed']);
  });

  it('leaves the state of a running bot to the moment between two runs of it', async () => {
    let restarts = 0;
    const site = backupSite(temporaryFolder(), {}, { restart: () => (restarts += 1) });
    furnish(site);
    await site.backup.create(null, []);
    const state = join(site.folder, 'data/state/incidents.json');
    const before = readFileSync(state, 'utf8');
    writeFileSync(state, 'damaged');
    writeFileSync(join(site.app, 'a.txt'), 'changed');

    const handed = await site.backup.restore({ ...TWO, sections: [] }, actor());

    expect(handed).toMatchObject({ kind: 'done', value: { next: 'state' } });
    expect(restarts).toBe(1);
    expect(readFileSync(state, 'utf8')).toBe('damaged');
    expect(readFileSync(join(site.app, 'a.txt'), 'utf8')).toBe('first\nsecond\n');

    const between = backupSite(site.folder).backup;
    expect(await between.finishHandedOver()).toMatchObject({ good: true });
    expect(readFileSync(state, 'utf8')).toBe(before);
    expect(await between.restoreState()).toMatchObject({ kind: 'done' });
    expect(await between.finishHandedOver()).toBeNull();
  });

  it('takes all of it back when the moment between two runs was cut short', async () => {
    const site = backupSite(temporaryFolder(), {}, { restart: () => {} });
    furnish(site);
    await site.backup.create(null, []);
    writeFileSync(join(site.app, 'a.txt'), 'changed');
    await site.backup.restore({ ...TWO, sections: [] }, actor());
    const journal = join(site.folder, 'data/state/backup/restore.json');
    const cut = JSON.parse(readFileSync(journal, 'utf8')) as object;
    writeFileSync(journal, JSON.stringify({ ...cut, handedOver: false }));

    const next = backupSite(site.folder).backup;

    expect(await next.finishHandedOver()).toBeNull();
    await next.recover();
    expect(readFileSync(join(site.app, 'a.txt'), 'utf8')).toBe('changed');
  });
});

describe('troubles', () => {
  it('become an incident once, and clear themselves', async () => {
    const bus = createEventBus(createMemoryLogger());
    const told: string[] = [];
    bus.on('anomaly.detected', ({ anomaly }) => void told.push(`+${anomaly.kind}`));
    bus.on('anomaly.cleared', ({ fingerprint }) => void told.push(`-${fingerprint.split('/').at(-1)}`));
    const clock = createFakeClock();
    const real = backupSite(temporaryFolder());
    const site = backupSite(real.folder, {}, { bus, clock: { ...real.deps.clock, now: clock.now } });
    furnish(site);
    await site.backup.create(null, []);
    told.length = 0;

    await clock.advance(hours(25));
    await site.backup.look();
    await clock.advance(hours(2));
    await site.backup.look();
    await site.backup.look();
    await site.backup.create(null, []);

    expect(told).toEqual(['+backup_stale', '-backup_stale']);
  });
});
