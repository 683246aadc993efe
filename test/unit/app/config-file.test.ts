import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readConfigFile } from '../../../src/app/config-file.ts';

const Schema = z.strictObject({
  mode: z.enum(['dry-run', 'production']).default('dry-run'),
  intervalSeconds: z.number().min(1).default(5),
  probes: z.array(z.strictObject({ name: z.string(), url: z.string() })).default([]),
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'config-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function faultsOf(text: string): Promise<readonly string[]> {
  writeFileSync(join(folder, 'bot.json'), text, { mode: 0o644 });
  const result = await readConfigFile(folder, 'bot.json', Schema);
  return result.kind === 'invalid' ? result.faults : [];
}

describe('readConfigFile', () => {
  it('takes the defaults where there is no file', async () => {
    const result = await readConfigFile(folder, 'bot.json', Schema);

    expect(result).toMatchObject({ kind: 'valid', value: { mode: 'dry-run', intervalSeconds: 5 } });
  });

  it('names every fault of a file at once, with what was expected and found', async () => {
    const faults = await faultsOf(
      '{"mode":"prod","intervalSeconds":"5s","interval":5,"probes":[{"name":"a","uri":"x"}]}',
    );

    expect(faults).toEqual([
      'bot.json: mode: expected "dry-run" or "production", found "prod"',
      'bot.json: intervalSeconds: expected number, found "5s"',
      'bot.json: probes[0].url: expected string, found nothing',
      'bot.json: probes[0].uri: expected no such key, found "uri"',
      'bot.json: interval: expected no such key, found "interval"',
    ]);
  });

  it('names line and column of broken JSON', async () => {
    const faults = await faultsOf('{\n  "mode": "dry-run",\n}');

    expect(faults).toEqual(['bot.json: line 3 column 1: expected JSON, found property name expected']);
  });

  it('refuses a key that stands twice, also deep inside', async () => {
    const faults = await faultsOf('{"probes":[{"name":"a","name":"b","url":"x"}]}');

    expect(faults).toEqual(['bot.json: probes[0].name: expected once, found again on line 1 column 24']);
  });

  it('refuses a comment and an empty file', async () => {
    expect(await faultsOf('{} // note')).toHaveLength(1);
    expect(await faultsOf('')).toHaveLength(1);
  });

  it('refuses a file that everybody may write', async () => {
    writeFileSync(join(folder, 'bot.json'), '{}');
    chmodSync(join(folder, 'bot.json'), 0o666);

    const result = await readConfigFile(folder, 'bot.json', Schema);

    expect(result).toEqual({
      kind: 'invalid',
      faults: ['bot.json: file mode: expected not writable by others, found world-writable (chmod o-w)'],
    });
  });
});
