/**
 * What a schema cannot see: names that must exist, names that must be unique, dependencies that must end.
 * Pure; every fault is reported, none hides another.
 */
import type { AnomalyKind } from '../domain/anomaly.ts';
import { ACTION_KINDS, type Action, type Errand, type Strategy } from '../domain/strategy.ts';
import type { HealingConfig } from './config.ts';
import { cyclesIn, type Dependent } from './dependencies.ts';
import type { TargetsConfig } from './targets-config.ts';

/** What people ask for beside healing. */
const ERRANDS: readonly string[] = ['restore', 'prune'] satisfies readonly Errand['kind'][];

/** One line of `file: path: expected X, found Y`; the caller knows the file. */
export interface Fault {
  readonly path: string;
  readonly expected: string;
  readonly found: string;
}

/**
 * @param workers The workers of workers.json, which are targets too.
 */
export function checkTargets(config: TargetsConfig, workers: readonly Dependent[]): readonly Fault[] {
  const own = config.targets;
  const names = new Set([...own, ...workers].map((target) => target.name));
  return [
    ...duplicates(
      own.map((target) => target.name),
      (index) => `targets.${index}.name`,
    ),
    ...own.flatMap((target, index) => [
      ...unknownNames(target.dependsOn, names, (at) => `targets.${index}.dependsOn.${at}`, 'a known target'),
      ...unknownWorker(target, index, workers),
    ]),
    ...cyclesIn([
      ...own,
      ...workers.filter((worker) => !own.some((target) => target.name === worker.name)),
    ]).map((cycle) => ({ path: 'targets', expected: 'dependencies that end', found: cycle.join(' -> ') })),
  ];
}

/**
 * @param targets All known target names, workers included.
 */
export function checkHealing(config: HealingConfig, targets: readonly string[]): readonly Fault[] {
  const known = new Set(targets);
  const strategies = new Set(config.strategies.map((strategy) => strategy.name));
  return [
    ...duplicates(
      config.strategies.map((strategy) => strategy.name),
      (index) => `strategies.${index}.name`,
    ),
    ...config.strategies.flatMap((strategy, index) => checkStrategy(strategy, index, config, known)),
    ...unknownNames(config.criticalAllowList, known, (at) => `criticalAllowList.${at}`, 'a known target'),
    ...config.maintenance.flatMap((window, index) =>
      unknownNames(present(window.target), known, () => `maintenance.${index}.target`, 'a known target'),
    ),
    ...config.autonomy.flatMap((rule, index) => [
      ...unknownNames(
        [rule.strategy],
        strategies,
        () => `autonomy.${index}.strategy`,
        'a strategy of this file',
      ),
      ...unknownNames(present(rule.target), known, () => `autonomy.${index}.target`, 'a known target'),
    ]),
    ...config.twoPerson.flatMap((subject, index) => checkTwoPerson(subject, index, config, known)),
  ];
}

function checkStrategy(
  strategy: Strategy,
  index: number,
  config: HealingConfig,
  known: ReadonlySet<string>,
): readonly Fault[] {
  const at = `strategies.${index}`;
  return [
    ...unknownNames(strategy.match.targets, known, (n) => `${at}.match.targets.${n}`, 'a known target'),
    ...duplicates<AnomalyKind>(strategy.match.kinds, (n) => `${at}.match.kinds.${n}`),
    ...strategy.actions.flatMap((action, rung) => checkRung(action, `${at}.actions.${rung}`, config, known)),
  ];
}

function checkRung(
  action: Action,
  at: string,
  config: HealingConfig,
  known: ReadonlySet<string>,
): readonly Fault[] {
  const faults = [...unknownNames(present(action.target), known, () => `${at}.target`, 'a known target')];
  if (action.kind === 'run_command' && !Object.hasOwn(config.commands, action.command)) {
    faults.push({ path: `${at}.command`, expected: 'a name under commands', found: quoted(action.command) });
  }
  if (action.kind === 'trigger_workflow' && config.github === null) {
    faults.push({ path: at, expected: 'github to be configured for trigger_workflow', found: 'null' });
  }
  return faults;
}

function checkTwoPerson(
  subject: string,
  index: number,
  config: HealingConfig,
  known: ReadonlySet<string>,
): readonly Fault[] {
  const [family, name] = [subject.slice(0, subject.indexOf(':')), subject.slice(subject.indexOf(':') + 1)];
  const fits =
    (ACTION_KINDS as readonly string[]).includes(subject) ||
    ERRANDS.includes(subject) ||
    (family === 'command' && Object.hasOwn(config.commands, name)) ||
    (family === 'target' && known.has(name));
  if (fits) return [];
  const expected = 'an action kind, command:<name> or target:<name>';
  return [{ path: `twoPerson.${index}`, expected, found: quoted(subject) }];
}

function unknownWorker(
  target: TargetsConfig['targets'][number],
  index: number,
  workers: readonly Dependent[],
): readonly Fault[] {
  if (target.kind !== 'process') return [];
  const names = new Set(workers.map((worker) => worker.name));
  return unknownNames([target.worker], names, () => `targets.${index}.worker`, 'a worker of workers.json');
}

function unknownNames(
  names: readonly string[],
  known: ReadonlySet<string>,
  pathOf: (index: number) => string,
  expected: string,
): Fault[] {
  return names.flatMap((name, index) =>
    known.has(name) ? [] : [{ path: pathOf(index), expected, found: quoted(name) }],
  );
}

function duplicates<T extends string>(
  names: readonly T[],
  pathOf: (index: number) => string,
): readonly Fault[] {
  return names.flatMap((name, index) =>
    names.indexOf(name) === index
      ? []
      : [{ path: pathOf(index), expected: 'a name used once', found: quoted(name) }],
  );
}

function present(name: string | null): readonly string[] {
  return name === null ? [] : [name];
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
