/**
 * From what a source says to what it means here: target, kind, severity, proof. The first rule that matches decides;
 * without one the labels do. Pure.
 */
import { createHash } from 'node:crypto';
import type { OutsideAlert } from '../../domain/outside.ts';
import type { EpochMs } from '../../domain/units.ts';
import { inertLine, shorten } from '../inert.ts';
import type { AlertRule } from './config.ts';
import type { HookAlert } from './message.ts';

const LONGEST_TEXT = 300;
const LONGEST_NAME = 80;
/** Labels that often name what an alert is about, the plainest first. */
const TARGET_LABELS = ['target', 'service', 'job', 'app', 'instance', 'monitor', 'check', 'alarm'];

export interface RuleContext {
  readonly source: string;
  readonly rules: readonly AlertRule[];
  /** The names of all targets. */
  readonly targets: readonly string[];
  readonly now: EpochMs;
}

/** `null` where a rule says to ignore it. */
export function interpret(
  alert: HookAlert,
  { source, rules, targets, now }: RuleContext,
): OutsideAlert | null {
  const rule = rules.find((entry) => matches(alert, entry));
  if (rule?.ignore === true) return null;
  const named = TARGET_LABELS.map((label) => alert.labels[label]).find(
    (value) => value !== undefined && targets.includes(value),
  );
  return {
    key: `${source}:${shortHash(alert.fingerprint)}`,
    state: alert.state,
    severity: rule?.severity ?? alert.severity ?? 'warning',
    kind: rule?.kind ?? 'outside_alert',
    target: rule?.target ?? named ?? shorten(inertLine(alert.name), LONGEST_NAME, String),
    metric: rule?.metric ?? null,
    text: sentence(alert.text),
    since: earlier(alert.startedAt, now),
    heardAt: now,
  };
}

function matches(alert: HookAlert, { match }: AlertRule): boolean {
  const labels: Readonly<Record<string, string>> = {
    name: alert.name,
    alertname: alert.name,
    ...alert.labels,
  };
  return Object.entries(match).every(([label, pattern]) => fits(labels[label] ?? '', pattern));
}

/** `*` stands for any characters. Without a regular expression: a pattern from a file must not be slow. */
export function fits(text: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return text === pattern;
  const last = rest.pop() ?? '';
  if (!text.startsWith(first) || text.length < first.length + last.length || !text.endsWith(last))
    return false;
  let at = first.length;
  const end = text.length - last.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found === -1 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

function sentence(text: string): string {
  const line = shorten(inertLine(text), LONGEST_TEXT, String);
  return /[.…]$/.test(line) ? line : `${line}.`;
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** A sender's clock may be ahead of ours. */
function earlier(told: EpochMs | null, now: EpochMs): EpochMs {
  return told !== null && told < now ? told : now;
}
