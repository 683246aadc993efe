/** The surfaces that are configured: each SDK is loaded by its own worker thread, and only when it is wanted. */
import { mailCheck, rolesCheck } from '../bot/checks.ts';
import type { BotConfig } from '../bot/config.ts';
import { discordChecks } from '../bot/discord/checks.ts';
import { createDiscordSurface } from '../bot/discord/surface.ts';
import { createMailer, type Mailer } from '../bot/email/mailer.ts';
import { slackChecks } from '../bot/slack/checks.ts';
import { createSlackSurface, type SlackSurface } from '../bot/slack/surface.ts';
import type { ChatSurface } from '../bot/surface.ts';
import type { DoctorCheck } from '../domain/doctor.ts';
import type { Clock, HttpClient, Logger } from '../domain/ports.ts';
import type { Environment } from './environment.ts';
import { surfaceOptions } from './surface-options.ts';

export interface Surfaces {
  readonly chat: readonly ChatSurface[];
  /** Takes Slack's signed requests where no app token is given. */
  readonly slackHttp: SlackSurface | null;
  readonly mailer: Mailer | null;
  /** What was configured by half, in words that say what is missing. */
  readonly warnings: readonly string[];
}

export function createSurfaces(
  env: Environment,
  config: BotConfig,
  deps: { readonly clock: Clock; readonly log: Logger },
): Surfaces {
  const options = surfaceOptions(env, config);
  const slack = options.slack === null ? null : createSlackSurface(options.slack, deps);
  const discord = options.discord === null ? null : createDiscordSurface(options.discord, deps);
  return {
    chat: [slack, discord].filter((surface) => surface !== null),
    mailer: options.mail === null ? null : createMailer(options.mail, deps),
    slackHttp: slack !== null && options.slack?.appToken === null ? slack : null,
    warnings: options.warnings,
  };
}

/** What `doctor` and the test commands ask of each configured surface; nothing needs to run for it. */
export function surfaceChecks(
  env: Environment,
  config: BotConfig,
  deps: { readonly clock: Clock; readonly http: HttpClient },
): readonly DoctorCheck[] {
  const { slack, discord, mail, warnings } = surfaceOptions(env, config);
  const current = (): BotConfig => config;
  return [
    ...warnings.map((warning) => halfCheck(warning)),
    ...(slack === null ? [] : [...slackChecks(slack, deps), rolesCheck('slack', current)]),
    ...(discord === null ? [] : [...discordChecks(discord, deps.http), rolesCheck('discord', current)]),
    ...(mail === null ? [] : [mailCheck(createMailer(mail, deps))]),
  ];
}

function halfCheck(warning: string): DoctorCheck {
  return {
    name: 'surfaces',
    run: async () => ({ kind: 'finding', text: `${warning}.`, mend: 'Set it in .env and start again.' }),
  };
}
