/**
 * What the console and the API are given. The interfaces at the end are the console's own questions to parts
 * that may be absent: then their routes do not exist.
 */
import type { Actor } from '../../domain/approval.ts';
import type { ControlResult, OpsControls } from '../../domain/controls.ts';
import type { Sample } from '../../domain/metric.ts';
import type { Clock, EventBus, Live, Logger, Random, StateStore } from '../../domain/ports.ts';
import type { BotConfig, TokenScope } from '../config.ts';
import type { CommandDesk } from '../run.ts';
import type { Hooks } from './hook-routes.ts';

export interface WebDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: Random;
  readonly bus: EventBus;
  readonly states: StateStore;
  readonly controls: OpsControls;
  readonly desk: CommandDesk;
  readonly config: Live<Pick<BotConfig, 'people' | 'groups' | 'consoleUrl'>>;
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** The name this host shows; the console may be reached by it. */
  readonly hostname: string;
  /** Every role. */
  readonly apiToken: string;
  readonly scopedTokens: Live<readonly ScopedToken[]>;
  /** The built page: `dist/page`. */
  readonly pageFolder: string;
  readonly push?: SamplePush;
  readonly demo?: DemoDesk;
  readonly slackHttp?: SlackHttp;
  readonly hooks?: Hooks;
}

/** A token of `bot.json` with what its file holds. */
export interface ScopedToken {
  readonly name: string;
  readonly scopes: readonly TokenScope[];
  readonly token: string;
}

/** Takes samples that other programs push; says which it does not want and why. */
export type SamplePush = (samples: readonly Sample[], by: Actor) => PushResult;

export interface PushResult {
  readonly accepted: number;
  readonly refused: readonly { readonly metric: string; readonly reason: string }[];
}

/** One way of breaking the sandbox patient; the one named `mend` ends the others. */
export interface DemoFault {
  readonly name: string;
  readonly label: string;
  /** What will happen, in one sentence. */
  readonly summary: string;
  readonly active: boolean;
}

/** Present in the demo only. */
export interface DemoDesk {
  faults(): readonly DemoFault[];
  inject(fault: string, by: Actor): Promise<ControlResult>;
}

/** Slack's signed HTTP requests; the signature is checked behind this, over the body as it came. Never rejects. */
export type SlackHttp = (
  rawBody: Buffer,
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
) => Promise<{
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}>;
