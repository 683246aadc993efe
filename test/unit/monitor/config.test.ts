import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { MonitorConfig } from '../../../src/monitor/config.ts';

/** Every fault as `path: message`. */
function faults(file: unknown): readonly string[] {
  const result = MonitorConfig.safeParse(file);
  return result.success
    ? []
    : result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
}

describe('configs/anomaly_detection_config.json', () => {
  it('is what is in force without any file, written out', async () => {
    const path = new URL('../../../configs/anomaly_detection_config.json', import.meta.url);
    const shipped: unknown = JSON.parse(await readFile(path, 'utf8'));

    expect(MonitorConfig.parse(shipped)).toEqual(MonitorConfig.parse({}));
  });

  it('can be described to an editor as a JSON schema', () => {
    const schema = z.toJSONSchema(MonitorConfig, { io: 'input' });

    expect(schema).toMatchObject({ type: 'object', additionalProperties: false });
    expect(Object.keys(schema.properties ?? {})).toContain('probes');
  });
});

describe('MonitorConfig', () => {
  it('needs nothing in the file: every value has a default', () => {
    const config = MonitorConfig.parse({ $schema: './schema/anomaly_detection_config.schema.json' });

    expect(config.interval).toBe(5_000);
    expect(config.processInterval).toBe(15_000);
    expect(config.storeInterval).toBe(10_000);
    expect(config.historyDays).toBe(7);
    expect(config.probes).toEqual([]);
    expect(config.thresholds.map((entry) => entry.metric)).toContain('memory');
    expect(config.severities.high_cpu).toBe('warning');
  });

  it('turns the unit in the key into the unit of the code', () => {
    const config = MonitorConfig.parse({
      thresholds: [
        { metric: 'cpu', warnPercent: 85, criticalPercent: 95, warnAfterSeconds: 60 },
        { metric: 'latency:api', warnMilliseconds: 800 },
        { metric: 'target_memory:rpa', warnMegabytes: 512 },
      ],
    });

    expect(config.thresholds).toMatchObject([
      { metric: 'cpu', warn: 0.85, critical: 0.95, direction: 'high', warnAfter: 60_000 },
      { metric: 'latency:api', warn: 800, critical: null },
      { metric: 'target_memory:rpa', warn: 512 * 1_048_576 },
    ]);
  });

  it('names the right unit when a wrong one is used', () => {
    expect(faults({ thresholds: [{ metric: 'cpu', warnMilliseconds: 5 }] })).toEqual([
      'thresholds.0.warnMilliseconds: cpu is set by warnPercent and criticalPercent',
    ]);
  });

  it('refuses a limit for what is only up or down, and an entry without a limit', () => {
    expect(faults({ thresholds: [{ metric: 'target_up:web', warnValue: 1 }, { metric: 'cpu' }] })).toEqual([
      'thresholds.0.metric: target_up:web is up or down: it has no limit to set',
      'thresholds.1.metric: needs warnPercent, criticalPercent or both',
    ]);
  });

  it('refuses a critical limit on the wrong side of the warning, whichever way is bad', () => {
    expect(
      faults({
        thresholds: [
          { metric: 'memory', warnPercent: 90, criticalPercent: 80 },
          { metric: 'success_rate', warnPercent: 50, criticalPercent: 80 },
        ],
      }),
    ).toEqual([
      'thresholds.0.criticalPercent: must be above warnPercent',
      'thresholds.1.criticalPercent: must be below warnPercent',
    ]);
  });

  it('reports unknown keys, doubles and values out of range all at once', () => {
    const probe = { name: 'api', url: 'http://127.0.0.1:1/' };

    const found = faults({
      interval: 5,
      intervalSeconds: 0,
      probes: [probe, probe, { name: 'x', url: 'ftp://h' }],
    });

    expect(found).toEqual(
      expect.arrayContaining([
        expect.stringContaining('intervalSeconds'),
        expect.stringContaining('probes.2.url: must be an http or https address'),
        expect.stringContaining('"interval"'),
      ]),
    );
    expect(faults({ probes: [probe, probe] })).toEqual(['probes.1: api is there twice']);
  });
});
