import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../../../src/app/drill/catalogue.ts';
import { SHIPPED_LADDERS } from '../../../../src/app/drill/ladders.ts';
import { type SandboxParts, sandboxConfigs } from '../../../../src/app/drill/sandbox-configs.ts';
import { BotConfig } from '../../../../src/bot/config.ts';
import { DRILL_FAULTS } from '../../../../src/domain/drill.ts';
import { HealingConfig } from '../../../../src/healing/config.ts';
import { checkHealing, checkTargets } from '../../../../src/healing/config-checks.ts';
import { TargetsConfig } from '../../../../src/healing/targets-config.ts';
import { WorkersConfig } from '../../../../src/healing/workers-config.ts';
import { MonitorConfig } from '../../../../src/monitor/config.ts';

const PARTS: SandboxParts = {
  ports: { 'drill-db': 1001, 'drill-shop': 1002, 'drill-worker': 1003 },
  folder: '/tmp/drill/patients',
  program: { command: ['node', '/opt/patient.js'], cwd: '/opt' },
  disk: { path: '/tmp/drill/disk', isFileSystem: true },
};

describe('sandboxConfigs', () => {
  it.each([true, false])(
    'is a configuration that every room accepts (small file system: %s)',
    (isFileSystem) => {
      const files = sandboxConfigs({ ...PARTS, disk: { path: '/tmp/drill/disk', isFileSystem } });
      const workers = WorkersConfig.parse(files['workers.json']);
      const targets = TargetsConfig.parse(files['targets.json']);
      const names = [...workers.workers, ...targets.targets].map(({ name }) => name);

      expect(BotConfig.parse(files['bot.json']).mode).toBe('production');
      expect(MonitorConfig.parse(files['anomaly_detection_config.json']).probes).toHaveLength(5);
      expect(checkTargets(targets, workers.workers)).toEqual([]);
      expect(checkHealing(HealingConfig.parse(files['healing_strategies.json']), names)).toEqual([]);
      expect(workers.workers.every(({ onBotStop, critical }) => onBotStop === 'stop' && !critical)).toBe(
        true,
      );
    },
  );

  it('measures what is shipped: the beat, the confirmation and every limit are the defaults', () => {
    const files = sandboxConfigs(PARTS);
    const { interval, confirmation } = MonitorConfig.parse(files['anomaly_detection_config.json']);

    expect({ interval, confirmation }).toEqual({
      interval: MonitorConfig.parse({}).interval,
      confirmation: MonitorConfig.parse({}).confirmation,
    });
    expect(HealingConfig.parse(files['healing_strategies.json']).limits).toEqual(
      HealingConfig.parse({}).limits,
    );
  });

  it('uses the shipped ladders as they are', () => {
    const file = JSON.parse(readFileSync('configs/healing_strategies.json', 'utf8')) as {
      strategies: { name: string }[];
    };
    for (const ladder of SHIPPED_LADDERS) {
      expect(file.strategies.find(({ name }) => name === ladder.name)).toEqual(ladder);
    }
  });
});

describe('CATALOGUE', () => {
  it('has every fault once, and names only targets of the sandbox', () => {
    const files = sandboxConfigs(PARTS);
    const targets = [
      ...(files['targets.json'] as { targets: { name: string }[] }).targets,
      ...(files['workers.json'] as { workers: { name: string }[] }).workers,
    ].map(({ name }) => name);

    expect(CATALOGUE.map(({ fault }) => fault)).toEqual([...DRILL_FAULTS]);
    for (const { sick, shows } of CATALOGUE) {
      expect(targets).toEqual(expect.arrayContaining([...sick, ...shows.filter((one) => one !== null)]));
    }
  });
});
