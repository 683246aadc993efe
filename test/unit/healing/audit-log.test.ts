import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { AuditEntry } from '../../../src/domain/ports.ts';
import { days, epochMs, seconds } from '../../../src/domain/units.ts';
import { createAuditLog, type OpenAuditLog } from '../../../src/healing/audit-log.ts';
import { readAudit, verifyAuditFolder } from '../../../src/healing/audit-read.ts';
import { createRedactor } from '../../../src/platform/redact.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import { killChild } from '../../support/kill-child.ts';
import { createMemoryLogger, type MemoryLogger } from '../../support/memory-ports.ts';
import { fillDisk, smallDisk, temporaryFolder } from '../../support/temp-folder.ts';

interface Rig {
  readonly audit: OpenAuditLog;
  readonly clock: FakeClock;
  readonly log: MemoryLogger;
}

async function rig(folder: string, clock = createFakeClock(), retentionDays = 90): Promise<Rig> {
  const log = createMemoryLogger();
  const redact = createRedactor(['correct-horse']);
  const audit = await createAuditLog({ folder, clock, log, redact, retentionDays });
  onTestFinished(() => audit.close().catch(() => {}));
  return { audit, clock, log };
}

const intent = (text: string): AuditEntry => ({
  kind: 'intent',
  actor: 'nightshift',
  text,
  incidentId: 'inc-7f3a',
  actionId: 'act-1',
  target: 'rpa-worker',
  strategy: 'worker_down',
});
const path = (folder: string): string => join(folder, 'healing_log.jsonl');
const linesOf = (folder: string): string[] => readFileSync(path(folder), 'utf8').split('\n').slice(0, -1);
const write = (folder: string, lines: readonly string[]): void =>
  writeFileSync(path(folder), lines.map((line) => `${line}\n`).join(''));

async function written(folder: string, count: number): Promise<readonly string[]> {
  const { audit } = await rig(folder);
  for (let n = 1; n <= count; n += 1) await audit.append(intent(`attempt ${n}`));
  await audit.close();
  return linesOf(folder);
}

