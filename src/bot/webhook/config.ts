/** Schema of `webhooks` and `pings` in configs/bot.json. Secrets are files or derived, never in the config. */
import { z } from 'zod';
import { ANOMALY_KINDS, type AnomalyKind } from '../../domain/anomaly.ts';
import { type Ms, minutes, seconds } from '../../domain/units.ts';
import { OUTBOUND_EVENTS, type OutboundEventType, PRESETS, type PresetId } from './outbound-events.ts';
import { SOURCES, type SourceId } from './sources/index.ts';

type Severity = 'info' | 'warning' | 'critical';

export interface AlertRule {
  readonly match: Readonly<Record<string, string>>;
  readonly target?: string | undefined;
  readonly kind: AnomalyKind;
  readonly severity?: Severity | undefined;
  readonly metric?: string | undefined;
  readonly ignore: boolean;
}

export interface DeployRule {
  readonly repository: string;
  readonly environment: string;
  readonly target?: string | undefined;
  readonly holdMinutes: Ms;
}

export interface SourceConfig {
  readonly source: SourceId;
  readonly tokenFile?: string | undefined;
  readonly secretFile?: string | undefined;
  readonly requireSignature: boolean;
  readonly rules: readonly AlertRule[];
  readonly deploys: readonly DeployRule[];
}

export interface SinkConfig {
  readonly name: string;
  readonly preset: PresetId;
  readonly url?: string | undefined;
  readonly urlFile?: string | undefined;
  readonly secretFile?: string | undefined;
  readonly events?: readonly OutboundEventType[] | undefined;
  readonly minSeverity: Severity;
  readonly allowPrivate: boolean;
  readonly account?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: readonly string[] | undefined;
  readonly everySeconds: Ms;
}

export interface PingConfig {
  readonly id: string;
  readonly everySeconds: Ms;
  readonly graceSeconds: Ms;
  readonly target?: string | undefined;
  readonly severity: Severity;
}

export interface WebhookConfig {
  readonly sources: readonly SourceConfig[];
  readonly sinks: readonly SinkConfig[];
}

const name = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'expected small letters, digits and dashes');
const file = z.string().min(1);
const word = z.string().min(1).max(200);

const rule: z.ZodType<AlertRule> = z.strictObject({
  /** Label name to value; `*` stands for any characters. All must match. `{}` matches everything. */
  match: z.record(word, z.string().max(200)).default({}),
  /** The target it concerns; absent: the label `target`, `service`, `job` or `instance` that names one. */
  target: word.optional(),
  /** Which strategies answer it; absent: none, people are told. */
  kind: z.enum(ANOMALY_KINDS).default('outside_alert'),
  severity: z.enum(['info', 'warning', 'critical']).optional(),
  /** Our own metric that proves the recovery; absent: only the sender's word does. */
  metric: word.optional(),
  /** Says nothing of what matches. */
  ignore: z.boolean().default(false),
});

const deployRule: z.ZodType<DeployRule> = z.strictObject({
  repository: word.default('*'),
  environment: word.default('*'),
  /** What is left alone meanwhile; absent: the whole host. */
  target: word.optional(),
  /** A deploy whose end is never told stops holding after this. */
  holdMinutes: z.int().min(1).max(1_440).default(30).transform(minutes),
});

const source: z.ZodType<SourceConfig> = z.strictObject({
  source: z.enum(SOURCES),
  /** File with the token of the address, relative to the config folder; absent: derived from the API token. */
  tokenFile: file.optional(),
  /** File with the signing secret (GitHub, generic); absent: the token of the address. */
  secretFile: file.optional(),
  /** `false` for generic senders that cannot sign. */
  requireSignature: z.boolean().default(true),
  rules: z.array(rule).max(500).default([]),
  deploys: z.array(deployRule).max(100).default([]),
});

const sink: z.ZodType<SinkConfig> = z.strictObject({
  name,
  preset: z.enum(PRESETS).default('signed'),
  /** The address; where it is a secret itself, `urlFile`. */
  url: z.url({ protocol: /^https?$/ }).optional(),
  urlFile: file.optional(),
  /** Signing secret, bearer token, PagerDuty routing key or gateway token: what the preset needs. */
  secretFile: file.optional(),
  /** Which events go there; absent: what the preset is for. */
  events: z.array(z.enum(OUTBOUND_EVENTS)).min(1).optional(),
  minSeverity: z.enum(['info', 'warning', 'critical']).default('warning'),
  /** Addresses of this host and of private networks are refused unless this is set. */
  allowPrivate: z.boolean().default(false),
  /** SMS gateway only. */
  account: word.optional(),
  from: word.optional(),
  to: z.array(word).max(20).optional(),
  /** Healthchecks only: a sign of life this often. */
  everySeconds: z.int().min(10).max(86_400).default(60).transform(seconds),
});

const ping: z.ZodType<PingConfig> = z.strictObject({
  id: name,
  /** It reports at least this often … */
  everySeconds: z.int().min(10).max(31_536_000).transform(seconds),
  /** … and this much later it is late. */
  graceSeconds: z.int().min(1).max(31_536_000).default(300).transform(seconds),
  target: word.optional(),
  severity: z.enum(['info', 'warning', 'critical']).default('warning'),
});

export const WebhookConfig: z.ZodType<WebhookConfig> = z.strictObject({
  sources: z.array(source).max(20).default([]),
  sinks: z.array(sink).max(20).default([]),
});

export const PingsConfig: z.ZodType<readonly PingConfig[]> = z.array(ping).max(200);
