/**
 * A service made of files, for the tests of the built product: it is up while its file is there, and its restart is
 * a program that notes each run. What ran how often is on disk, whatever happened to the bot.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BotProcess, createFolder, until } from './bot-process.ts';

export interface FilePatientOptions {
  readonly critical?: boolean;
  readonly restartSeconds?: number;
  readonly heals?: boolean;
  readonly approvalMinutes?: number;
  /** Merged over bot.json. */
  readonly bot?: Readonly<Record<string, unknown>>;
}

export interface FilePatient {
  readonly folder: string;
  readonly configs: Readonly<Record<string, unknown>>;
  goDown(): void;
  /** `begin` and `end` of every run of the restart, in order. */
  runs(): readonly string[];
}

/** A service made of files: up while `up` exists; `restart` notes itself, waits, and brings it up again. */
export function createFilePatient(options: FilePatientOptions = {}): FilePatient {
  const folder = createFolder();
  const file = (name: string): string => join(folder, name);
  mkdirSync(file('configs'));
  const script = (name: string, text: string): string => {
    writeFileSync(file(name), `#!/bin/bash\n${text}\n`);
    chmodSync(file(name), 0o755);
    return file(name);
  };
  writeFileSync(file('up'), '');
  const check = script('check', `test -e ${file('up')}`);
  const brings = options.heals === false ? '' : `touch ${file('up')}`;
  const restart = script(
    'restart',
    `echo begin >> ${file('runs')}\nsleep ${options.restartSeconds ?? 0}\n${brings}\necho end >> ${file('runs')}`,
  );
  const configs = {
    'bot.json': { mode: 'production', ...options.bot },
    'anomaly_detection_config.json': { intervalSeconds: 1 },
    // These tests are about healing; a machine that is busy with tests must not be throttled meanwhile.
    'resource_budget.json': { budgets: { cpuPercent: null, memoryPercent: null } },
    'targets.json': {
      checkIntervalSeconds: 5,
      targets: [
        {
          name: 'shop',
          kind: 'command',
          critical: options.critical ?? false,
          check: [check],
          commands: { restart: [restart] },
        },
      ],
    },
    'healing_strategies.json': {
      criticalAllowList: options.critical ? ['shop'] : [],
      approvalMinutes: options.approvalMinutes ?? 15,
      strategies: [
        {
          name: 'service_down',
          match: { kinds: ['service_down'] },
          actions: ['restart_service'],
          verifySeconds: 30,
        },
      ],
    },
  };
  return {
    folder,
    configs,
    goDown: () => rmSync(file('up')),
    runs: () => (existsSync(file('runs')) ? readFileSync(file('runs'), 'utf8').trim().split('\n') : []),
  };
}

export interface IncidentView {
  readonly id: string;
  readonly state: string;
  readonly target: string | null;
  readonly stateDetail?: unknown;
}

async function incidents(bot: BotProcess): Promise<readonly IncidentView[]> {
  const { body } = await bot.get('/api/incidents');
  return (Array.isArray(body) ? body : (body as { incidents: IncidentView[] }).incidents) as IncidentView[];
}

/** Waits until the bot has seen the patient. */
export async function watched(bot: BotProcess): Promise<void> {
  await until(20_000, async () =>
    JSON.stringify((await bot.get('/api/status')).body).includes('target_up:shop') ? true : undefined,
  );
}

export async function inState(bot: BotProcess, state: string, limit = 60_000): Promise<IncidentView> {
  return until(limit, async () =>
    (await incidents(bot)).find((one) => one.target === 'shop' && one.state === state),
  );
}

export function audit(folder: string): readonly { kind: string; actionId?: string; text: string }[] {
  const text = readFileSync(join(folder, 'data/audit/healing_log.jsonl'), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}