describe('createAuditLog', () => {
  it('seals each line to the one before and goes on after a restart', async () => {
    const folder = temporaryFolder();
    await written(folder, 3);
    const { audit } = await rig(folder);

    const line = await audit.append(intent('after the restart'));

    expect(line.seq).toBe(4);
    expect(line.prev).toBe(JSON.parse(linesOf(folder)[2] ?? '').hash);
    expect(await audit.verify()).toEqual({ kind: 'intact', lines: 4, head: line.hash, files: 1 });
  });

  it('keeps secrets out of every field', async () => {
    const folder = temporaryFolder();
    const { audit } = await rig(folder);

    await audit.append({ ...intent('uses correct-horse'), data: { argv: ['--pass', 'correct-horse'] } });

    expect(readFileSync(path(folder), 'utf8')).not.toContain('correct-horse');
  });

  it('cuts a text and data that would fill the log', async () => {
    const { audit } = await rig(temporaryFolder());

    const line = await audit.append({
      ...intent('x'.repeat(50_000)),
      data: { a: Array(100).fill('y'.repeat(5_000)) },
    });

    expect(line.text.length).toBeLessThanOrEqual(4_000);
    expect(line.data).toEqual({ leftOut: expect.stringContaining('characters of data') });
    expect(await audit.verify()).toMatchObject({ kind: 'intact' });
  });

  it('records a torn tail as a repair, keeps its bytes and stays intact', async () => {
    const folder = temporaryFolder();
    const lines = await written(folder, 3);
    truncateSync(path(folder), Buffer.byteLength(`${lines.join('\n')}`) - 20);
    expect(await verifyAuditFolder(folder)).toMatchObject({ kind: 'broken', line: 3, linesBefore: 2 });

    const { audit } = await rig(folder);

    expect(await audit.verify()).toMatchObject({ kind: 'intact', lines: 3 });
    const [repair] = await audit.query({ kind: 'repair', limit: 1 });
    expect(repair?.text).toContain('The last line of healing_log.jsonl was torn');
    expect(readdirSync(folder).filter((name) => name.startsWith('healing_log.torn-'))).toHaveLength(1);
  });

  it('starts on an edited log, goes on after the last sound line and names the bad one', async () => {
    const folder = temporaryFolder();
    const lines = await written(folder, 3);
    write(folder, [...lines.slice(0, 2), lines[2]?.replace('attempt 3', 'attempt 9') ?? '']);

    const { audit } = await rig(folder);
    const line = await audit.append(intent('still here'));

    expect(line.seq).toBe(4);
    expect(await audit.verify()).toMatchObject({
      kind: 'broken',
      file: 'healing_log.jsonl',
      line: 3,
      reason: 'the line was edited',
      linesBefore: 2,
    });
    expect((await audit.query({ kind: 'repair', limit: 1 }))[0]?.text).toContain('goes on after line 2');
  });

  it('starts on a file that is no log at all', async () => {
    const folder = temporaryFolder();
    write(folder, ['not json', '\0\0\0']);

    const { audit } = await rig(folder);

    expect(audit.isWritable()).toBe(true);
    expect((await audit.append(intent('one'))).seq).toBe(2);
    expect(await audit.verify()).toMatchObject({ kind: 'broken', line: 1 });
  });

  it('rotates by day with the chain carried over, and verifies over all files', async () => {
    const folder = temporaryFolder();
    const { audit, clock } = await rig(folder);
    for (let day = 0; day < 4; day += 1) {
      await audit.append(intent(`day ${day}`));
      await clock.advance(days(1));
    }

    expect(readdirSync(folder)).toHaveLength(4);
    expect(await audit.verify()).toMatchObject({ kind: 'intact', lines: 4, files: 4 });
    rmSync(join(folder, 'healing_log.2026-11-23.jsonl'));
    expect(await verifyAuditFolder(folder)).toMatchObject({
      kind: 'broken',
      file: 'healing_log.2026-11-24.jsonl',
      line: 1,
      reason: 'line 2 of the log is missing before it',
    });
  });

  it('removes files after the retention, says so in a line, and stays intact', async () => {
    const folder = temporaryFolder();
    const { audit, clock } = await rig(folder, createFakeClock(), 7);
    for (let day = 0; day < 20; day += 1) {
      await audit.append(intent(`day ${day}`));
      await clock.advance(days(1));
    }

    // Old files are removed after the append has answered, and on a real disk.
    await vi.waitFor(() => expect(readdirSync(folder).length).toBeLessThanOrEqual(9), 5_000);
    expect(await audit.verify()).toMatchObject({ kind: 'intact' });
    const [mark] = await audit.query({ kind: 'repair', limit: 1 });
    expect(mark?.text).toMatch(/^Lines up to \d+ left the log after 7 days: healing_log\.2026-/);
  });

  it('notices when the oldest file is taken away by hand', async () => {
    const folder = temporaryFolder();
    const { audit, clock } = await rig(folder);
    await audit.append(intent('first'));
    await clock.advance(days(1));
    await audit.append(intent('second'));
    rmSync(join(folder, 'healing_log.2026-11-22.jsonl'));

    expect(await audit.verify()).toMatchObject({
      kind: 'broken',
      file: 'healing_log.jsonl',
      line: 1,
      reason: 'lines 1 to 1 of the log are missing, and no line says that they expired',
    });
  });

  it('notices lines that were cut from the end while it runs', async () => {
    const folder = temporaryFolder();
    const { audit, clock } = await rig(folder);
    for (let n = 1; n <= 3; n += 1) await audit.append(intent(`attempt ${n}`));
    write(folder, linesOf(folder).slice(0, 1));
    await clock.advance(seconds(2));
    await audit.append(intent('attempt 4'));

    expect(await audit.verify()).toMatchObject({
      kind: 'broken',
      line: 2,
      reason: expect.stringContaining('missing'),
    });
  });

  it('refuses lines on a full disk, holds the gate shut, and opens it by itself when there is room', async ({
    skip,
  }) => {
    const disk = smallDisk(200);
    if (disk === undefined) return skip();
    const { audit, clock, log } = await rig(disk.folder);
    await audit.append(intent('before'));
    fillDisk(join(disk.folder, 'ballast'));
    let refused = 0;
    for (let n = 0; n < 20 && refused < 3; n += 1) {
      await audit.append(intent('x'.repeat(3_000))).catch((cause: unknown) => {
        expect(cause).toMatchObject({ code: 'AUDIT_UNWRITABLE' });
        refused += 1;
      });
    }
    expect(audit.isWritable()).toBe(false);

    rmSync(join(disk.folder, 'ballast'));
    await clock.advance(seconds(6));

    await vi.waitFor(() => expect(audit.isWritable()).toBe(true));
    const repairs = await audit.query({ kind: 'repair', limit: 10 });
    const missed = repairs.map((line) => Number(line.data?.['missed']));
    expect(missed.reduce((sum, count) => sum + count, 0)).toBe(3);
    expect(await audit.verify()).toMatchObject({ kind: 'intact' });
    expect([log.lines.at(0)?.level, log.lines.at(-1)?.level]).toEqual(['error', 'info']);
  });

  it('starts on a read-only disk, refuses to write, and writes at the first append after', async ({
    skip,
  }) => {
    const disk = smallDisk(200);
    if (disk === undefined) return skip();
    disk.readonly(true);
    const { audit } = await rig(disk.folder);

    expect(audit.isWritable()).toBe(false);
    await expect(audit.append(intent('one'))).rejects.toMatchObject({ code: 'AUDIT_UNWRITABLE' });
    disk.readonly(false);
    await audit.append(intent('two'));

    expect(audit.isWritable()).toBe(true);
    expect((await audit.query({ limit: 10 })).map((line) => line.kind)).toEqual(['repair', 'intent']);
  });

  it('loses no acknowledged line and tears none over 30 kills', { timeout: 120_000 }, async () => {
    const folder = temporaryFolder();
    let acknowledged = 0;
    for (let kill = 0; kill < 30; kill += 1) {
      const { lines, complaints } = await killChild('audit-writer.ts', [folder], (kill * 7) % 60);
      expect(complaints).toBe('');
      acknowledged = Math.max(acknowledged, ...lines.map(Number));
    }
    const { audit } = await rig(folder);

    const verdict = await audit.verify();

    expect(verdict).toMatchObject({ kind: 'intact' });
    expect(verdict.kind === 'intact' && verdict.lines).toBeGreaterThanOrEqual(acknowledged);
    expect(acknowledged).toBeGreaterThan(90);
  });
});

