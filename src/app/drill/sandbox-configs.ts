/**
 * What the sandbox of a drill is configured as: three patients and the controls of the shop, watched and healed with
 * the shipped figures (beat, confirmation, limits, ladders), because it is those that a drill is to measure. Pure.
 *
 * Only what no shipped file can know is added: which targets there are, what is too much memory for them, and a
 * ladder for what has no target of its own (a queue, a disk).
 */
import type { PatientProgram } from '../demo-configs.ts';
import type { PatientName } from './catalogue.ts';
import { SHIPPED_LADDERS } from './ladders.ts';

export interface SandboxParts {
  readonly ports: Readonly<Record<PatientName, number>>;
  /** Where the patients keep their files. */
  readonly folder: string;
  readonly program: PatientProgram;
  /** The small disk that a patient can fill; measured as a file system, or by its pieces where it is a plain folder. */
  readonly disk: { readonly path: string; readonly isFileSystem: boolean };
  /** Other figures than the shipped ones, for tests and benchmarks. */
  readonly over?: SandboxOverrides;
}

export interface SandboxOverrides {
  readonly intervalSeconds?: number;
  readonly limits?: Readonly<Record<string, unknown>>;
  readonly verifySeconds?: number;
  readonly confirmation?: Readonly<Record<string, unknown>>;
}

/** Pieces of 2 MB each; above this the plain folder counts as full. */
const FULL_PIECES = 27;
/** Twice what the list ever holds. */
const DEEP_QUEUE = 45;

/** File name to content, as in `configs/`. */
export function sandboxConfigs(parts: SandboxParts): Readonly<Record<string, unknown>> {
  return {
    'bot.json': { mode: 'production' },
    'anomaly_detection_config.json': monitorConfig(parts),
    'healing_strategies.json': healingConfig(parts),
    // How busy the host is, is the business of the bot that runs on it: nothing is throttled for it in here.
    'resource_budget.json': { throttle: { enabled: false } },
    'targets.json': { targets: controls(parts) },
    'workers.json': {
      workers: [
        worker(parts, 'drill-db', 'service'),
        worker(parts, 'drill-shop', 'service', ['--needs', `${url(parts, 'drill-db')}/health`]),
        worker(parts, 'drill-worker', 'worker', ['--disk', parts.disk.path]),
      ],
    },
  };
}

export function url({ ports }: Pick<SandboxParts, 'ports'>, patient: PatientName): string {
  return `http://127.0.0.1:${ports[patient]}`;
}

function worker(
  parts: SandboxParts,
  name: PatientName,
  role: 'service' | 'worker',
  more: readonly string[] = [],
): unknown {
  const { folder, program } = parts;
  const isService = role === 'service';
  return {
    name,
    command: [
      ...program.command,
      role,
      ...['--name', name, '--port', String(parts.ports[name]), '--folder', folder],
      ...more,
    ],
    cwd: program.cwd,
    ready: { http: { url: `${url(parts, name)}/health` } },
    // It beats each second; a look at its file is nearly free.
    ...(isService ? {} : { health: { heartbeatFile: heartbeat(`${folder}/${name}.heartbeat`) } }),
    stopTimeoutSeconds: 3,
    onBotStop: 'stop',
    dependsOn: name === 'drill-shop' ? ['drill-db'] : [],
    probes: isService ? [name] : [],
  };
}

function heartbeat(path: string): object {
  return { path, maxAgeSeconds: 3, intervalSeconds: 1 };
}

function controls(parts: SandboxParts): readonly unknown[] {
  const shop = url(parts, 'drill-shop');
  const target = (name: string, dependsOn: PatientName, control: object, undo: object = {}): object => ({
    name,
    kind: 'http',
    dependsOn: [dependsOn],
    controls: control,
    undo,
  });
  return [
    target(
      'shop-pages',
      'drill-shop',
      { enable_cache: { url: `${shop}/control/cache/enable` } },
      { enable_cache: { url: `${shop}/control/cache/enable`, method: 'DELETE' } },
    ),
    target(
      'shop-model',
      'drill-shop',
      { fallback: { url: `${shop}/control/fallback` } },
      { fallback: { url: `${shop}/control/fallback`, method: 'DELETE' } },
    ),
    target('shop-cache', 'drill-shop', { clear_cache: { url: `${shop}/control/cache/clear` } }),
    target('worker-disk', 'drill-worker', {
      clear_cache: { url: `${url(parts, 'drill-worker')}/control/disk/clean` },
    }),
  ];
}

function monitorConfig(parts: SandboxParts): unknown {
  const { disk, over } = parts;
  const shop = url(parts, 'drill-shop');
  return {
    ...(over?.intervalSeconds === undefined ? {} : { intervalSeconds: over.intervalSeconds }),
    ...(over?.confirmation === undefined ? {} : { confirmation: over.confirmation }),
    ...(disk.isFileSystem ? { mounts: [disk.path] } : {}),
    probes: [
      probe('drill-db', `${url(parts, 'drill-db')}/health`, over),
      probe('drill-shop', `${shop}/health`, over),
      probe('shop-pages', `${shop}/pages`, over),
      probe('shop-model', `${shop}/model`, over),
      { ...probe('shop-cache', `${shop}/cached`, over), expectBody: 'fresh' },
    ],
    // The host itself is the business of the bot that runs on it: only what the patients show is trouble here.
    thresholds: [
      { metric: 'latency', warnMilliseconds: 1_000, criticalMilliseconds: 2_500 },
      { metric: 'success_rate', warnPercent: 80, criticalPercent: 50 },
      { metric: 'target_memory', warnMegabytes: 200 },
      // A patient at rest uses 1 %; on a host with twenty busy processes a burning one gets a tenth.
      { metric: 'target_cpu', warnPercent: 10 },
      { metric: 'queue_depth', warnValue: DEEP_QUEUE },
      ...(disk.isFileSystem
        ? [{ metric: `disk:${disk.path}`, warnPercent: 90, criticalPercent: 97 }]
        : [{ metric: 'folder_pieces:worker', warnValue: FULL_PIECES }]),
    ],
  };
}

function probe(name: string, address: string, over: SandboxOverrides | undefined): Record<string, unknown> {
  return { name, url: address, target: name, intervalSeconds: over?.intervalSeconds ?? 5 };
}

function healingConfig({ over }: SandboxParts): unknown {
  const verify = over?.verifySeconds === undefined ? {} : { verifySeconds: over.verifySeconds };
  const own = (name: string, match: object, actions: readonly unknown[]): object => ({
    name,
    match,
    actions,
    ...verify,
  });
  return {
    ...(over?.limits === undefined ? {} : { limits: over.limits }),
    strategies: [
      ...SHIPPED_LADDERS.map((strategy) => ({ ...strategy, ...verify })),
      own('poisoned_cache', { kinds: ['low_success_rate'], targets: ['shop-cache'] }, ['clear_cache']),
      own('disk_filling', { kinds: ['disk_filling'] }, [{ kind: 'clear_cache', target: 'worker-disk' }]),
      own('folder_full', { kinds: ['out_of_band'], metrics: ['folder_pieces'] }, [
        { kind: 'clear_cache', target: 'worker-disk' },
      ]),
      own('queue_stuck', { kinds: ['queue_stuck'] }, [{ kind: 'restart_worker', target: 'drill-worker' }]),
    ],
  };
}
