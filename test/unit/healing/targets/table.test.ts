import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ActionKind } from '../../../../src/domain/strategy.ts';
import {
  CAPABILITIES,
  type Capability,
  TARGET_KINDS,
  type TargetKind,
} from '../../../../src/domain/target.ts';
import type { WorkerPool } from '../../../../src/domain/worker.ts';
import { createTargets } from '../../../../src/healing/targets/registry.ts';
import { TargetsConfig } from '../../../../src/healing/targets-config.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import {
  createMemoryCommands,
  createMemoryHttp,
  createMemoryLogger,
  live,
} from '../../../support/memory-ports.ts';

const NEEDED: Readonly<Partial<Record<ActionKind, Capability>>> = {
  restart_process: 'restart',
  restart_worker: 'restart',
  restart_service: 'restart',
  scale_up_workers: 'scale',
  rate_limit: 'rate_limit',
  clear_cache: 'clear_cache',
  enable_cache: 'enable_cache',
  llm_fallback: 'fallback',
  redistribute_tasks: 'redistribute',
};
const OWN: Readonly<Record<TargetKind, object>> = {
  process: { worker: 'w' },
  systemd: { unit: 'x' },
  docker: { container: 'x' },
  pm2: { app: 'x', home: '/nowhere', program: '/nowhere/pm2' },
  http: {},
  redis: { prefix: 'x' },
  queue: { queue: 'x' },
  command: {},
};

function capabilitiesOf(kind: TargetKind, over: object = {}): readonly Capability[] {
  const targets = createTargets({
    config: live(TargetsConfig.parse({ targets: [{ name: 't', kind, ...OWN[kind], ...over }] })),
    workers: live({ workers: [] }),
    pool: { list: () => [] } as unknown as WorkerPool,
    http: createMemoryHttp(),
    commands: createMemoryCommands(),
    clock: createFakeClock(),
    log: createMemoryLogger(),
    host: 'web-1',
  });
  return targets.get('t')?.capabilities() ?? [];
}

const all = <T>(value: T) => Object.fromEntries(CAPABILITIES.map((name) => [name, value]));

function cellOf(kind: TargetKind, capability: Capability): string {
  if (capabilitiesOf(kind).includes(capability)) return 'yes';
  if (kind === 'command')
    return capabilitiesOf(kind, { commands: all(['/bin/x']) }).includes(capability) ? 'argv' : '–';
  const withUrls = capabilitiesOf(kind, { controls: all({ url: 'http://127.0.0.1/x' }) });
  return withUrls.includes(capability) ? 'URL' : '–';
}

describe('the table of docs/targets.md', () => {
  it('says for each kind and action what the drivers say', () => {
    const page = readFileSync(new URL('../../../../docs/targets.md', import.meta.url), 'utf8');
    const made = Object.entries(NEEDED).map(([action, capability]) => {
      const cells = TARGET_KINDS.map((kind) => cellOf(kind, capability));
      return `| \`${action}\` | ${cells.join(' | ')} |`;
    });
    const shown = page.split('\n').filter((line) => /^\| `\w+` \|/.test(line));
    expect(shown).toEqual(made);
    expect(page).toContain(`| action | ${TARGET_KINDS.join(' | ')} |`);
  });
});

describe('a target with control URLs and switches', () => {
  it('takes its own way first, then the URL, then the switch', () => {
    const flags = { fallback: { file: '/nowhere/flags.json', key: ['small'] } };
    const controls = { rate_limit: { url: 'http://127.0.0.1/limit' } };
    expect(capabilitiesOf('systemd', { controls, flags })).toEqual(['restart', 'rate_limit', 'fallback']);
  });
});
