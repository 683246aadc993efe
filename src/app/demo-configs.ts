/**
 * What the sandbox is configured as: watched every second, quick to confirm, generous with attempts, so that one
 * can break it again and again. None of these figures is meant for a real host.
 *
 * `demo-shop` is critical and allow-listed: its restart asks. Its controls (cache, fallback, rate limit) and
 * `rpa-worker` are not: they are used without asking. Pure.
 */

export interface DemoPatient {
  readonly name: 'demo-shop' | 'rpa-worker';
  readonly port: number;
  readonly url: string;
  /** What is broken now, as the patient itself keeps it. */
  readonly faultFile: string;
}

export interface PatientProgram {
  readonly command: readonly string[];
  readonly cwd: string;
}

export interface DemoParts {
  readonly patients: readonly DemoPatient[];
  /** Where the patients keep their files. */
  readonly folder: string;
  readonly program: PatientProgram;
}

/** File name to content, as in `configs/`. */
export function demoConfigs(parts: DemoParts): Readonly<Record<string, unknown>> {
  const url = (name: DemoPatient['name']): string =>
    parts.patients.find((one) => one.name === name)?.url ?? '';
  return {
    'bot.json': { mode: 'production' },
    'anomaly_detection_config.json': monitorConfig(url('demo-shop')),
    'healing_strategies.json': healingConfig(),
    'targets.json': { targets: [shopControls(url('demo-shop'))] },
    'workers.json': { workers: parts.patients.map((patient) => workerConfig(patient, parts)) },
  };
}

function workerConfig(patient: DemoPatient, { folder, program }: DemoParts): unknown {
  const isShop = patient.name === 'demo-shop';
  const health = isShop
    ? { http: { url: `${patient.url}/health`, intervalSeconds: 1, timeoutMilliseconds: 1_000, failures: 3 } }
    : {
        heartbeatFile: { path: `${folder}/${patient.name}.heartbeat`, maxAgeSeconds: 5, intervalSeconds: 1 },
      };
  return {
    name: patient.name,
    command: [
      ...program.command,
      isShop ? 'service' : 'worker',
      ...['--name', patient.name, '--port', String(patient.port), '--folder', folder],
    ],
    cwd: program.cwd,
    ready: { http: { url: `${patient.url}/health` }, afterSeconds: 0, withinSeconds: 30 },
    health,
    stopTimeoutSeconds: 3,
    restart: { backoffSeconds: 2 },
    onBotStop: 'stop',
    critical: isShop,
    probes: isShop ? ['demo-shop'] : [],
  };
}

/** One target is of one kind, so the shop's process and the shop's controls are two. */
function shopControls(url: string): unknown {
  const perSecond = '{"perSecond": {perSecond}}';
  return {
    name: 'shop-controls',
    kind: 'http',
    controls: {
      rate_limit: { url: `${url}/control/rate-limit`, body: perSecond },
      clear_cache: { url: `${url}/control/cache/clear` },
      enable_cache: { url: `${url}/control/cache/enable` },
      fallback: { url: `${url}/control/fallback` },
    },
    undo: {
      rate_limit: { url: `${url}/control/rate-limit`, method: 'DELETE' },
      enable_cache: { url: `${url}/control/cache/enable`, method: 'DELETE' },
      fallback: { url: `${url}/control/fallback`, method: 'DELETE' },
    },
  };
}

function monitorConfig(shop: string): unknown {
  return {
    intervalSeconds: 1,
    processIntervalSeconds: 5,
    probes: [
      {
        name: 'demo-shop',
        url: `${shop}/work`,
        intervalSeconds: 1,
        timeoutMilliseconds: 3_000,
        target: 'demo-shop',
      },
    ],
    thresholds: [
      {
        metric: 'latency',
        warnMilliseconds: 1_000,
        criticalMilliseconds: 2_500,
        confirm: { badOf: 3, outOf: 4 },
      },
      // Patient enough for the first failed answers of a shop that is still starting.
      { metric: 'success_rate', warnPercent: 80, criticalPercent: 50, confirm: { badOf: 10, outOf: 12 } },
      { metric: 'target_memory', warnMegabytes: 200, confirm: { badOf: 2, outOf: 3 } },
      { metric: 'target_cpu', warnPercent: 40, confirm: { badOf: 2, outOf: 3 } },
      { metric: 'memory', warnPercent: 95, criticalPercent: 98 },
      { metric: 'disk', warnPercent: 95, criticalPercent: 99 },
    ],
  };
}

function healingConfig(): unknown {
  const onControls = (kind: string, more: object = {}): object => ({
    kind,
    target: 'shop-controls',
    ...more,
  });
  const person = { kind: 'alert', message: 'Healing has done what it may; please look at the patient.' };
  const strategy = (
    name: string,
    kinds: readonly string[],
    verifySeconds: number,
    ...actions: readonly unknown[]
  ): object => ({ name, match: { kinds }, verifySeconds, actions: [...actions, 'restart_worker', person] });
  return {
    limits: {
      gracePeriodSeconds: 20,
      maxAttemptsPerHour: 20,
      perTargetPerHour: 60,
      perHostPerHour: 200,
      breaker: { failures: 3, openMinutes: 1 },
      blastRadius: { minTargets: 10 },
    },
    criticalAllowList: ['demo-shop'],
    strategies: [
      strategy('worker_down', ['worker_down', 'service_down'], 60),
      strategy('high_latency', ['high_latency'], 30, onControls('enable_cache')),
      strategy('low_success_rate', ['low_success_rate'], 90, onControls('llm_fallback')),
      strategy('high_memory', ['high_memory', 'memory_leak'], 25, onControls('clear_cache')),
      strategy('high_cpu', ['high_cpu'], 25, onControls('rate_limit', { perSecond: 5, spanMinutes: 5 })),
    ],
  };
}
