import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { schemaFiles } from '../../../scripts/write-schemas.ts';
import { CONFIG_FILES, loadConfig } from '../../../src/app/config.ts';

const configs = resolve(import.meta.dirname, '../../../configs');

describe('the shipped configuration', () => {
  it('is valid, starts in dry-run and holds the nine strategies', async () => {
    const result = await loadConfig(configs);

    expect(result).toMatchObject({ kind: 'valid', loaded: { config: { bot: { mode: 'dry-run' } } } });
    const names =
      result.kind === 'valid' ? result.loaded.config.healing.strategies.map((strategy) => strategy.name) : [];
    expect(names.sort()).toEqual([
      'disk_filling',
      'high_cpu',
      'high_latency',
      'high_memory',
      'low_success_rate',
      'ml_composite_anomaly',
      'queue_stuck',
      'service_down',
      'worker_down',
    ]);
  });

  it.each(Object.values(CONFIG_FILES))('%s names a schema that is the one of the code', (file) => {
    const shipped = JSON.parse(readFileSync(join(configs, file), 'utf8')) as { $schema?: string };
    const schemaFile = file.replace(/\.json$/, '.schema.json');

    expect(shipped.$schema).toBe(`./schema/${schemaFile}`);
    expect(readFileSync(join(configs, 'schema', schemaFile), 'utf8')).toBe(schemaFiles()[schemaFile]);
  });
});