describe('verifyAuditFolder', () => {
  it('calls a folder without a log intact and empty', async () => {
    const empty = { kind: 'intact', lines: 0, head: '0'.repeat(64), files: 0 };

    expect(await verifyAuditFolder(temporaryFolder())).toEqual(empty);
    expect(await verifyAuditFolder(join(temporaryFolder(), 'none'))).toEqual(empty);
  });

  it('finds any single changed byte and names its line', async () => {
    const folder = temporaryFolder();
    await written(folder, 6);
    const good = readFileSync(path(folder));
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
        const bad = Buffer.from(good);
        bad[at] = ((good[at] ?? 0) + by) % 256;
        writeFileSync(path(folder), bad);

        const verdict = await verifyAuditFolder(folder);

        const line = good.subarray(0, at).filter((byte) => byte === 10).length + 1;
        expect(verdict).toMatchObject({ kind: 'broken', file: 'healing_log.jsonl', line });
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    [
      'deleted',
      (lines: readonly string[]) => lines.toSpliced(2, 1),
      3,
      'line 3 of the log is missing before it',
    ],
    ['doubled', (lines: readonly string[]) => lines.toSpliced(2, 0, lines[1] ?? ''), 3, 'in the wrong place'],
    [
      'swapped',
      (lines: readonly string[]) => [0, 2, 1, 3].map((at) => lines[at] ?? ''),
      2,
      'missing before it',
    ],
    ['empty', (lines: readonly string[]) => lines.toSpliced(2, 0, ''), 3, 'no seal'],
  ])('names the line where one was %s', async (_, change, line, reason) => {
    const folder = temporaryFolder();
    write(folder, change(await written(folder, 4)));

    expect(await verifyAuditFolder(folder)).toMatchObject({
      kind: 'broken',
      line,
      reason: expect.stringContaining(reason),
    });
  });
});

describe('readAudit', () => {
  it('gives the newest lines that fit, oldest first', async () => {
    const folder = temporaryFolder();
    const { audit, clock } = await rig(folder);
    for (let day = 0; day < 3; day += 1) {
      await audit.append(intent(`attempt ${day}`));
      await audit.append({ kind: 'command', actor: 'cli:ana', text: `ack ${day}` });
      await clock.advance(days(1));
    }
    const texts = async (query: Partial<Parameters<typeof readAudit>[1]>): Promise<string[]> =>
      (await readAudit(folder, { limit: 100, ...query })).map((line) => line.text);

    expect(await texts({ limit: 3 })).toEqual(['ack 1', 'attempt 2', 'ack 2']);
    expect(await texts({ actor: 'cli:ana', limit: 2 })).toEqual(['ack 1', 'ack 2']);
    expect(await texts({ kind: 'intent', text: 'ATTEMPT 1' })).toEqual(['attempt 1']);
    expect(await texts({ incidentId: 'inc-7f3a' })).toHaveLength(3);
    expect(await texts({ since: epochMs(Date.parse('2026-11-24T00:00:00Z')) })).toEqual([
      'attempt 2',
      'ack 2',
    ]);
    expect(await texts({ text: 'rpa-worker' })).toHaveLength(3);
    expect(await readAudit(temporaryFolder(), { limit: 5 })).toEqual([]);
  });
});
