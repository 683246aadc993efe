/**
 * Schema of configs/bot.json: mode, zone, surfaces, and who may do what.
 *
 * People are matched by platform ids only, never by names. Somebody whom nothing here names is a viewer. Host and
 * port come from the environment, and so do the chat tokens.
 */
import { z } from 'zod';
import { ROLES, type Role } from '../domain/approval.ts';
import type { Mode } from '../domain/events.ts';
import { REPORT_KINDS, type ReportName } from '../domain/report.ts';
import { type Ms, minutes, seconds } from '../domain/units.ts';
import { type PingConfig, PingsConfig, WebhookConfig } from './webhook/config.ts';

export type TokenScope = 'read' | 'act' | 'approve';

export interface PersonConfig {
  readonly name: string;
  readonly roles: readonly Role[];
  readonly slack: readonly string[];
  readonly discord: readonly string[];
  readonly local: boolean;
}

export interface GroupConfig {
  readonly role: Role;
  readonly slackGroups: readonly string[];
  readonly discordRoles: readonly string[];
}

export interface SurfaceConfig {
  readonly enabled: 'auto' | boolean;
  readonly channel?: string | undefined;
  readonly pictures: 'light' | 'dark' | 'off';
}

export interface MailConfig {
  readonly enabled: 'auto' | boolean;
  /** How long chat has before a critical goes by mail. */
  readonly after: Ms;
  readonly digestEvery: Ms;
}

export interface TokenConfig {
  readonly name: string;
  readonly scopes: readonly TokenScope[];
  readonly tokenFile: string;
}

export interface BotConfig {
  readonly $schema?: string | undefined;
  readonly mode: Mode;
  readonly timezone?: string | undefined;
  readonly surfaces: { readonly slack: SurfaceConfig; readonly discord: SurfaceConfig };
  readonly people: readonly PersonConfig[];
  readonly groups: readonly GroupConfig[];
  readonly tokens: readonly TokenConfig[];
  readonly messageBudgetPerHour: number;
  readonly mail: MailConfig;
  readonly consoleUrl?: string | undefined;
  readonly webhooks: WebhookConfig;
  readonly pings: readonly PingConfig[];
  /** Reports that are told to people when the schedule writes them. */
  readonly reports: { readonly post: readonly ReportName[] };
}

const name = z.string().min(1).max(80);
const platformId = z.string().regex(/^[A-Za-z0-9]{2,40}$/, 'expected a platform id such as U024BE7LH');
const roles = z.array(z.enum(ROLES)).min(1);

const person = z.strictObject({
  name,
  roles,
  /** Slack user ids. */
  slack: z.array(platformId).default([]),
  /** Discord user ids. */
  discord: z.array(platformId).default([]),
  /** This person also holds the local token, so that a yes in the terminal is theirs too. */
  local: z.boolean().default(false),
});

const group = z.strictObject({
  role: z.enum(ROLES),
  /** Slack user-group ids. */
  slackGroups: z.array(platformId).default([]),
  /** Discord role ids. */
  discordRoles: z.array(platformId).default([]),
});

const surface = {
  /** `auto`: on where its token is in the environment. */
  enabled: z.union([z.literal('auto'), z.boolean()]).default('auto'),
  /** Where cards go; the environment's channel wins over it. */
  channel: platformId.optional(),
};
const pictures = z.enum(['light', 'dark', 'off']);
/** The look of charts is the look that most people keep the platform in. */
const slackSurface = z.strictObject({ ...surface, pictures: pictures.default('light') });
const discordSurface = z.strictObject({ ...surface, pictures: pictures.default('dark') });

const mail = z
  .strictObject({
    /** `auto`: on where `SMTP_URL` and `MAIL_TO` are in the environment. */
    enabled: z.union([z.literal('auto'), z.boolean()]).default('auto'),
    /** Looked at every 5 s: with 50 the mail has left within a minute. */
    afterSeconds: z.int().min(10).max(600).default(50),
    /** Warnings that chat cannot take, in one mail: often enough to be of use, too seldom to be noise. */
    digestMinutes: z.int().min(1).max(1_440).default(10),
  })
  .prefault({})
  .transform(
    ({ enabled, afterSeconds, digestMinutes }): MailConfig => ({
      enabled,
      after: seconds(afterSeconds),
      digestEvery: minutes(digestMinutes),
    }),
  );

const token = z.strictObject({
  name,
  scopes: z.array(z.enum(['read', 'act', 'approve'])).min(1),
  /** File that holds the token, relative to the config folder; never the token itself. */
  tokenFile: z.string().min(1),
});

export const BotConfig: z.ZodType<BotConfig> = z
  .strictObject({
    $schema: z.string().optional(),
    /** As shipped it watches and proposes, and touches nothing until somebody says so. */
    mode: z.enum(['dry-run', 'production']).default('dry-run'),
    /** IANA zone of hours of the day and of times shown; absent: `TZ`, else the system's. */
    timezone: z.string().refine(isTimezone, 'expected an IANA zone such as Europe/Berlin').optional(),
    surfaces: z
      .strictObject({ slack: slackSurface.prefault({}), discord: discordSurface.prefault({}) })
      .prefault({}),
    people: z.array(person).default([]),
    groups: z.array(group).default([]),
    tokens: z.array(token).default([]),
    /** A night with more than one message a minute is read by nobody; criticals go out above it. */
    messageBudgetPerHour: z.int().min(10).max(3_600).default(60),
    mail,
    /** Where people reach the console, for links in cards; absent: cards carry no link. */
    consoleUrl: z.url({ protocol: /^https?$/ }).optional(),
    /** Who may tell us of trouble, and whom we tell. */
    webhooks: WebhookConfig.prefault({}),
    /** Cron jobs that report to `/ping/<id>`. */
    pings: PingsConfig.default([]),
    /** Told in chat and by mail when the schedule writes them: one summary a week is read, seven a day are not. */
    reports: z.strictObject({ post: z.array(z.enum(REPORT_KINDS)).default(['weekly']) }).prefault({}),
  })
  .superRefine((config, context) => {
    for (const fault of [...repeatedNames(config), ...repeatedHooks(config), ...sharedIds(config)]) {
      context.addIssue({ code: 'custom', path: fault.path, message: fault.message });
    }
  });

interface Fault {
  readonly path: (string | number)[];
  readonly message: string;
}

function repeatedNames(config: BotConfig): readonly Fault[] {
  return (['people', 'tokens'] as const).flatMap((list) =>
    repeats(config[list].map((entry, index) => ({ value: entry.name, path: [list, index, 'name'] }))),
  );
}

function repeatedHooks({ webhooks: { sources, sinks }, pings }: BotConfig): readonly Fault[] {
  return [
    ...repeats(
      sources.map(({ source }, at) => ({ value: source, path: ['webhooks', 'sources', at, 'source'] })),
    ),
    ...repeats(sinks.map((sink, at) => ({ value: sink.name, path: ['webhooks', 'sinks', at, 'name'] }))),
    ...repeats(pings.map(({ id }, at) => ({ value: id, path: ['pings', at, 'id'] }))),
  ];
}

/** One account is one person: else a second yes could come from the same pair of hands. */
function sharedIds(config: BotConfig): readonly Fault[] {
  return (['slack', 'discord'] as const).flatMap((surfaceName) =>
    repeats(
      config.people.flatMap((entry, index) =>
        entry[surfaceName].map((value, at) => ({ value, path: ['people', index, surfaceName, at] })),
      ),
    ),
  );
}

function repeats(
  entries: readonly { readonly value: string; readonly path: (string | number)[] }[],
): Fault[] {
  const seen = new Set<string>();
  return entries.flatMap(({ value, path }) => {
    const again = seen.has(value);
    seen.add(value);
    return again ? [{ path, message: `expected once, found ${JSON.stringify(value)} again` }] : [];
  });
}

function isTimezone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    // The platform throws a RangeError for a zone it does not know: that is the answer.
    return false;
  }
}
